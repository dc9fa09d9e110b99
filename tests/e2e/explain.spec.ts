import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

test('the person asks why a generated image looks so, watches, looks at the maps, and finds them again', async ({
  launch,
}) => {
  test.setTimeout(900_000);
  const { page } = await launch();
  const { runId } = await call(page, 'runs.generate', {
    modelId: 'chest-xray-ldm-128',
    count: 2,
    seed: 5,
    classId: 'normal',
    guidance: 1.5,
    sampler: 'dpmpp-2m',
    steps: 12,
    provider: 'cpu',
    source: null,
    first: false,
  });
  await expect
    .poll(async () => (await call(page, 'runs.show', { runId })).state, { timeout: slowMs, intervals: [2_000] })
    .toBe('done');

  await page.getByRole('button', { name: 'Runs' }).click();
  await page.getByRole('row', { name: /chest/i }).first().click();
  await page.getByRole('option', { name: 'Synthetic image 2, seed 6' }).click();
  await page.getByRole('button', { name: 'Why does image 2 look so?' }).click();
  const dialog = page.getByRole('dialog', { name: 'Why image 2 looks so' });
  await dialog.getByLabel('Other seeds').fill('4');
  await dialog.getByRole('button', { name: 'Explain this image' }).click();
  await expect(dialog.getByRole('progressbar')).toBeVisible({ timeout: slowMs });
  await expect(dialog.getByRole('radio', { name: /Spread over seeds/ })).toBeChecked({ timeout: slowMs });
  await expect(dialog.getByRole('region', { name: 'Slow convergence' })).toContainText(
    /Too few steps|Borderline|Converged/,
  );
  await expect(dialog.getByRole('img', { name: /Colour scale of Spread over seeds, % of the range/ })).toBeVisible();
  await expect(dialog.getByRole('region', { name: 'Trajectory of the clean image' }).getByRole('listitem')).toHaveCount(
    10,
  );
  await page.waitForTimeout(1_000);
  await keepScreen(page, 'explain-spread');

  await dialog.getByRole('radio', { name: /Spread over seeds/ }).press('ArrowDown');
  await expect(dialog.getByRole('radio', { name: /Noise and restore/ })).toBeChecked();
  await dialog.getByRole('radio', { name: /Made with Bacteria/ }).check();
  await expect(dialog.getByText(/it is no effect of a disease/)).toBeVisible();
  await page.waitForTimeout(1_000);
  await keepScreen(page, 'explain-class');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();

  await page.getByRole('button', { name: 'Why does image 2 look so?' }).click();
  await expect(dialog.getByRole('radio', { name: /Made with Bacteria/ })).toBeChecked({ timeout: slowMs });
  await expect(dialog.getByText(/made again within 0\.\d\d %/)).toBeVisible();
});

test('the frontier of stored comparisons is drawn below the models, and stands there as a table', async ({
  launch,
}) => {
  test.setTimeout(300_000);
  const { page } = await launch();
  const { comparisons } = await call(page, 'frontier.list', {});
  test.skip(comparisons.length === 0, 'no comparison of packs is stored in models/');
  await page.getByRole('button', { name: 'Create' }).click();
  await page.getByRole('tab', { name: 'Models' }).click();
  const section = page.getByRole('region', { name: 'Speed, quality and diversity' });
  await section.scrollIntoViewIfNeeded({ timeout: slowMs });
  await expect(section.locator('svg circle').first()).toBeVisible({ timeout: slowMs });
  await section.getByText('As a table').click();
  await expect(section.getByRole('row')).toHaveCount((comparisons[0]?.rows.length ?? 0) + 1);
  await section.scrollIntoViewIfNeeded();
  await keepScreen(page, 'frontier');
});
