import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from '@playwright/test';
import { answerDialogs } from './dialogs.ts';
import { call, expect, test } from './fixtures.ts';
import { readSampleHead } from './sample-head.ts';
import { keepScreen } from './screens.ts';
import { writeSparseSeries } from './second-series.ts';
import { annotationsOf, drag, numbers, open, openFile } from './viewer-page.ts';

/** The sample: 181 × 217 × 181 voxels of 1 mm, its middle at x 0, y 17 in the patient. */
const sample = { columns: 181, rows: 217, middle: [0, 17] as const };

test.setTimeout(400_000);

type GreyAt = (x: number, y: number) => number;

/** Over 17 × 17 places of the axial slice in view: how far the screen's greys are from what they should be. */
async function greyError(page: Page, expected: GreyAt): Promise<number> {
  const places = Array.from(
    { length: 17 * 17 },
    (_, at) => [(at % 17) * 5 - 40, Math.floor(at / 17) * 5 - 40] as const,
  );
  const greys = await page.evaluate(
    ({ at, columns, rows, middle }) => {
      const canvas = document.querySelector<HTMLCanvasElement>('[data-testid=plane-axial] canvas.cornerstone-canvas');
      const context = canvas?.getContext('2d');
      if (!canvas || !context) throw new Error('Nothing is drawn.');
      const { width, height } = canvas;
      const { data } = context.getImageData(0, 0, width, height);
      const scale = Math.min(width / columns, height / rows);
      return at.map(([x, y]) => {
        const px = Math.round(width / 2 + (x - middle[0]) * scale);
        const py = Math.round(height / 2 + (y - middle[1]) * scale);
        return data[(py * width + px) * 4] ?? NaN;
      });
    },
    { at: places, ...sample },
  );
  const errors = places.map(([x, y], at) => Math.abs((greys[at] ?? NaN) - expected(x, y)));
  return errors.reduce((sum, error) => sum + error, 0) / errors.length;
}

async function cornerOf(page: Page): Promise<{ width: number; centre: number; zoom: number }> {
  const text = (await page.locator('[data-testid=slice-axial] + span').first().textContent()) ?? '';
  const [, width = NaN, centre = NaN, zoom = NaN] = (/W (\S+) L (\S+) · (\d+) %/.exec(text) ?? []).map(Number);
  return { width, centre, zoom };
}

test('digits, A, I, W and slabs change the greys as their numbers say', async ({ launch }) => {
  const page = await open(await launch());
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('1×1');
  const pane = page.getByTestId('plane-axial');
  const valueAt = await readSampleHead();
  const height = async () => numbers(await pane.getAttribute('data-world'))[2] ?? NaN;
  const z = await height();
  const windowed = (value: number, { width, centre }: { width: number; centre: number }) =>
    Math.min(255, Math.max(0, ((value - (centre - width / 2)) / width) * 255));
  const isShownBy = async (valueOf: GreyAt, isInverted = false) => {
    await expect
      .poll(
        async () => {
          const window = await cornerOf(page);
          return greyError(page, (x, y) => {
            const grey = windowed(valueOf(x, y), window);
            return isInverted ? 255 - grey : grey;
          });
        },
        { timeout: 60_000 },
      )
      .toBeLessThanOrEqual(4);
  };
  const here: GreyAt = (x, y) => valueAt([x, y, z]);

  await pane.focus();
  const widths: number[] = [];
  for (const key of ['1', '2', '3']) {
    await page.keyboard.press(key);
    await isShownBy(here);
    widths.push((await cornerOf(page)).width);
  }
  expect(widths[1]).toBeCloseTo((widths[0] ?? NaN) / 2, 0);
  expect(widths[2]).toBeGreaterThanOrEqual(widths[0] ?? NaN);

  await page.keyboard.press('i');
  await isShownBy(here, true);
  await page.keyboard.press('i');

  await page.keyboard.press('a');
  await expect.poll(async () => (await cornerOf(page)).width).not.toBe(widths[2]);
  await isShownBy(here);

  const before = await cornerOf(page);
  await page.keyboard.press('w');
  await drag(page, 'plane-axial', [0, 0], [60, 30]);
  await expect.poll(async () => (await cornerOf(page)).width).toBeGreaterThan(before.width);
  await isShownBy(here);
  await page.keyboard.press('r');

  await page.keyboard.press('3');
  const joins: Record<string, (values: number[]) => number> = {
    MIP: (values) => Math.max(...values),
    MinIP: (values) => Math.min(...values),
    mean: (values) => values.reduce((sum, value) => sum + value, 0) / values.length,
  };
  for (const [name, join3] of Object.entries(joins)) {
    await page.keyboard.press('l');
    await expect(page.getByTestId('slab')).toContainText(name, { ignoreCase: true });
    const count = Number(/(\d+) slices/.exec((await page.getByTestId('slab').textContent()) ?? '')?.[1]);
    await isShownBy((x, y) =>
      join3(Array.from({ length: count }, (_, at) => valueAt([x, y, z + at - (count - 1) / 2]))),
    );
    if (name === 'MIP') {
      const window = await cornerOf(page);
      const alone = await greyError(page, (x, y) => windowed(here(x, y), window));
      expect(alone, 'what one slice alone would show').toBeGreaterThan(8);
      await keepScreen(page, 'viewer-slab');
    }
  }
});

test('keys and mouse move through slices, planes, layouts, tags and fusion', async ({ launch, home }) => {
  const running = await launch();
  const page = await open(running);
  const pane = page.getByTestId('plane-axial').first();
  const slice = async () =>
    Number(/(\d+) \//.exec((await page.getByTestId('slice-axial').first().textContent()) ?? '')?.[1]);
  await pane.focus();
  await page.keyboard.press('Home');
  await expect.poll(slice).toBe(1);
  await page.keyboard.press('End');
  await expect.poll(slice).toBe(181);
  await page.keyboard.press('PageUp');
  await expect.poll(slice).toBe(171);
  await page.keyboard.press('ArrowUp');
  await expect.poll(slice).toBe(170);
  await pane.hover();
  await page.mouse.wheel(0, 120);
  await expect.poll(slice).not.toBe(170);

  await page.keyboard.press('z');
  await drag(page, 'plane-axial', [0, 60], [0, -60]);
  await expect.poll(async () => (await cornerOf(page)).zoom).not.toBe(100);
  await page.keyboard.press('0');
  await expect.poll(async () => (await cornerOf(page)).zoom).toBe(100);

  await pane.dblclick();
  await expect(page.getByTestId('plane-sagittal')).toBeHidden();
  await page.keyboard.press('f');
  await expect(page.getByTestId('plane-sagittal')).toBeVisible();
  await pane.focus();
  await page.keyboard.press('Tab');
  await expect(pane).not.toBeFocused();

  const grid = page.getByRole('combobox', { name: 'Layout' });
  for (const [layout, cells] of [
    ['1×1', 1],
    ['2×2', 4],
    ['3×3', 9],
  ] as const) {
    await grid.selectOption(layout);
    await expect(page.locator('[data-testid^=cell-]')).toHaveCount(cells);
  }
  await grid.selectOption('1×2');
  await page.getByTestId('cell-1').click();
  await openFile(running, await writeSparseSeries(home));
  await expect(page.getByTestId('cell-1').getByTestId('slice-axial')).toContainText('/ 91', { timeout: 60_000 });

  await page.getByTestId('cell-0').click();
  await page.getByRole('combobox', { name: 'Lay a series over this one' }).selectOption({ index: 1 });
  const fusion = page.getByTestId('cell-0').getByTestId('fusion').first();
  await expect(fusion).toHaveAttribute('data-ready', 'true', { timeout: 60_000 });
  const opacity = page.getByRole('slider', { name: 'Opacity of the fused series' });
  await opacity.fill('0.25');
  await expect
    .poll(async () => fusion.evaluate((layer) => Number(getComputedStyle(layer).opacity)))
    .toBeCloseTo(0.25, 2);

  await page.getByRole('tab', { name: 'Tags' }).click();
  await page.getByRole('searchbox', { name: 'Search tags' }).fill('InstanceNumber');
  await expect(page.getByRole('tabpanel')).toContainText('(0020,0013)');
  await page.getByRole('combobox', { name: 'Compare with' }).selectOption('This series');
  await page.getByRole('spinbutton', { name: 'Slice of the other series' }).fill('1');
  await page.keyboard.press('Enter');
  await expect(page.getByTestId('tag-differs').first()).toHaveText('1');
  await keepScreen(page, 'viewer-tags');
});

test('measurements leave as a structured report; a series leaves without its identity and with a report', async ({
  launch,
  home,
}) => {
  const running = await launch();
  const page = await open(running);
  await answerDialogs(running.application, home);
  await page.getByTestId('plane-axial').focus();
  await page.keyboard.press('d');
  await drag(page, 'plane-axial', [-60, 0], [60, 0]);
  await expect.poll(async () => (await annotationsOf(page)).length).toBe(1);
  const [length] = await annotationsOf(page);
  const { files } = await call(page, 'annotations.choose', { seriesId: length?.seriesId ?? '', format: 'sr' });
  const report = await readFile(files[0] ?? '', 'latin1');
  expect(report).toContain('Imaging Measurement Report');
  expect(report).toContain(String(length?.measured?.length).slice(0, 6));

  await page
    .getByRole('button', { name: /^Export/ })
    .first()
    .click();
  const dialog = page.getByRole('dialog');
  await dialog.getByRole('combobox', { name: 'Dates' }).selectOption('shift');
  await dialog.getByRole('checkbox', { name: /Sex, age/ }).check();
  await keepScreen(page, 'export-deidentified');
  await dialog.getByRole('button', { name: 'Choose folder and export' }).click();
  await expect(dialog).toBeHidden({ timeout: 120_000 });
  const folder = join(home, (await readdir(home)).find((name) => name.startsWith('series-')) ?? '');
  const told = JSON.parse(await readFile(join(folder, 'deidentification-report.json'), 'utf8')) as {
    files: number;
    methods: string[];
  };
  expect(told.files).toBe(181);
  expect(told.methods.map((text) => /\d+/.exec(text)?.[0])).toEqual(['113100', '113107', '113108']);
  expect((await readFile(join(folder, '0000.dcm'))).includes('113107')).toBe(true);
});
