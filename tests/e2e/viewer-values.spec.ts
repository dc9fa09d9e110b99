import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from './fixtures.ts';
import { readSampleHead } from './sample-head.ts';
import { annotationsOf, boxOf, drag, numbers, open, openFile } from './viewer-page.ts';

test.setTimeout(300_000);

test('a probe has the value of its voxel, an angle that of its legs, panning moves the image alone', async ({
  launch,
}) => {
  const page = await open(await launch());
  const pane = page.getByTestId('plane-axial').first();
  const { x, y, width, height } = await boxOf(page, 'plane-axial');
  const middle = [x + width / 2, y + height / 2] as const;

  await pane.focus();
  await page.keyboard.press('p');
  await drag(page, 'plane-axial', [-40, 30], [-40, 30]);
  await expect.poll(async () => (await annotationsOf(page)).length).toBe(1);
  const [probe] = await annotationsOf(page);
  const valueAt = await readSampleHead();
  expect(probe?.measured?.value).toBe(valueAt((probe?.pointsLps[0] ?? []).map(Math.round)));

  await pane.focus();
  await page.keyboard.press('g');
  // One leg along the rows, the other down a column: a right angle.
  for (const [dx, dy] of [
    [80, 0],
    [0, 0],
    [0, 90],
  ] as const) {
    await page.mouse.click(middle[0] + dx, middle[1] + dy);
  }
  await expect.poll(async () => (await annotationsOf(page)).length).toBe(2);
  const angle = (await annotationsOf(page)).find(({ kind }) => kind === 'angle');
  expect(angle?.measured?.angleDegrees).toBeCloseTo(90, 0);

  await page.keyboard.press('Escape');
  const place = async () => (await boxOf(page, 'annotation-angle')).x;
  const before = await place();
  const world = await pane.getAttribute('data-world');
  await page.mouse.move(middle[0] - 60, middle[1] - 60);
  await page.mouse.down({ button: 'middle' });
  await page.mouse.move(middle[0] - 20, middle[1] - 60, { steps: 4 });
  await page.mouse.up({ button: 'middle' });
  await expect.poll(async () => Math.abs((await place()) - before - 40)).toBeLessThanOrEqual(2);
  expect(await pane.getAttribute('data-world')).toBe(world);
});

test('a series without a common frame of reference follows by slice number', async ({ launch, home }) => {
  const running = await launch();
  const page = await open(running);
  const path = join(home, 'other.nii');
  await writeFile(path, smallNifti(200));
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('1×2');
  await page.getByTestId('cell-1').click();
  await openFile(running, path);
  await expect(page.getByTestId('cell-1').getByTestId('slice-axial')).toContainText('/ 200', { timeout: 60_000 });
  await expect(page.getByTestId('cell-0')).toContainText('linked by slice number');
  await page.getByTestId('cell-0').getByTestId('plane-axial').click();
  await page.keyboard.press('Home');
  for (let step = 0; step < 4; step++) await page.keyboard.press('PageDown');
  const slices = () =>
    Promise.all(
      [0, 1].map(async (at) => {
        const text = await page.getByTestId(`cell-${at}`).getByTestId('slice-axial').textContent();
        return Number(/(\d+) \//.exec(text ?? '')?.[1]);
      }),
    );
  await expect.poll(slices).toEqual([41, 41]);
  const heights = await Promise.all(
    [0, 1].map(async (at) =>
      numbers(await page.getByTestId(`cell-${at}`).getByTestId('plane-axial').getAttribute('data-world')).at(2),
    ),
  );
  expect(heights[0]).not.toBe(heights[1]);
});

/** NIfTI-1 of 8 × 8 voxels of 3 mm and so many slices, with an sform of its own. */
function smallNifti(slices: number): Buffer {
  const bytes = Buffer.alloc(352 + 8 * 8 * slices * 2);
  bytes.writeInt32LE(348, 0);
  [3, 8, 8, slices, 1, 1, 1, 1].forEach((size, at) => bytes.writeInt16LE(size, 40 + 2 * at));
  bytes.writeInt16LE(4, 70);
  bytes.writeInt16LE(16, 72);
  [1, 3, 3, 3].forEach((spacing, at) => bytes.writeFloatLE(spacing, 76 + 4 * at));
  bytes.writeFloatLE(352, 108);
  bytes.writeInt16LE(1, 254);
  [0, 1, 2].forEach((axis) => bytes.writeFloatLE(3, 280 + 20 * axis));
  bytes.write('n+1\0', 344, 'latin1');
  for (let at = 0; at < 8 * 8 * slices; at++) bytes.writeInt16LE(at % 500, 352 + 2 * at);
  return bytes;
}
