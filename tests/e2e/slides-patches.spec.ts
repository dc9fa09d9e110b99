import { existsSync } from 'node:fs';
import { copyFile, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { svs } from './corpus-slide.ts';
import { answerDialogs } from './dialogs.ts';
import { expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

test('patches of several slides are one job, and are measured in colour against those of a synthetic slide', async ({
  launch,
}) => {
  test.skip(!existsSync(svs), 'the corpus is not here');
  test.setTimeout(900_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-patches-'));
  const slides = ['first.svs', 'second.svs'].map((name) => join(root, name));
  for (const one of slides) await copyFile(svs, one);
  const [real, synthetic] = [join(root, 'real'), join(root, 'synthetic')];
  const { application, page } = await launch();
  const screens = page.getByRole('navigation', { name: 'Screens' });
  await screens.getByRole('button', { name: 'Slides' }).click();
  await answerDialogs(application, ...slides);
  await page.getByRole('button', { name: 'Open slides…' }).first().click();
  await expect(page.getByRole('region', { name: /^Slide (first|second)\.svs$/ })).toBeVisible({ timeout: slowMs });

  const patches = page.getByRole('region', { name: 'Patches' });
  await patches.getByLabel('Side of a patch (px)').fill('128');
  await answerDialogs(application, real);
  await patches.getByRole('button', { name: 'Make patches of all 2 slides…' }).click();
  await expect(patches.getByText(/patches made in .*, of 2 slides/)).toBeVisible({ timeout: slowMs });
  expect(await readdir(real)).toEqual(expect.arrayContaining(['first', 'patches', 'second']));

  const region = page.getByRole('region', { name: 'Synthetic region' });
  await region.getByLabel('Side (px)').fill('1024');
  await region.getByText('Advanced', { exact: true }).click();
  await region.getByLabel('Steps').fill('3');
  await region.getByRole('button', { name: 'Generate the region' }).click();
  await expect(page.getByRole('region', { name: 'Slide synthetic-1.tif' })).toBeVisible({ timeout: slowMs });

  // A region without glass is tissue everywhere.
  await page
    .getByRole('complementary', { name: 'Slides' })
    .getByRole('button', { name: /^synthetic-1\.tif/ })
    .click();
  await patches.getByLabel('Least share of tissue').fill('0');
  await answerDialogs(application, synthetic);
  await patches.getByRole('button', { name: 'Make patches…' }).click();
  await expect(patches.getByText(/64 patches made in/)).toBeVisible({ timeout: slowMs });

  await screens.getByRole('button', { name: 'Measure', exact: true }).click();
  await answerDialogs(application, real);
  await page.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await answerDialogs(application, synthetic);
  await page.getByRole('button', { name: 'Synthetic images: choose a folder' }).click();
  await page
    .getByRole('form', { name: 'New evaluation' })
    .getByRole('button', { name: 'Measure', exact: true })
    .click();
  const verdicts = page.getByRole('region', { name: 'Verdicts' });
  await expect(verdicts.getByRole('article')).not.toHaveCount(0, { timeout: slowMs });
  await expect(verdicts).toContainText('64 synthetic images');
  await expect(verdicts).toContainText('extractor-histology-128');
  await expect(page.getByText(/brightness/)).toHaveCount(0);
  await page.waitForTimeout(500);
  await keepScreen(page, 'measure-patches');
  await rm(root, { recursive: true, force: true });
});
