/** The question that is asked before generated images leave: does one of them repeat a real image? Plain types. */
import type { ImageSet } from './domain.ts';
import type { SetPart } from './measure.ts';

export interface CheckedPair {
  /** Of the output of the run, or of the slice of the series. */
  index: number;
  real: string;
  score: number;
  /** Both side by side; '' without a picture. */
  picture: string;
}

export interface OriginalityCheck {
  checkId: string;
  /** What was looked at: the images of a run, or a synthetic series. */
  set: ImageSet;
  /** What was searched. */
  against: SetPart[];
  searched: number;
  /** Outputs or slices that were looked at. */
  indices: number[];
  /** Above it an image is a suspect: learnt from the real images, or where they are too few a fixed one. */
  threshold: number;
  learnt: boolean;
  note: string;
  /** The most alike first, every suspect among them. */
  pairs: CheckedPair[];
}

/** What the person decided. Every suspect is left out or kept with a reason; or nothing was looked at, with a reason. */
export type OriginalityDecision =
  | {
      kind: 'checked';
      checkId: string;
      /** At least that of the check. */
      threshold: number;
      /** None of a series, which leaves as a whole. */
      excluded: number[];
      kept: { index: number; reason: string }[];
    }
  | { kind: 'unchecked'; reason: string };
