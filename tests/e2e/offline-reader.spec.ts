import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 120_000;

test('a study is read as a page in a browser without the application, and its signed answers are merged', async ({
  home,
  launch,
}) => {
  test.setTimeout(600_000);
  const { application, page } = await launch();
  await expect(page.getByTestId('slice-axial')).toContainText('/ 181', { timeout: slowMs });
  const { series } = await call(page, 'studies.list', {});
  const { models } = await call(page, 'models.list', {});
  const modelId = (models.find(({ modality }) => modality === 'MR') ?? models[0]!).id;
  const plain = { classId: null, guidance: 1, sampler: 'ddim', provider: 'cpu', source: null } as const;
  const { runId } = await call(page, 'runs.generate', { ...plain, modelId, count: 3, seed: 1, steps: 2 });
  await expect.poll(async () => (await call(page, 'runs.show', { runId })).state, { timeout: slowMs }).toBe('done');
  const { id } = await call(page, 'reviews.create', {
    title: 'Offline heads',
    question: 'real-or-synthetic',
    choices: 1,
    real: [{ kind: 'series', seriesId: series[0]!.id }],
    synthetic: [{ kind: 'run', runId }],
    casesPerClass: 2,
    seed: 3,
    trainingCases: 1,
    repeats: 0,
    sessions: 1,
    washOutDays: 0,
    timeLimitSeconds: null,
    tools: { zoom: true, window: true, mark: true, comment: true },
    showsResult: false,
    margin: 0.1,
  });
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Review' }).click();
  const file = join(home, 'heads.html');
  await answerDialogs(application, file);
  await page.getByRole('button', { name: 'Save Offline heads as a page for any browser' }).click();
  await expect.poll(() => existsSync(file), { timeout: slowMs }).toBe(true);

  // Chromium as it is, in a session of its own: neither bridge nor policy of the application.
  const answers = join(home, 'back.verisim-answers');
  const opened = application.waitForEvent('window');
  await application.evaluate(
    async ({ BrowserWindow, session }, [from, to]) => {
      const browser = session.fromPartition('reader');
      browser.on('will-download', (_event, item) => item.setSavePath(to));
      const window = new BrowserWindow({ width: 1200, height: 900, webPreferences: { session: browser } });
      await window.loadFile(from);
    },
    [file, answers] as const,
  );
  const reader = await opened;
  const problems: string[] = [];
  reader.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  await reader.getByLabel('Pseudonym').fill('Dora');
  await reader.getByLabel('Specialty').fill('Thorax');
  await reader.getByRole('button', { name: 'Begin reading' }).click();
  const total = 5;
  for (let position = 1; position <= total; position++) {
    await expect(reader.getByText(`Case ${position} of ${total}`)).toBeVisible({ timeout: slowMs });
    await expect(reader.locator('.surface img')).toHaveCount(1);
    if (position === 2) {
      const box = (await reader.getByRole('group', { name: 'The image to judge' }).boundingBox())!;
      await reader.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
      await reader.mouse.down();
      await reader.mouse.move(box.x + box.width / 2 + 60, box.y + box.height / 2);
      await reader.mouse.up();
      await keepScreen(reader, 'review-offline-page');
      await reader.keyboard.press('p');
      await expect(reader.getByLabel('Paused')).toBeVisible();
      await reader.keyboard.press('p');
    }
    if (position === 3) {
      // As after a crash: the page comes back at the same case.
      await reader.reload();
      await expect(reader.getByLabel('Pseudonym')).toHaveValue('Dora');
      await reader.getByRole('button', { name: 'Go on at case 3' }).click();
      await expect(reader.getByText(`Case 3 of ${total}`)).toBeVisible({ timeout: slowMs });
    }
    await expect(async () => {
      await reader.keyboard.press('s');
      await expect(reader.getByRole('button', { name: /^Synthetic/ })).toHaveAttribute('aria-pressed', 'true', {
        timeout: 500,
      });
    }).toPass({ timeout: slowMs });
    await reader.keyboard.press('3');
    await reader.keyboard.press('Enter');
    if (position === 1) {
      await expect(reader.getByText(/the answer is/)).toBeVisible();
      await reader.keyboard.press('Enter');
    }
  }
  await expect(reader.getByLabel('Finished')).toBeVisible();
  await reader.getByRole('button', { name: 'Save the answers' }).click();
  await expect.poll(() => existsSync(answers), { timeout: slowMs }).toBe(true);
  await expect(reader.getByText(/Thank you/)).toBeVisible();
  expect(problems).toEqual([]);
  const body = JSON.parse(await readFile(answers, 'utf8')) as { body: { answers: { mark: object | null }[] } };
  expect(body.body.answers[1]?.mark).not.toBeNull();

  await answerDialogs(application, answers);
  await page.getByRole('button', { name: 'Open a study or answers…' }).click();
  await expect(page.getByText('5 of 5, merged')).toBeVisible({ timeout: slowMs });
  await call(page, 'reviews.close', { reviewId: id });
  const result = await call(page, 'reviews.result', { reviewId: id });
  expect(result.readers.map(({ reader: { pseudonym }, n }) => [pseudonym, n])).toEqual([['Dora', 4]]);
});
