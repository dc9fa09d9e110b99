import { expect, test } from './fixtures.ts';
import { readSampleHead } from './sample-head.ts';
import { annotationsOf, boxOf, drag, numbers, open } from './viewer-page.ts';

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

  // The same with the left button and its tool.
  await pane.focus();
  await page.keyboard.press('h');
  const panned = await place();
  await drag(page, 'plane-axial', [-60, -60], [-100, -60]);
  await expect.poll(async () => Math.abs((await place()) - panned + 40)).toBeLessThanOrEqual(2);
  expect(await pane.getAttribute('data-world')).toBe(world);

  // The crosshair takes the other planes to the voxel under it, and tells its value.
  await page.keyboard.press('x');
  await page.mouse.move(middle[0] + 45, middle[1] + 35);
  const readout = page.getByTestId('probe');
  await expect(readout).toContainText('Pointer');
  const under = numbers(await readout.getAttribute('data-world'));
  await page.mouse.click(middle[0] + 45, middle[1] + 35);
  const coordinate = async (plane: string, axis: number) =>
    numbers(await page.getByTestId(`plane-${plane}`).first().getAttribute('data-world'))[axis] ?? NaN;
  await expect.poll(async () => Math.abs((await coordinate('sagittal', 0)) - under[0]!)).toBeLessThanOrEqual(0.5);
  await expect.poll(async () => Math.abs((await coordinate('coronal', 1)) - under[1]!)).toBeLessThanOrEqual(0.5);
  await page.mouse.move(5, 5);
  await expect(readout).toContainText('Crosshair');
  expect(Number(await readout.getAttribute('data-value'))).toBe(valueAt(under.map(Math.round)));
});
