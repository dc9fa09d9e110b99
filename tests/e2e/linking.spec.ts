import { join } from 'node:path';
import { writeNiftiFile } from '../unit/handlers/nifti-file.ts';
import { expect, test } from './fixtures.ts';
import { open, openFile } from './viewer-page.ts';

test('two studies without a common frame of reference are linked by slice number', async ({ launch, home }) => {
  const running = await launch();
  const page = await open(running);
  const file = join(home, 'other.nii');
  writeNiftiFile(file, { seed: 3, slices: 120 });
  await page.getByRole('combobox', { name: 'Layout' }).selectOption('1×2');
  await page.getByTestId('cell-1').click();
  await openFile(running, file);
  const [left, right] = [0, 1].map((cell) => page.getByTestId(`cell-${cell}`));
  await expect(right!.getByTestId('slice-axial')).toContainText('/ 120', { timeout: 60_000 });
  await expect(left!).toContainText('linked by slice number');
  await left!.getByTestId('plane-axial').click();
  const numberIn = async (cell: typeof left): Promise<number> =>
    Number(/Slice (\d+)/.exec((await cell!.getByTestId('slice-axial').textContent()) ?? '')?.[1]);
  const before = await numberIn(left);
  for (let press = 0; press < 5; press++) await page.keyboard.press('ArrowDown');
  await expect.poll(() => numberIn(left)).not.toBe(before);
  await expect.poll(async () => (await numberIn(right)) - (await numberIn(left))).toBe(0);
  await page.keyboard.press('End');
  await expect.poll(() => numberIn(left)).toBe(181);
  await expect.poll(() => numberIn(right)).toBe(120);
});
