import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Annotation } from '../../preload/annotations.ts';
import { repositoryRoot } from '../../scripts/repository.ts';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { annotationsOf, boxOf, drag, numbers, open, openFile } from './viewer-page.ts';
import { readSampleHead } from './sample-head.ts';
import { keepScreen } from './screens.ts';
import { writeSparseSeries } from './second-series.ts';

/** The sample: 181 × 217 × 181 voxels of 1 mm. */
const sample = { columns: 181, rows: 217 };
test.setTimeout(300_000);

test('measurements equal geometry and voxels, can be undone, and survive a restart', async ({ launch, home }) => {
  const running = await launch();
  const page = await open(running);
  const pane = page.getByTestId('plane-axial');
  const box = await boxOf(page, 'plane-axial');
  const millimetresPerPixel = Math.max(sample.columns / box.width, sample.rows / box.height);

  await pane.focus();
  await page.keyboard.press('m');
  await drag(page, 'plane-axial', [-90, -40], [60, 72]);
  await expect.poll(async () => (await annotationsOf(page)).length).toBe(1);
  const [length] = await annotationsOf(page);
  expect(length?.measured?.length).toBeCloseTo(Math.hypot(150, 112) * millimetresPerPixel, 1);

  await pane.focus();
  await page.keyboard.press('e');
  await drag(page, 'plane-axial', [-60, -90], [40, -10]);
  await page.keyboard.press('b');
  await drag(page, 'plane-axial', [20, 20], [90, 80]);
  await expect.poll(async () => (await annotationsOf(page)).length).toBe(3);
  const valueAt = await readSampleHead();
  for (const region of (await annotationsOf(page)).filter(({ kind }) => kind !== 'length')) {
    const values = voxelsInside(region, valueAt);
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
    expect(region.measured).toMatchObject({
      voxels: values.length,
      minimum: Math.min(...values),
      maximum: Math.max(...values),
    });
    expect(region.measured?.mean).toBeCloseTo(mean, 6);
    expect(region.measured?.standardDeviation).toBeCloseTo(deviation, 6);
    const [a = [0, 0], b = [0, 0]] = region.pointsLps;
    const boxArea = Math.abs((b[0] - a[0]) * (b[1] - a[1]));
    expect(region.measured?.area).toBeCloseTo(region.kind === 'ellipse' ? (Math.PI / 4) * boxArea : boxArea, 6);
  }

  await page.keyboard.press('p');
  await drag(page, 'plane-axial', [-100, 60], [-100, 60]);
  await page.keyboard.press('g');
  await pane.focus();
  await page.keyboard.press('Enter');
  await page.keyboard.press('t');
  await drag(page, 'plane-axial', [70, -120], [70, -120]);
  await page.getByRole('textbox', { name: 'Text of the note' }).fill('Ventricle');
  await page.keyboard.press('Enter');
  await page.keyboard.press('k');
  await expect.poll(async () => (await annotationsOf(page)).map(({ kind }) => kind)).toContain('keyImage');
  await page.getByRole('tab', { name: 'Measurements' }).click();
  const list = page.getByRole('tabpanel').getByRole('listitem');
  await expect(list).toHaveCount(7);
  await keepScreen(page, 'viewer-measurements');

  await pane.focus();
  await page.keyboard.press('Control+z');
  await expect(list).toHaveCount(6);
  await page.keyboard.press('Control+z');
  await expect(list).toHaveCount(5);
  await page.keyboard.press('Control+Shift+Z');
  await expect(list).toHaveCount(6);
  const before = await annotationsOf(page);
  expect(before.map(({ kind }) => kind).sort()).toEqual(['angle', 'ellipse', 'length', 'probe', 'rectangle', 'text']);

  await answerDialogs(running.application, home);
  const { files } = await call(page, 'annotations.choose', { seriesId: before[0]?.seriesId ?? '', format: 'csv' });
  const rows = (await readFile(files[0] ?? '', 'utf8')).trim().split('\r\n');
  expect(rows).toHaveLength(7);
  expect(rows.join('\n')).toContain('Ventricle');

  await running.application.close();
  const again = await launch();
  const reopened = await open(again);
  expect(await annotationsOf(reopened)).toEqual(before);
  await expect(reopened.getByTestId('annotation-ellipse')).toBeVisible();
});

/** Voxel centres of the axial slice inside the figure; the sample's voxels lie on whole millimetres. */
function voxelsInside({ kind, pointsLps }: Annotation, valueAt: (worldLps: number[]) => number): number[] {
  const [a = [0, 0, 0], b = [0, 0, 0]] = pointsLps;
  const values: number[] = [];
  const [cx, cy] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
  const [rx, ry] = [Math.abs(a[0] - b[0]) / 2, Math.abs(a[1] - b[1]) / 2];
  for (let y = Math.ceil(cy - ry); y <= cy + ry; y++) {
    for (let x = Math.ceil(cx - rx); x <= cx + rx; x++) {
      if (kind === 'ellipse' && ((x - cx) / rx) ** 2 + ((y - cy) / ry) ** 2 > 1) continue;
      values.push(valueAt([x, y, a[2]]));
    }
  }
  return values;
}

test('linked views land on the same position in space, and on the reader’s own match', async ({ launch, home }) => {
  const running = await launch();
  const page = await open(running);
  const sparse = await writeSparseSeries(home);
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('1×2');
  await page.getByTestId('cell-1').click();
  await openFile(running, sparse);
  const [left, right] = [0, 1].map((at) => page.getByTestId(`cell-${at}`).getByTestId('plane-axial'));
  if (left === undefined || right === undefined) throw new Error('There are no two views.');
  await expect(right).toBeVisible({ timeout: 60_000 });
  await expect(page.getByTestId('cell-0')).toContainText('linked by position');

  const zooms = async () =>
    (await page.locator('[data-testid^=slice-] + span').allTextContents()).map((text) => /\d+ %/.exec(text)?.[0]);
  await expect.poll(zooms).toEqual(['100 %', '100 %']);
  await left.click();
  for (let step = 0; step < 3; step++) await page.keyboard.press('PageDown');
  await page.keyboard.press('ArrowDown');
  const z = async (pane: typeof left) => numbers(await pane.getAttribute('data-world'))[2] ?? NaN;
  await expect.poll(async () => Math.abs((await z(left)) - (await z(right)))).toBeLessThanOrEqual(1);
  await page.keyboard.press('ArrowDown');
  await expect.poll(async () => Math.abs((await z(left)) - (await z(right)))).toBeLessThanOrEqual(1);

  await page.keyboard.press('3');
  const windows = async () =>
    (await page.locator('[data-testid^=slice-] + span').allTextContents()).map(
      (text) => /W (\S+) L (\S+)/.exec(text)?.[0],
    );
  await expect.poll(async () => new Set(await windows()).size).toBe(1);
  await keepScreen(page, 'viewer-two-studies');

  await page.keyboard.press('Shift+L');
  for (let step = 0; step < 10; step++) await page.keyboard.press('ArrowUp');
  const apart = (await z(left)) - (await z(right));
  expect(Math.abs(apart)).toBeGreaterThanOrEqual(9);
  await page.keyboard.press('Shift+A');
  await expect(page.getByTestId('cell-1')).toContainText('linked by your match');
  await page.keyboard.press('PageDown');
  await expect.poll(async () => Math.abs((await z(left)) - (await z(right)) - apart)).toBeLessThanOrEqual(1);

  await page.getByTestId('cell-0').click();
  await page.getByRole('combobox', { name: 'Lay a series over this one' }).selectOption({ index: 1 });
  await expect(page.getByTestId('fusion').first()).toHaveAttribute('data-ready', 'true', { timeout: 30_000 });
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('2×2');
  await expect(page.getByTestId('cell-3')).toBeVisible();
  await page.waitForTimeout(500);
  await keepScreen(page, 'viewer-fusion');
});

test('cine, turning, colour maps, planes and keys answer to the keyboard, and keys can be changed', async ({
  launch,
}) => {
  const running = await launch();
  const page = await open(running);
  const pane = page.getByTestId('plane-axial');
  await pane.focus();
  const slice = async () => Number(/(\d+) \//.exec((await page.getByTestId('slice-axial').textContent()) ?? '')?.[1]);
  const start = await slice();
  await page.keyboard.press('c');
  await expect.poll(slice).not.toBe(start);
  await page.keyboard.press('c');

  await expect(pane.locator('.edge.right')).toHaveText('L');
  await page.keyboard.press('Shift+H');
  await expect(pane.locator('.edge.right')).toHaveText('R');
  await page.keyboard.press(']');
  await expect(pane.locator('.edge.top')).not.toHaveText('A');
  await page.keyboard.press('Shift+C');
  await expect(page.getByRole('combobox', { name: 'Colour map' })).toHaveValue('hot-iron');
  await keepScreen(page, 'viewer-turned');
  await page.keyboard.press('r');
  await expect(pane.locator('.edge.right')).toHaveText('L');

  await page.keyboard.press('?');
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('button', { name: /^invert grey values/ }).click();
  await page.keyboard.press('y');
  await expect(dialog.getByRole('button', { name: 'invert grey values: Y' })).toBeVisible();
  await keepScreen(page, 'viewer-keys');
  await page.keyboard.press('Escape');
  await expect(dialog).toBeHidden();
  await pane.focus();
  await page.keyboard.press('y');
  await expect(page.getByRole('button', { name: 'Invert', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await running.application.close();

  const again = await open(await launch());
  await again.getByTestId('plane-axial').focus();
  await again.keyboard.press('y');
  await expect(again.getByRole('button', { name: 'Invert', exact: true })).toHaveAttribute('aria-pressed', 'true');
  await again.keyboard.press('F11');
  await expect(again.getByRole('navigation')).toBeHidden();
  await keepScreen(again, 'viewer-reading');
  await again.keyboard.press('Escape');
  await expect(again.getByRole('navigation').first()).toBeVisible();
});

const tilted = join(repositoryRoot, process.env.VERISIM_SHARED ?? '../shared', 'data', 'dicom', 'ct-head-tilted');

test('a tilted series says so in the view (needs shared/data/dicom)', async ({ launch }) => {
  test.skip(!existsSync(tilted), 'shared/data/dicom/ct-head-tilted is not here');
  const running = await launch();
  const page = await open(running);
  await openFile(running, tilted, 'folder');
  const warnings = page.getByRole('list', { name: 'Warnings of this series' });
  await expect(warnings).toContainText(/tilt|spacing|missing/i, { timeout: 60_000 });
  await page.getByTestId('plane-axial').focus();
  await page.keyboard.press('2');
  await keepScreen(page, 'viewer-warnings');
});
