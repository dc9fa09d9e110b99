import { VerisimError } from '../../preload/errors.ts';
import type { LeakReport } from '../review/leak.ts';
import type { LeakKind } from '../review/leak-properties.ts';
import type { Grid } from './fit-slices.ts';
import type { ImageSize, ReviewSet } from './review-set.ts';

/** What is known of a set before its images are read. */
export type SetFacts = Pick<ReviewSet, 'isColour' | 'sizes' | 'isUnmarked'>;

export interface Sets<Set> {
  real: readonly Set[];
  synthetic: readonly Set[];
}

/** What all images of a study are brought to. */
export interface ReviewTarget {
  isColour: boolean;
  grid: Grid;
  /** Null where it is not known of every image; then each is shown as a whole. */
  micronsPerPixel: number | null;
}

/**
 * Grey: the grid of the first synthetic set, on which its model works. Colour: the coarsest resolution where all are known, and the
 * smallest field, so that no image has to be enlarged. Throws InvalidInput where one set is in colour and another is not.
 */
export function targetOf({ real, synthetic }: Sets<SetFacts>): ReviewTarget {
  const all = [...real, ...synthetic];
  const isColour = all.every((set) => set.isColour);
  const [first = { width: 1, height: 1, micronsPerPixel: null }] = synthetic[0]?.sizes ?? [];
  if (!isColour && all.some((set) => set.isColour)) throw mixed();
  if (!isColour) return { isColour, grid: { width: first.width, height: first.height }, micronsPerPixel: null };
  const sizes = all.flatMap((set) => set.sizes);
  const known = sizes.flatMap(({ micronsPerPixel }) => micronsPerPixel ?? []);
  const micronsPerPixel = known.length === sizes.length ? Math.max(...known) : null;
  const shrink = (size: ImageSize) => (micronsPerPixel === null ? 1 : (size.micronsPerPixel ?? 1) / micronsPerPixel);
  // A side that falls short of a whole pixel by rounding alone has it.
  const least = (side: 'width' | 'height') =>
    Math.max(1, Math.floor(Math.min(...sizes.map((size) => size[side] * shrink(size))) + 0.01));
  return { isColour, grid: { width: least('width'), height: least('height') }, micronsPerPixel };
}

/** What is done so that size and resolution do not tell, and what may tell all the same; without saying which set is which. */
export function sizeNotes(sets: Sets<SetFacts>, { isColour, grid, micronsPerPixel }: ReviewTarget): string[] {
  const unmarked = sets.synthetic.some(({ isUnmarked }) => isUnmarked)
    ? ['No file of the set that stands as synthetic says that it is. Make sure that it was chosen rightly.']
    : [];
  if (!isColour) return unmarked;
  const sizes = [...sets.real, ...sets.synthetic].flatMap((set) => set.sizes);
  const shown = `${grid.width} × ${grid.height} px`;
  const resolutions = distinct(sizes.map((size) => size.micronsPerPixel));
  const outlines = distinct(sizes.map(({ width, height }) => `${width} × ${height}`));
  if (micronsPerPixel !== null && resolutions.length > 1)
    return [
      ...unmarked,
      `The patches were cut at ${resolutions.map((one) => short(one ?? 0)).join(' and ')} µm per pixel. All are shown at ${short(micronsPerPixel)} µm per pixel, the middle ${shown} of each.`,
    ];
  const fitted =
    outlines.length > 1 ? [`The images have ${outlines.join(' and ')} px. All are shown at ${shown}.`] : [];
  if (micronsPerPixel !== null) return [...unmarked, ...fitted];
  const unknown = resolutions.some((one) => one !== null)
    ? 'The resolution (µm per pixel) is known of some images only'
    : 'The resolution (µm per pixel) is not known';
  return [
    ...unmarked,
    ...fitted,
    `${unknown}: nuclei of another size would tell the sets apart. Cut the patches at the resolution that the model learnt from.`,
  ];
}

const advice: Record<LeakKind, string> = {
  file: 'Report this as a fault',
  size: 'Cut the patches of both sets at one size',
  depth: 'Save the images of both sets with the same depth',
  border: 'Leave out images with a drawn border',
  jpeg: 'Cut the patches at a coarser resolution, at which the squares of JPEG fade',
  colour:
    'Bring the stains of both sets to one reference (Reinhard makes the mean colours equal), or count the colours as part of what is judged',
};

/** What tells real from synthetic without a look at the tissue, strongest first, each with what helps. */
export function leakNotes({ properties }: LeakReport): string[] {
  const telling = properties.filter(({ tells }) => tells);
  const kinds = Map.groupBy(telling, ({ kind }) => kind);
  const strength = (value: number) => Math.abs(value - 0.5);
  return [...kinds].map(([kind, found]) => {
    const strongest = found.toSorted((a, b) => strength(b.auc.value) - strength(a.auc.value));
    const named = strongest
      .slice(0, 3)
      .map(({ property, auc }) => `${property} (area ${(0.5 + strength(auc.value)).toFixed(2)})`)
      .join(', ');
    return `The sets can be told apart by ${named} alone. ${advice[kind]}.`;
  });
}

function mixed(): VerisimError {
  return new VerisimError(
    'InvalidInput',
    'One set is in colour and another is grey: the colour would tell them apart. Choose sets of one kind.',
    { expected: 'sets in colour, or grey ones', found: 'both' },
  );
}

function distinct<Value>(values: readonly Value[]): Value[] {
  return [...new Set(values)];
}

function short(value: number): string {
  return String(Number(value.toFixed(3)));
}
