import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { writeLabelled } from '../fixtures/labelled-folder.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

test('what synthetic images and latents are good for: trained, probed, read as plain answers, found again, cancelled', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-useful-'));
  const real = writeLabelled(join(root, 'real'), { count: 32, seed: 1 });
  const synthetic = writeLabelled(join(root, 'synthetic'), { count: 32, seed: 2, madeBy: 'chest-xray-ldm-128' });
  const held = writeLabelled(join(root, 'held-out'), { count: 32, seed: 3 });
  const { application, page } = await launch();
  const choose = async (label: string, folder: string) => {
    await answerDialogs(application, folder);
    await page.getByRole('button', { name: `${label}: choose a folder` }).click();
  };
  await page.getByRole('button', { name: 'Measure', exact: true }).click();

  await page.getByRole('tab', { name: 'Usefulness' }).click();
  await expect(page.getByRole('heading', { name: 'Can a classifier learn from them?' })).toBeVisible();
  await choose('Real images to learn from', real);
  await choose('Synthetic images', synthetic);
  await choose('Real images to test on', held);
  const form = page.getByRole('form', { name: 'New test of usefulness' });
  await form.getByRole('button', { name: 'Train and test' }).click();
  await expect(page.getByRole('progressbar').first()).toBeVisible({ timeout: slowMs });
  const answers = page.getByRole('region', { name: 'Answers' });
  await expect(answers.getByRole('article', { name: /^Synthetic instead of real: as good as real/ })).toBeVisible({
    timeout: slowMs,
  });
  await expect(answers.getByRole('article')).toHaveCount(3);
  await expect(page.getByRole('row', { name: /^Train on synthetic, test on real (1\.000|0\.9\d\d) / })).toBeVisible();
  await expect(page.getByRole('row', { name: /^strong 0 16/ })).toBeVisible();
  await expect(page.locator('svg[aria-label^="AUC with synthetic images added, 5 points"]')).toBeVisible();
  await page.waitForTimeout(400);
  await keepScreen(page, 'measure-usefulness');

  await page.getByRole('tab', { name: 'Linear probe' }).click();
  const probe = page.getByRole('form', { name: 'New probe' });
  await probe.getByLabel(/Chest X-ray.* LDM 128/).check();
  await choose('Real images with classes', held);
  await probe.getByRole('button', { name: 'Probe' }).click();
  await expect(answers.getByRole('article', { name: /^Latents of chest-xray-ldm-128: / })).toBeVisible({
    timeout: slowMs,
  });
  await expect(page.getByRole('row', { name: /^Pixels averaged to \d+ values/ })).toBeVisible();
  await expect(page.locator('svg[aria-label="AUC of linear probes"] circle')).toHaveCount(4);
  await page.waitForTimeout(400);
  await keepScreen(page, 'measure-probe');

  await page.getByRole('button', { name: 'All probes' }).click();
  await page.getByRole('tab', { name: 'Usefulness' }).click();
  await page.getByRole('button', { name: 'Runs' }).click();
  await page.getByRole('row', { name: /Probe of the latents/ }).click();
  await page.getByRole('button', { name: 'Open in Measure' }).click();
  await expect(answers.getByRole('article', { name: /^Latents of chest-xray-ldm-128/ })).toBeVisible();

  await page.getByRole('tab', { name: 'Usefulness' }).click();
  await page.getByText('More settings').click();
  await page.getByLabel('Resamples of patients for an interval').fill('10000');
  await form.getByRole('button', { name: 'Train and test' }).click();
  await page
    .getByRole('region', { name: 'Main area' })
    .getByRole('button', { name: /^Cancel/ })
    .click({ timeout: slowMs });
  const state = async () => (await call(page, 'runs.list', { kind: 'usefulness' })).rows[0]?.state;
  await expect.poll(state, { timeout: slowMs }).toBe('cancelled');
  await expect(form.getByRole('button', { name: 'Train and test' })).toBeEnabled();
  await expect(page.getByRole('region', { name: 'Main area' }).getByRole('alert')).toHaveCount(0);
});
