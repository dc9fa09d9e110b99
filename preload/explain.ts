/** Why one generated image looks as it does: what an explanation holds. Plain types, as domain.ts. */
import type { ImageDescription } from './domain.ts';

/** One map over the image. Values are in percent of the model's intensity range. */
export interface ExplanationMap {
  /** Unique within the explanation. */
  name: string;
  title: string;
  /** What a value says, with its unit. */
  unit: string;
  /** On the grid of the explained image, values in `unit`. */
  image: ImageDescription;
  /** sequential: from 0 up. diverging: below and above 0. */
  scale: 'sequential' | 'diverging';
  /** What is seen, in one sentence. */
  statement: string;
  /** Authors and year of what it rests on. */
  grounding: string;
  /** What it cannot say, in one sentence. */
  limits: string;
  /** Of the absolute values. */
  mean: number;
  highest: number;
}

/** The slow-convergence signature of one image: whether it would look otherwise with more steps. */
export interface Convergence {
  /** Change of x̂0 in the last step, as a share of its standard deviation. */
  lastChange: number;
  /** Probability from 0 to 1 that the image is visibly unlike the one of many steps; calibrated on planted cases. */
  score: number;
  verdict: 'converged' | 'borderline' | 'unfinished';
  advice: string;
}

export interface TrajectoryFrame {
  /** From 1; calls of the network. */
  call: number;
  /** 1 = pure noise, 0 = clean. */
  noiseShare: number;
  image: ImageDescription;
}

export interface Explanation {
  /** The run of this explanation; `sourceRunId` and `index` name the image. */
  runId: string;
  sourceRunId: string;
  index: number;
  image: ImageDescription;
  /** Largest difference of the image made again from the kept one, in percent of the range; null where it was not made again. */
  reproduction: number | null;
  trajectory: { calls: number; frames: TrajectoryFrame[]; changes: number[]; noiseShares: number[] } | null;
  convergence: Convergence | null;
  maps: ExplanationMap[];
  /** What could not be made, and why. */
  missing: { title: string; reason: string }[];
  settings: { members: number; spreadStrength: number; restoreStrength: number };
  seconds: number;
}
