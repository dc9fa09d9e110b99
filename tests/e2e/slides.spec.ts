import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { svs } from './corpus-slide.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { keepScreen } from './screens.ts';

const slowMs = 240_000;

test('a slide is opened, masked, counted, tiled, drawn on, and compared with a synthetic region', async ({
  launch,
}) => {
  test.skip(!existsSync(svs), 'the corpus is not here');
  test.setTimeout(900_000);
  const { application, page } = await launch();
  await page.getByRole('navigation', { name: 'Screens' }).getByRole('button', { name: 'Slides' }).click();
  await answerDialogs(application, svs);
  await page.getByRole('button', { name: 'Open slides…' }).first().click();

  const pane = page.getByRole('region', { name: 'Slide CMU-1-Small-Region.svs' });
  await expect(pane.locator('canvas').first()).toBeVisible({ timeout: slowMs });
  const { slides } = await call(page, 'slides.list', {});
  const slideId = slides[0]?.id ?? '';
  const tile = await page.evaluate(async (id) => {
    const response = await fetch(`app://verisim/tiles/${id}/12/0_0`);
    return [response.status, response.headers.get('content-type')];
  }, slideId);
  expect(tile).toEqual([200, 'image/jpeg']);
  await expect(pane.locator('svg image')).toBeVisible({ timeout: slowMs });
  await expect(pane.getByText(/µm|mm/)).toBeVisible();

  const tissue = page.getByRole('region', { name: 'Tissue mask' });
  const before = await tissue.getByText(/tissue$/).textContent();
  await tissue.getByLabel('Least saturation').fill('120');
  await expect(tissue.getByText(/tissue$/)).not.toHaveText(before ?? '', { timeout: slowMs });
  await tissue.getByLabel('Threshold by Otsu').check();
  await expect(tissue.getByText(/tissue$/)).toHaveText(before ?? '', { timeout: slowMs });

  const patches = page.getByRole('region', { name: 'Patches' });
  await patches.getByLabel(/Resolution/).fill('1');
  await patches.getByRole('button', { name: 'Dry run' }).click();
  await expect(patches.getByRole('status')).toContainText('9 patches', { timeout: slowMs });
  await expect(pane.locator('rect.patch')).toHaveCount(9);
  await keepScreen(page, 'slides-grid');

  const out = await mkdtemp(join(tmpdir(), 'verisim-tiles-'));
  await answerDialogs(application, out);
  await patches.getByRole('button', { name: 'Make patches…' }).click();
  await expect(patches.getByText(/9 patches made in/)).toBeVisible({ timeout: slowMs });
  const names = await readdir(out);
  expect(names.filter((name) => name.includes('(d=')).length).toBe(9);
  expect(names).toEqual(expect.arrayContaining(['tiles.csv', 'tiles.geojson', 'mask.png']));

  await page.getByRole('radio', { name: 'Measure' }).click();
  const box = (await pane.boundingBox()) ?? { x: 0, y: 0, width: 0, height: 0 };
  const drag = async (points: [number, number][]): Promise<void> => {
    const [first, ...rest] = points.map(([x, y]): [number, number] => [box.x + x * box.width, box.y + y * box.height]);
    await page.mouse.move(...(first ?? [0, 0]));
    await page.mouse.down();
    for (const point of rest) await page.mouse.move(...point, { steps: 4 });
    await page.mouse.up();
  };
  await drag([
    [0.4, 0.4],
    [0.6, 0.4],
  ]);
  await expect(pane.locator('text.length')).toContainText(/µm|mm/);
  await page.getByRole('radio', { name: 'Outline a region' }).click();
  await drag([
    [0.4, 0.3],
    [0.6, 0.3],
    [0.6, 0.6],
    [0.4, 0.6],
  ]);
  await expect(pane.locator('polygon.outline')).toHaveCount(1);
  await page.getByRole('button', { name: 'Save outlines…' }).click();
  await expect.poll(() => readdir(out), { timeout: slowMs }).toContain('CMU-1-Small-Region.geojson');
  await page.getByRole('radio', { name: 'Move' }).click();

  const region = page.getByRole('region', { name: 'Synthetic region' });
  await region.getByLabel('Side (px)').fill('256');
  await region.getByText('Advanced', { exact: true }).click();
  await region.getByLabel('Steps').fill('4');
  await region.getByRole('button', { name: 'Generate the region' }).click();
  const made = page.getByRole('region', { name: 'Slide synthetic-1.tif' });
  await expect(made).toBeVisible({ timeout: slowMs });
  await expect(made.getByText('SYN', { exact: true })).toBeVisible();

  const heat = page.getByRole('region', { name: 'Heat map' });
  await heat.getByLabel('Of every patch').selectOption('haematoxylin');
  await expect(heat.getByRole('status')).toContainText('at the right', { timeout: slowMs });
  await expect(pane.locator('image.heat')).toHaveCount(1);
  await expect(made.locator('image.heat')).toHaveCount(1);
  // Linked with a larger slide that is seen whole, the small one lies in the middle.
  await expect
    .poll(
      async () => {
        const [box, around] = [await made.locator('image.heat').boundingBox(), await made.boundingBox()];
        if (box === null || around === null) return Infinity;
        const across = box.x + box.width / 2 - (around.x + around.width / 2);
        return Math.hypot(across, box.y + box.height / 2 - (around.y + around.height / 2));
      },
      { timeout: slowMs },
    )
    .toBeLessThan(12);
  const models = region.getByLabel('Model');
  await models.selectOption('chest-xray-ldm-128');
  await expect(region.getByText(/Made for DX images \(chest\), not for slides/)).toBeVisible();
  await expect(region.getByRole('option', { name: 'Noise, coarse to fine' })).toBeDisabled();
  await models.selectOption('histology-wdm-128');
  await region.getByLabel('Made from').selectOption('coarse');
  await region.getByLabel('Drawn first').selectOption('2 times smaller');
  await expect(region.getByText(/About 10 windows of the network, 30 calls each/)).toBeVisible();
  await region.getByRole('button', { name: 'Preview' }).click();
  await expect(region.getByText(/12 calls each/)).toBeVisible();
  await region.getByRole('button', { name: 'Generate the region' }).click();
  const layered = page.getByRole('region', { name: 'Slide synthetic-1-coarse-to-fine.tif' });
  await expect(layered).toBeVisible({ timeout: slowMs });
  await expect(layered.getByText('SYN', { exact: true })).toBeVisible();
  await page.waitForTimeout(1_500);
  await keepScreen(page, 'slides-coarse-to-fine');
  await region.getByLabel('Made from').selectOption('variant');
  await expect(region.getByLabel('Strength')).toBeVisible();
  await expect(region.getByLabel('Side (px)')).toHaveCount(0);
  await region.getByRole('button', { name: 'Compare stains of both slides' }).click();
  await expect(page.getByRole('table', { name: 'Stains of both slides' })).toBeVisible({ timeout: slowMs });
  await page.waitForTimeout(1_500);
  await keepScreen(page, 'slides-compare');
  await rm(out, { recursive: true, force: true });
});
