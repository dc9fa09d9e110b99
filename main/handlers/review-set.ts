import { VerisimError } from '../../preload/errors.ts';
import type { ReaderAnswer } from '../../preload/review.ts';
import type { Picture } from '../imaging/slide/slide.ts';
import type { Candidate } from '../review/design.ts';
import type { Grid } from './fit-slices.ts';

/** Images of a set before they are fitted: as many pixels, and how many µm each is where that is known. */
export interface ImageSize extends Grid {
  micronsPerPixel: number | null;
}

/** One image of a case before both classes are made equal: grey on the study's grid in any linear unit, or colour at its own size. */
export type CaseImage = { title: string } & (
  { pixels: Float32Array } | { picture: Picture; micronsPerPixel: number | null }
);

/** The images of one class of a review. */
export interface ReviewSet {
  name: string;
  truth: ReaderAnswer;
  isColour: boolean;
  /** The different sizes of its images; at least one. */
  sizes: ImageSize[];
  /** Synthetic, but no file says so. */
  isUnmarked: boolean;
  /** What may be shown, on the grid of the study. */
  candidates(grid: Grid): Promise<Candidate[]>;
  /** Throws InvalidInput where the file says that it is of the other class, and what reading it throws. */
  image(id: string, grid: Grid): Promise<CaseImage>;
}

export interface SetContext {
  truth: ReaderAnswer;
  signal: AbortSignal;
}

export function wrongClass(what: string, expected: ReaderAnswer, found: ReaderAnswer): VerisimError {
  return new VerisimError('InvalidInput', `${what} and cannot stand in the ${expected} set. Choose another set.`, {
    expected,
    found,
  });
}
