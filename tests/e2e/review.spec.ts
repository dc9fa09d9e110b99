import { existsSync } from 'node:fs';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const openingMs = 120_000;
const title = 'Three readers';

test('a study of three readers on three machines: made, read, merged, analysed', async ({ home, launch }) => {
  test.setTimeout(900_000);
  const study = join(home, 'heads.verisim-study');
  const owner = await launch();
  await expect(owner.page.getByTestId('slice-axial')).toContainText('/ 181', { timeout: openingMs });
  await generate(owner.page, 4);
  await goToReview(owner.page);
  await owner.page.getByLabel('Pseudonym').fill('Ada');
  await owner.page.getByLabel('Specialty').fill('Neuroradiology');
  await owner.page.getByLabel('Title').fill(title);
  await setNumber(owner.page, 'Cases per class', 3);
  await setNumber(owner.page, 'Seed of the order', 5);
  await owner.page.getByLabel(/Several readers/).check();
  await owner.page.getByText('More of the design').click();
  await owner.page.getByLabel('mark a region').check();
  await setNumber(owner.page, 'Planted repeats', 1);
  await expect(owner.page.getByLabel('Sample size')).toContainText('One reader needs');
  await keepScreen(owner.page, 'review-design');
  await owner.page.getByRole('button', { name: 'Freeze the study' }).click();
  await expect(owner.page.getByRole('button', { name: `Read ${title}` })).toBeVisible({ timeout: openingMs });
  await answerDialogs(owner.application, study);
  await owner.page.getByRole('button', { name: `Save ${title} for other readers` }).click();
  await expect(owner.page.getByRole('status').filter({ hasText: 'Saved as' })).toBeVisible({ timeout: openingMs });
  await owner.page.getByRole('button', { name: `Read ${title}` }).click();
  await readAll(owner.page, 0);
  await owner.application.close();

  const answers: string[] = [];
  for (const [index, name] of ['Ben', 'Cleo'].entries()) {
    const reader = await launch(join(home, name));
    await goToReview(reader.page);
    await answerDialogs(reader.application, study);
    await reader.page.getByRole('button', { name: 'Open a study or answers…' }).click();
    await expect(reader.page.getByText('from another machine')).toBeVisible({ timeout: openingMs });
    await reader.page.getByLabel('Pseudonym').fill(name);
    await reader.page.getByRole('button', { name: `Read ${title}` }).click();
    await readAll(reader.page, index + 1);
    const file = join(home, `${name}.verisim-answers`);
    await answerDialogs(reader.application, file);
    await reader.page.getByRole('button', { name: `Save the answers of ${name}` }).click();
    await expect.poll(() => existsSync(file), { timeout: openingMs }).toBe(true);
    answers.push(file);
    await reader.application.close();
  }

  const { application, page } = await launch();
  await goToReview(page);
  const open = async (file: string) => {
    await answerDialogs(application, file);
    await page.getByRole('button', { name: 'Open a study or answers…' }).click();
  };
  const tampered = join(home, 'tampered.verisim-answers');
  await writeFile(tampered, (await readFile(answers[0]!, 'utf8')).replace('"choice": 0', '"choice": 1'));
  await open(tampered);
  await expect(page.getByText(/changed after they were signed/)).toBeVisible({ timeout: openingMs });
  for (const [index, file] of answers.entries()) {
    await open(file);
    await expect(page.getByText('7 of 7, merged')).toHaveCount(index + 1, { timeout: openingMs });
  }
  await open(answers[0]!);
  await expect(page.getByText(/answers count once/)).toBeVisible({ timeout: openingMs });

  await page.getByRole('button', { name: `Close ${title} and show the result` }).click();
  const result = page.getByRole('article', { name: 'Review result' });
  await expect(result).toBeVisible({ timeout: openingMs });
  await expect(result.getByLabel('Readers together')).toContainText('All readers');
  await expect(result.getByLabel('Agreement')).toContainText('Fleiss κ');
  await result.getByRole('button', { name: 'Cleo' }).click();
  await expect(result.getByLabel('Accuracy', { exact: true })).toContainText('Cleo, 6 cases');
  await keepScreen(page, 'review-several-readers');
  const cases = result.getByLabel('Cases', { exact: true });
  await cases.getByRole('button', { name: /^Marked regions/ }).click();
  const heat = cases.getByRole('img', { name: /Heat map of \d marked region/ }).first();
  await heat.scrollIntoViewIfNeeded();
  // Where something is marked the map is not clear, and elsewhere it is.
  const opacities = await heat.locator('canvas').evaluate((canvas: HTMLCanvasElement) => {
    const { data } = canvas.getContext('2d')!.getImageData(0, 0, canvas.width, canvas.height);
    return Array.from(data).filter((_, at) => at % 4 === 3);
  });
  expect([Math.min(...opacities), Math.max(...opacities)]).toEqual([0, 215]);
  await keepScreen(page, 'review-marked');
  for (const [name, ending] of [
    ['CSV', 'csv'],
    ['iMRMC', 'imrmc'],
    ['JSON', 'json'],
    ['HTML report', 'html'],
  ] as const) {
    const file = join(home, `result.${ending}`);
    await answerDialogs(application, file);
    await result.getByRole('button', { name: `Export as ${name}` }).click();
    await expect.poll(() => existsSync(file), { timeout: openingMs }).toBe(true);
  }
  const { reviews } = await call(page, 'reviews.list', {});
  const stored = await call(page, 'reviews.result', { reviewId: reviews[0]?.id ?? '' });
  expect(stored.readers.map(({ reader }) => reader.pseudonym).toSorted()).toEqual(['Ada', 'Ben', 'Cleo']);
  expect(stored.items.flatMap((item) => item.answers)).toHaveLength(18);
  expect(stored.items.some((item) => item.answers.some(({ mark }) => mark !== null))).toBe(true);
  expect(stored.several?.estimates.length).toBeGreaterThanOrEqual(2);
});

async function goToReview(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Review' }).click();
  await expect(page.getByRole('heading', { name: 'Reviews', exact: true })).toBeVisible({ timeout: openingMs });
}

async function setNumber(page: Page, label: string, value: number): Promise<void> {
  await page.getByLabel(label, { exact: true }).fill(String(value));
  await page.getByLabel(label, { exact: true }).press('Tab');
}

async function generate(page: Page, count: number): Promise<void> {
  const { models } = await call(page, 'models.list', {});
  const model = models.find(({ modality }) => modality === 'MR') ?? models[0]!;
  const { runId } = await call(page, 'runs.generate', {
    modelId: model.id,
    count,
    seed: 1,
    classId: null,
    guidance: 1,
    sampler: 'ddim',
    steps: 2,
    provider: 'cpu',
    source: null,
  });
  await expect
    .poll(async () => (await call(page, 'runs.show', { runId })).state, { timeout: openingMs, intervals: [500] })
    .toBe('done');
}

/** Answers every case by keys, marks a region in the first, and leaves the calm last screen. */
async function readAll(page: Page, shift: number): Promise<void> {
  const reading = page.getByRole('dialog', { name: 'Blind reading' });
  for (let position = 1; position <= 7; position++) {
    await expect(reading).toContainText(`Case ${position} of 7`, { timeout: openingMs });
    await expect(reading.getByRole('button', { name: /^Real/ })).toBeEnabled({ timeout: openingMs });
    if (position === 1) {
      const box = (await reading.getByRole('group', { name: 'The image to judge' }).boundingBox())!;
      await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await page.mouse.down();
      await page.mouse.move(box.x + box.width / 2 + 40, box.y + box.height / 2 + 20);
      await page.mouse.up();
    }
    if (position === 2 && shift === 0) await keepScreen(page, 'review-reading');
    await page.keyboard.press((position + shift) % 3 === 0 ? 'r' : 's');
    await page.keyboard.press(String(1 + ((position * (shift + 1)) % 4)));
    await page.keyboard.press('Enter');
  }
  await expect(reading.getByLabel('Finished')).toBeVisible({ timeout: openingMs });
  await reading.getByRole('button', { name: 'Leave' }).click();
}
