import { mkdir, mkdtemp, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodePng8 } from '../../main/imaging/png.ts';
import { randomFrom } from '../../main/evaluation/random.ts';
import { writeTextures } from '../fixtures/texture-folder.ts';
import { expect, test } from './fixtures.ts';

const slowMs = 240_000;

/** Colour noise of another size. */
async function writeColour(folder: string, count: number): Promise<string> {
  const random = randomFrom(5);
  await mkdir(folder, { recursive: true });
  for (let image = 0; image < count; image++) {
    const values = Uint8Array.from({ length: 96 * 96 * 3 }, () => Math.floor(random() * 256));
    await writeFile(join(folder, `${image}.png`), encodePng8({ width: 96, height: 96, channels: 3, values }));
  }
  return folder;
}

test('a set against itself, three images, colour of another size, a class missing and an empty folder: a clear answer each', async ({
  launch,
}) => {
  test.setTimeout(600_000);
  const root = await mkdtemp(join(tmpdir(), 'verisim-edges-'));
  const real = join(root, 'real');
  writeTextures(join(real, 'a'), { count: 26, seed: 1 });
  writeTextures(join(real, 'b'), { count: 26, seed: 2 });
  const three = writeTextures(join(root, 'three'), { count: 3, seed: 3 });
  const colour = await writeColour(join(root, 'colour'), 20);
  writeTextures(join(root, 'lacking', 'a'), { count: 26, seed: 4 });
  const empty = join(root, 'empty');
  await mkdir(empty);
  const { application, page } = await launch();
  const choose = async (label: string, folder: string) => {
    await application.evaluate(({ dialog }, chosen) => {
      dialog.showOpenDialog = () => Promise.resolve({ canceled: false, filePaths: [chosen] });
    }, folder);
    await page.getByRole('button', { name: `${label}: choose a folder` }).click();
  };
  await page.getByRole('button', { name: 'Measure', exact: true }).click();
  const form = page.getByRole('form', { name: 'New evaluation' });
  await choose('Real images', real);
  for (const _ of [2, 3, 4]) await form.getByRole('button', { name: 'Compare with another cohort' }).click();
  for (const [at, [name, folder]] of [
    ['itself', real],
    ['three', three],
    ['colour', colour],
    ['lacking', join(root, 'lacking')],
  ].entries()) {
    await choose(`Synthetic images, cohort ${at + 1}`, folder!);
    await form.getByLabel(`Name of cohort ${at + 1}`).fill(name!);
  }
  await form.getByText('More settings').click();
  await form.getByLabel('Radiomic distance too').uncheck();
  await form.getByLabel('Extractor').selectOption({ label: 'Chest X-ray features 128' });
  await form.getByLabel('Random halves for an interval').fill('10');
  await form.getByRole('button', { name: 'Measure', exact: true }).click();

  const cohorts = page.getByRole('group', { name: 'Cohort', exact: true });
  const verdicts = page.getByRole('region', { name: 'Verdicts' });
  await cohorts.getByRole('button', { name: 'itself' }).click({ timeout: slowMs });
  await expect(verdicts).toContainText('52 of 52 synthetic images are the same as an image of the real folder');
  await expect(verdicts.getByRole('article', { name: 'How original: clear difference' })).toContainText('52 of 52');
  await cohorts.getByRole('button', { name: 'three' }).click();
  await expect(verdicts.getByRole('article', { name: 'How close to real: cannot be told' })).toContainText('3 images');
  await expect(page.getByRole('row', { name: /^KID Not given: 3 images are too few/ })).toBeVisible();
  await cohorts.getByRole('button', { name: 'colour' }).click();
  await expect(verdicts).toContainText('0 real and 20 synthetic images are in colour; only their brightness');
  await expect(verdicts).toContainText('The images have 2 sizes');
  await cohorts.getByRole('button', { name: 'lacking' }).click();
  await expect(verdicts).toContainText('The synthetic set has no image of the class b (26 in the other)');
  await expect(page.getByText('Class a: 26 real, 26 synthetic')).toBeVisible();

  for (const _ of [2, 3, 4]) await form.getByRole('button', { name: 'Remove' }).first().click();
  await form.getByRole('button', { name: /^Take .*lacking/ }).click();
  await choose('Synthetic images', empty);
  await form.getByRole('button', { name: 'Measure', exact: true }).click();
  await expect(page.getByRole('region', { name: 'Main area' }).getByRole('alert')).toContainText(
    'holds no image that can be measured',
    { timeout: slowMs },
  );
});
