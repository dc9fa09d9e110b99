import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { decode } from 'fast-png';
import { answerDialogs } from './dialogs.ts';
import { call, enginePid, expect, test } from './fixtures.ts';
import { readSampleHead } from './sample-head.ts';
import { keepScreen } from './screens.ts';
import { drawnShare } from './viewer-page.ts';

const openingMs = 60_000;
const generatingMs = 120_000;

async function showSample(page: Page): Promise<void> {
  await expect(page.getByTestId('slice-axial')).toContainText('/ 181', { timeout: openingMs });
}

/** What the probe says of the pointer, which it follows a frame later. */
function probed(page: Page): Promise<{ world: number[]; value: number }> {
  return page.evaluate(async () => {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    const { world = '', value } = document.querySelector<HTMLElement>('[data-testid=probe]')?.dataset ?? {};
    return { world: world.split(' ').map(Number), value: Number(value) };
  });
}

async function go(page: Page, screen: 'Library' | 'Create' | 'Compare' | 'Review' | 'Runs'): Promise<void> {
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: screen }).click();
}

/** The details of the sampler are folded away at first. */
async function setNumber(page: Page, label: string, value: number): Promise<void> {
  if (label === 'Steps' && !(await page.getByLabel('Steps', { exact: true }).isVisible()))
    await page.getByText('Advanced', { exact: true }).click();
  await page.getByLabel(label, { exact: true }).fill(String(value));
  await page.getByLabel(label, { exact: true }).press('Tab');
}

async function generate(page: Page, images: number): Promise<void> {
  await page.getByRole('button', { name: /^Generate \d+ image/ }).click();
  await expect(page.getByRole('option', { name: /^Synthetic image/ })).toHaveCount(images, { timeout: generatingMs });
  await expect(page.getByRole('contentinfo', { name: 'Jobs' })).toContainText('No job is running', {
    timeout: generatingMs,
  });
}

test('the first start shows the sample head; what is drawn and probed is what the file holds', async ({ launch }) => {
  const { page } = await launch();
  await showSample(page);
  await expect(page.getByRole('option', { name: /^MR, .*181 × 217 × 181, real/ })).toBeVisible();

  const valueAt = await readSampleHead();
  const axial = page.getByTestId('plane-axial');
  const probe = page.getByTestId('probe');
  const box = await axial.boundingBox();
  if (box === null) throw new Error('The axial plane has no place on the screen.');
  // The probe answers from the voxels, before the plane is drawn.
  await expect.poll(() => drawnShare(page), { timeout: 20_000 }).toBeGreaterThan(0.7);
  const drawn: number[] = [];
  const expected: number[] = [];
  for (const [across, down] of [0.36, 0.42, 0.47, 0.53, 0.58, 0.64].flatMap((x) =>
    [0.3, 0.4, 0.62, 0.7].map((y) => [x, y] as const),
  )) {
    const [x, y] = [Math.round(box.x + box.width * across), Math.round(box.y + box.height * down)];
    await page.mouse.move(x, y);
    await expect(probe).toContainText('Pointer');
    const { world, value } = await probed(page);
    expect(value, `at ${world.join(', ')} mm`).toBe(valueAt(world));
    const pixel = decode(await page.screenshot({ clip: { x, y, width: 1, height: 1 } })).data[0] ?? 0;
    drawn.push(pixel);
    expected.push(value);
  }
  expect(correlation(drawn, expected)).toBeGreaterThan(0.97);

  await axial.focus();
  await page.keyboard.press('Home');
  await expect(page.getByTestId('slice-axial')).toContainText(/Slice (1|181) \/ 181/);
  const first = await page.getByTestId('slice-axial').textContent();
  await page.keyboard.press('End');
  await expect(page.getByTestId('slice-axial')).not.toHaveText(first ?? '');
  await page.keyboard.press('ArrowUp');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  await page.mouse.wheel(0, -2400);

  await page.getByRole('tab', { name: 'Tags' }).click();
  await page.getByRole('searchbox', { name: /tag/i }).fill('Modality');
  await expect(page.getByRole('row', { name: '(0008,0060) Modality CS' })).toBeVisible();
  await expect(page.getByRole('cell', { name: 'MR', exact: true })).toBeVisible();
});

test('open, generate, compare, review, restart, repeat: the whole chain through the window', async ({ launch }) => {
  test.setTimeout(600_000);
  const first = await launch();
  const { page } = first;
  await showSample(page);
  await keepScreen(page, 'library');

  await page.getByRole('button', { name: 'Generate from this slice' }).click();
  await setNumber(page, 'Count', 2);
  await setNumber(page, 'Seed', 5);
  await setNumber(page, 'Steps', 6);
  await generate(page, 2);
  await page.getByRole('option', { name: 'Synthetic image 1, seed 5' }).click();
  await page
    .getByRole('button', { name: /^Compare/, exact: false })
    .last()
    .click();
  await expect(page.getByLabel('PSNR')).toContainText('dB', { timeout: openingMs });
  expect(Number.parseFloat((await page.getByLabel('SSIM').textContent()) ?? '')).toBeGreaterThan(0);
  await keepScreen(page, 'compare');
  await page.keyboard.press('2');
  await expect(page.getByLabel('Overlay position')).toBeVisible();
  await page.keyboard.press('3');
  await expect(page.getByLabel('Flicker rate')).toBeVisible();
  await page.keyboard.press('4');
  await expect(page.getByRole('figure', { name: 'Difference of the images' })).toBeVisible();
  await keepScreen(page, 'compare-difference');

  await go(page, 'Create');
  await page.getByLabel('Start from').selectOption('');
  await setNumber(page, 'Count', 4);
  await setNumber(page, 'Seed', 11);
  await generate(page, 4);
  await page.getByRole('option', { name: 'Synthetic image 1, seed 11' }).click();
  await keepScreen(page, 'create');

  await go(page, 'Review');
  await page.getByLabel('Title').fill('Can we tell?');
  await setNumber(page, 'Cases per class', 3);
  await setNumber(page, 'Seed of the order', 3);
  await page.getByRole('button', { name: 'Begin reading' }).click();
  await readCases(page, 1, 3, 6);
  await first.application.close();

  const second = await launch();
  await go(second.page, 'Review');
  await second.page.getByRole('button', { name: 'Go on reading Can we tell?' }).click();
  await readCases(second.page, 4, 6, 6);
  const result = second.page.getByRole('article', { name: 'Review result' });
  await expect(result).toBeVisible({ timeout: openingMs });
  await expect(result).toContainText('Accuracy');
  await keepScreen(second.page, 'review-result');
  const { reviews } = await call(second.page, 'reviews.list', {});
  const stored = await call(second.page, 'reviews.result', { reviewId: reviews[0]?.id ?? '' });
  const answers = stored.items.flatMap((item) => item.answers.map(({ choice }) => choice));
  expect(answers.toSorted()).toEqual([0, 0, 0, 1, 1, 1]);
  const right = stored.items.filter(({ rightShare }) => rightShare === 1).length;
  expect(stored.readers[0]?.accuracy?.value).toBeCloseTo(right / 6, 12);
  expect(stored.items.filter(({ images }) => images[0]?.truth === 'real')).toHaveLength(3);

  await go(second.page, 'Runs');
  const table = second.page.getByRole('table', { name: 'Runs' });
  await expect(table.getByRole('row', { name: /^Star this run Generation/ })).toHaveCount(2);
  await expect(table.getByRole('row', { name: /^Star this run Comparison/ })).not.toHaveCount(0);
  await expect(table.getByRole('row', { name: /^Star this run Review/ })).toHaveCount(1);
  await second.page.getByLabel('Kind').selectOption('generation');
  await expect(second.page.getByText('2 runs', { exact: true })).toBeVisible();
  await table
    .getByRole('row', { name: /^Star this run Generation/ })
    .first()
    .click();
  await second.page.getByRole('button', { name: 'Re-run exactly' }).click();
  await expect(second.page.getByText(/Same bytes as the parent run: 4 outputs/)).toBeVisible({ timeout: generatingMs });
  await keepScreen(second.page, 'runs');
});

test('outputs are exported as DICOM that says it is synthetic, and read back with the badge', async ({ launch }) => {
  test.setTimeout(300_000);
  const { application, page } = await launch();
  await showSample(page);
  await go(page, 'Create');
  await setNumber(page, 'Count', 1);
  await setNumber(page, 'Steps', 2);
  await generate(page, 1);
  const folder = await mkdtemp(join(tmpdir(), 'verisim-export-'));
  await answerDialogs(application, folder);
  await page.getByRole('button', { name: 'Export outputs…' }).click();
  await page.getByRole('menuitem', { name: /DICOM/ }).click();
  const gate = page.getByRole('dialog', { name: 'Before these images leave' });
  await gate.getByText('Export without looking').click();
  await gate.getByLabel('Reason, kept in the log').fill('an image of two steps holds no anatomy');
  await gate.getByRole('button', { name: 'Export unchecked…' }).click();
  const exported = async () => (await readdir(folder, { recursive: true })).filter((name) => name.endsWith('.dcm'));
  await expect.poll(exported).toHaveLength(1);

  await go(page, 'Library');
  await page.getByRole('button', { name: /folder/i }).click();
  await expect(page.getByRole('option', { name: /synthetic$/ })).toBeVisible({ timeout: openingMs });
});

test('kill -9 of the engine and of the application in a run: the queue goes on and every listed image is whole', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const first = await launch();
  await showSample(first.page);
  const { models } = await call(first.page, 'models.list', {});
  const { runId } = await call(first.page, 'runs.generate', {
    modelId: models[0]?.id ?? '',
    count: 16,
    seed: 100,
    classId: null,
    guidance: 1,
    sampler: 'ddim',
    steps: 4,
    provider: 'cpu',
    source: null,
  });
  const finished = async (page: Page) => (await call(page, 'runs.show', { runId })).outputs.length;
  await expect.poll(() => finished(first.page), { timeout: generatingMs, intervals: [100] }).toBeGreaterThan(0);
  process.kill(await enginePid(first.application), 'SIGKILL');
  await expect(async () => expect(await finished(first.page)).toBeGreaterThan(4)).toPass({ timeout: generatingMs });
  const killed = first.application.process();
  const gone = once(killed, 'exit');
  killed.kill('SIGKILL');
  await gone;

  const { page } = await launch();
  await expect(async () => expect((await call(page, 'runs.show', { runId })).state).toBe('done')).toPass({
    timeout: generatingMs,
  });
  const { outputs } = await call(page, 'runs.show', { runId });
  expect(outputs.map(({ index, seed }) => [index, seed])).toEqual(Array.from({ length: 16 }, (_, i) => [i, 100 + i]));
  for (const { path, sha256 } of outputs) {
    expect(
      createHash('sha256')
        .update(await readFile(path))
        .digest('hex'),
    ).toBe(sha256);
  }
});

/** Answers real and synthetic in turn, confidence 3, by keys alone. */
async function readCases(page: Page, from: number, to: number, total: number): Promise<void> {
  const reading = page.getByRole('dialog', { name: 'Blind reading' });
  for (let position = from; position <= to; position++) {
    await expect(reading).toContainText(`Case ${position} of ${total}`);
    await expect(reading.getByRole('button', { name: /^Real/ })).toBeEnabled();
    if (position === 2) await keepScreen(page, 'review-reading');
    await page.keyboard.press(position % 2 === 1 ? 'r' : 's');
    await page.keyboard.press('3');
    await page.keyboard.press('Enter');
  }
  if (to < total) await expect(reading).toContainText(`Case ${to + 1} of ${total}`);
}

function correlation(a: number[], b: number[]): number {
  const mean = (values: number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [ma, mb] = [mean(a), mean(b)];
  const products = a.map((value, i) => (value - ma) * ((b[i] ?? 0) - mb));
  const norm = (values: number[], m: number) => Math.sqrt(values.reduce((sum, value) => sum + (value - m) ** 2, 0));
  return products.reduce((sum, value) => sum + value, 0) / (norm(a, ma) * norm(b, mb));
}
