import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeTextures } from '../fixtures/texture-folder.ts';
import { answerDialogs } from './dialogs.ts';
import { expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

test('the survey’s experiments: bands are edited, a slice goes through the autoencoder, cohorts lie on a map, families cost', async ({
  launch,
}) => {
  test.setTimeout(900_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-lab-'));
  const real = writeTextures(join(root, 'real'), { count: 60, seed: 1 });
  const synthetic = writeTextures(join(root, 'synthetic'), {
    count: 60,
    seed: 2,
    contrast: 0.4,
    madeBy: 'chest-xray-ldm-128',
  });
  const { application, page } = await launch();
  const answer = (folder: string) => answerDialogs(application, folder);
  await expect(page.getByRole('option').first()).toBeVisible({ timeout: slowMs });
  await page.getByRole('button', { name: 'Measure', exact: true }).click();

  await page.getByRole('tab', { name: 'Wavelets' }).click();
  await page.getByLabel('Image set').selectOption({ index: 1 });
  const bands = page.getByRole('region', { name: 'Wavelet bands' });
  await expect(bands.getByRole('status')).toContainText(/Error of the inverse: largest \d\.\de-(8|7|16|15)/, {
    timeout: slowMs,
  });
  await bands.getByRole('checkbox', { name: 'Set diagonal (cD) of level 1 to zero' }).check();
  await expect(bands.getByRole('status')).toContainText('PSNR', { timeout: slowMs });
  await page.waitForTimeout(800);
  await keepScreen(page, 'measure-wavelets');

  await page.getByRole('tab', { name: 'Latent space' }).click();
  await expect(page.getByLabel('Model')).toHaveValue(/ldm|lwdm/, { timeout: slowMs });
  await page.getByRole('button', { name: 'Encode and decode' }).click();
  const decoded = page.getByRole('region', { name: 'Encoded and decoded' });
  await expect(decoded.getByRole('status')).toContainText(/PSNR \d+\.\d+ dB, SSIM/, { timeout: slowMs });
  await answer(real);
  await page.getByRole('button', { name: 'Real images: choose a folder' }).click();
  await answer(synthetic);
  await page.getByRole('button', { name: 'Synthetic images: choose a folder' }).click();
  await page.getByRole('button', { name: 'Draw the map' }).click();
  const map = page.getByRole('region', { name: 'Map of cohorts' });
  await expect(map.locator('svg path').first()).toBeVisible({ timeout: slowMs });
  await map.getByText('As a table').click();
  await expect(map.getByRole('row', { name: /^synthetic 60/ })).toBeVisible();
  await map.locator('svg[aria-label^="Map of"]').hover({ position: { x: 200, y: 200 } });
  await expect(map.getByRole('img', { name: /^Image / })).toBeVisible();
  await map.scrollIntoViewIfNeeded();
  await page.waitForTimeout(500);
  await keepScreen(page, 'measure-map');

  await page.getByRole('tab', { name: 'Costs' }).click();
  const costs = page.getByRole('region', { name: 'What each family costs' });
  await expect(costs.getByRole('row', { name: /LDM/ }).first()).toBeVisible({ timeout: slowMs });
  await expect(costs.locator('svg rect').first()).toBeVisible();
  await keepScreen(page, 'measure-costs');
});
