import { VerisimError } from '../../preload/errors.ts';
import { type ImageSource, readImageSet } from './evaluate-images.ts';
import type { SetGrid, SetImage } from './set-image.ts';

/**
 * The images of a set that have a class (see `readImageSet`; `column` of manifest.csv). Images without one are left out;
 * `unlabelled` counts them. Throws EmptyFolder, and InvalidInput where fewer than two classes are found.
 */
export async function readLabelledImages(
  source: ImageSource,
  {
    grid,
    column,
    what,
    onImage,
  }: {
    grid: SetGrid;
    column: string;
    /** Which images they are, for a refusal. */
    what: string;
    onImage: (done: number, total: number) => void;
  },
): Promise<{ images: SetImage[]; unlabelled: number }> {
  const { images } = await readImageSet(source, { grid, labelColumn: column, onImage });
  const labelled = images.filter(({ label }) => label !== '');
  const classes = new Set(labelled.map(({ label }) => label)).size;
  if (classes > 1) return { images: labelled, unlabelled: images.length - labelled.length };
  const [folder] = source.folders;
  const where = folder === undefined ? '' : ` ("${folder}")`;
  throw new VerisimError(
    'InvalidInput',
    `The ${what} images have ${classes === 0 ? 'no class' : 'one class only'}${where}. Two or more are needed: put a table manifest.csv with the columns file and ${column} into the folder, or one subfolder for each class.`,
    { ...(folder === undefined ? {} : { path: folder }), expected: 'two classes or more', found: `${classes}` },
  );
}
