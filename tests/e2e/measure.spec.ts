import { mkdtemp, readdir, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ElectronApplication } from '@playwright/test';
import { writeTextures } from '../fixtures/texture-folder.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

/** The next folder dialogs answer with this folder. */
async function answerFolder(application: ElectronApplication, folder: string): Promise<void> {
  await application.evaluate(({ dialog }, chosen) => {
    dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
  }, folder);
}

test('from two folders to a report: two folders are chosen, the rest is one button each', async ({ launch }) => {
  test.setTimeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-measure-'));
  const real = writeTextures(join(root, 'real'), { count: 70, seed: 1, patients: true });
  const synthetic = writeTextures(join(root, 'synthetic'), { count: 64, seed: 2, madeBy: 'chest-xray-ldm-128' });
  const out = join(root, 'report');
  const { application, page } = await launch();

  await page.getByRole('button', { name: 'Measure' }).click();
  await expect(page.getByRole('heading', { name: 'How good is a synthetic cohort?' })).toBeVisible();
  await answerFolder(application, real);
  await page.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await answerFolder(application, synthetic);
  await page.getByRole('button', { name: 'Synthetic images: choose a folder' }).click();
  await page.getByRole('form', { name: 'New evaluation' }).getByRole('button', { name: 'Measure' }).click();
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

  await answerFolder(application, out);
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
  await page.getByRole('button', { name: 'Measure' }).click();
  await answerFolder(application, real);
  await page.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await page.getByRole('button', { name: 'Synthetic images: choose a folder' }).click();
  await page.getByText('More settings').click();
  await page.getByLabel('Extractor').selectOption({ label: 'Chest X-ray features 128' });
  await page.getByLabel('Random halves for an interval').fill('2000');
  await page.getByRole('form', { name: 'New evaluation' }).getByRole('button', { name: 'Measure' }).click();
  const main = page.getByRole('region', { name: 'Main area' });
  await main.getByRole('button', { name: 'Cancel' }).click({ timeout: slowMs });
  const state = async () => (await call(page, 'runs.list', { kind: 'evaluation' })).rows[0]?.state;
  await expect.poll(state, { timeout: slowMs }).toBe('cancelled');
  await expect(
    page.getByRole('form', { name: 'New evaluation' }).getByRole('button', { name: 'Measure' }),
  ).toBeEnabled();
  await expect(main.getByRole('alert')).toHaveCount(0);
});
