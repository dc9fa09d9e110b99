import { VerisimError } from '../../preload/errors.ts';
import { readImageSet, type SetImage } from './evaluate-images.ts';

/**
 * The images of a folder that have a class (see `readImageSet`; `column` of manifest.csv). Images without one are left out;
 * `unlabelled` counts them. Throws EmptyFolder, and InvalidInput where fewer than two classes are found.
 */
export async function readLabelledImages(
  folder: string,
  {
    grid,
    column,
    onImage,
  }: { grid: { width: number; height: number }; column: string; onImage: (done: number, total: number) => void },
): Promise<{ images: SetImage[]; unlabelled: number }> {
  const { images } = await readImageSet(
    { folders: [folder], files: [], series: [] },
    { grid, labelColumn: column, onImage },
  );
  const labelled = images.filter(({ label }) => label !== '');
  const classes = new Set(labelled.map(({ label }) => label)).size;
  if (classes > 1) return { images: labelled, unlabelled: images.length - labelled.length };
  throw new VerisimError(
    'InvalidInput',
    `The images of "${folder}" have fewer than two classes. Put a table manifest.csv with the columns file and ${column} into the folder, or one subfolder for each class.`,
    { path: folder, expected: 'two classes or more', found: `${classes}` },
  );
}
