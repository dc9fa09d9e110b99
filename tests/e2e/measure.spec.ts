import { copyFile, mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTextures } from '../fixtures/texture-folder.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

test('from two folders to a report: two folders are chosen, the rest is one button each', async ({ launch }) => {
  test.setTimeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-measure-'));
  const real = writeTextures(join(root, 'real'), { count: 70, seed: 1, patients: true });
  const synthetic = writeTextures(join(root, 'synthetic'), { count: 64, seed: 2, madeBy: 'chest-xray-ldm-128' });
  const out = join(root, 'report');
  const { application, page } = await launch();

  await page.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(page.getByRole('heading', { name: 'How good is a synthetic cohort?' })).toBeVisible();
  await answerDialogs(application, real);
  await page.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await answerDialogs(application, synthetic);
  await page.getByRole('button', { name: 'Synthetic images: choose a folder' }).click();
  await page
    .getByRole('form', { name: 'New evaluation' })
    .getByRole('button', { name: 'Measure', exact: true })
    .click();
  await expect(page.getByRole('progressbar').first()).toBeVisible({ timeout: slowMs });

  const verdicts = page.getByRole('region', { name: 'Verdicts' });
  await expect(verdicts.getByRole('article')).not.toHaveCount(0, { timeout: slowMs });
  await expect(verdicts).toContainText('64 synthetic images, 70 real images');
  await expect(verdicts).toContainText('extractor-chest-xray-128');
  await verdicts.getByText('The numbers behind it').first().click();
  await expect(page.getByRole('row', { name: /^FID Not given/ })).toContainText('full rank');
  await expect(page.getByRole('row', { name: /^KID/ })).toContainText('(n 3');
  await expect(page.locator('figure svg circle').first()).toBeVisible();
  await expect(page.getByRole('img', { name: /beside its nearest real image/ })).toHaveCount(24);
  await page.waitForTimeout(500);
  await keepScreen(page, 'measure-verdicts');

  await answerDialogs(application, out);
  await page.getByRole('button', { name: 'Save report…' }).click();
  await expect(page.getByRole('status').filter({ hasText: 'Saved' })).toBeVisible({ timeout: slowMs });
  const files = await readdir(out);
  expect(files.map((name) => name.split('.').at(-1)).sort()).toEqual(['csv', 'html', 'json']);
  const html = await readFile(join(out, files.find((name) => name.endsWith('.html')) ?? ''), 'utf8');
  expect(html.match(/<img [^>]*src="data:image\/png;base64,/g)).toHaveLength(24);
  expect(html).not.toMatch(/(src|href)="(?!data:)/);
  expect(html).toContain('CLAIM');
});

test('an evaluation is cancelled, and its row says so', async ({ launch }) => {
  test.setTimeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-measure-'));
  const real = writeTextures(join(root, 'real'), { count: 200, seed: 3 });
  const { application, page } = await launch();
  await page.getByRole('button', { name: 'Measure', exact: true }).click();
  await answerDialogs(application, real);
  await page.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await page.getByRole('button', { name: 'Synthetic images: choose a folder' }).click();
  await page.getByText('More settings').click();
  await page.getByLabel('Extractor').selectOption({ label: 'Chest X-ray features 128' });
  await page.getByLabel('Random halves for an interval').fill('2000');
  await page
    .getByRole('form', { name: 'New evaluation' })
    .getByRole('button', { name: 'Measure', exact: true })
    .click();
  const main = page.getByRole('region', { name: 'Main area' });
  await main.getByRole('button', { name: 'Cancel' }).click({ timeout: slowMs });
  const state = async () => (await call(page, 'runs.list', { kind: 'evaluation' })).rows[0]?.state;
  await expect.poll(state, { timeout: slowMs }).toBe('cancelled');
  await expect(
    page.getByRole('form', { name: 'New evaluation' }).getByRole('button', { name: 'Measure', exact: true }),
  ).toBeEnabled();
  await expect(main.getByRole('alert')).toHaveCount(0);
});

test('a copy is caught before it leaves: it is shown beside its original, and goes only with a reason', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-gate-'));
  const real = writeTextures(join(root, 'real'), { count: 60, seed: 5 });
  const { application, page } = await launch();
  const { runId } = await call(page, 'runs.generate', {
    modelId: 'chest-xray-ldm-128',
    count: 3,
    seed: 5,
    classId: null,
    guidance: 1,
    sampler: 'dpmpp-2m',
    steps: 8,
    provider: 'cpu',
    source: null,
  });
  const state = async () => (await call(page, 'runs.show', { runId })).state;
  await expect.poll(state, { timeout: slowMs }).toBe('done');
  const { outputs } = await call(page, 'runs.show', { runId });
  await copyFile(outputs[1]?.path ?? '', join(real, 'planted.png'));

  await page.getByRole('button', { name: 'Runs' }).click();
  await page
    .getByRole('row', { name: /^Star this run Generation/ })
    .first()
    .click();
  await answerDialogs(application, real);
  await page.getByRole('button', { name: 'Export outputs…' }).click();
  await page.getByRole('menuitem', { name: /PNG/ }).click();
  const gate = page.getByRole('dialog', { name: 'Before these images leave' });
  await gate.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await gate.getByRole('button', { name: 'Look for copies' }).click();
  await expect(gate.getByText('1 image of 3')).toBeVisible({ timeout: slowMs });
  await expect(gate.getByRole('img', { name: 'Image 2 beside its nearest real image planted.png' })).toBeVisible();
  await expect(gate.getByRole('button', { name: 'Export 2 images…' })).toBeEnabled();
  await gate.getByLabel('Keep, because').check();
  await expect(gate.getByRole('button', { name: 'Export 3 images…' })).toBeDisabled();
  await gate.getByLabel('Reason to keep image 2').fill('planted by a test');
  await page.waitForTimeout(400);
  await keepScreen(page, 'measure-gate');
  const out = join(root, 'out');
  await answerDialogs(application, out);
  await gate.getByRole('button', { name: 'Export 3 images…' }).click();
  await expect(gate).toBeHidden({ timeout: slowMs });
  await expect(page.getByText(/3 files written/)).toBeVisible();
  const { rows } = await call(page, 'runs.list', { kind: 'export' });
  const { warnings } = await call(page, 'runs.show', { runId: rows[0]?.id ?? '' });
  expect(warnings.join()).toContain('planted by a test');
});
