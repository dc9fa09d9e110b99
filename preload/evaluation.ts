/** What an evaluation of a synthetic set against a real one says. Plain types, as domain.ts. */
import type { SkippedFile } from './domain.ts';

export const metricNames = [
  'fid',
  'fidInfinity',
  'kid',
  'mmd',
  'precision',
  'recall',
  'density',
  'coverage',
  'msSsim',
] as const;
export type MetricName = (typeof metricNames)[number];

const [, , ...otherMetrics] = metricNames;
/** Every measure of an evaluation; the Fréchet radiomic distance is not among those of a comparison of packs. */
export const measureNames = ['fid', 'fidInfinity', 'frd', ...otherMetrics] as const;
export type MeasureName = (typeof measureNames)[number];

/** A value with its 95 % interval, or its spread over repetitions. */
export interface Spread {
  value: number;
  low: number;
  high: number;
}

export interface MetricValue {
  /** Null where the number would be meaningless; `note` says why. */
  value: number | null;
  /** 95 % interval from random halves of both sets. */
  low: number | null;
  high: number | null;
  /**
   * What a perfect generator would get: the mean over halves of the real set that have no patient in common and the same mix of classes;
   * for msSsim the number of the real set. Compare it with `atFloor`, never with `value`: that is of more images.
   */
  floor: Spread | null;
  /** The synthetic set at the floor's number of images, against the same halves; null where there is no floor. */
  atFloor: (Spread & { n: number; excess: Spread }) | null;
  n: { real: number; synthetic: number };
  /** Empty for what needs no extractor. */
  extractor: string;
  note: string;
}

/** One failure of generators, as a score that is compared with the same score of real images. */
export interface Signature {
  /** Means over the sets. */
  synthetic: number;
  real: number;
  /** Area under the ROC curve of the score, synthetic against real; 0.5 = no difference, 1 = every synthetic image shows it. */
  auc: number;
  /** Share of synthetic images beyond 95 % of the real ones. */
  beyondReal: number;
}

export interface FailureSignatures {
  /** Patterns of period 2, as transposed convolutions and wavelet bands leave them. */
  checkerboard: Signature;
  /** Too little fine structure, as autoencoders leave it: middle over high frequencies. */
  overSmoothing: Signature;
  /** Minus the logarithm of the variance of the Laplacian: a second look at smoothness, also sensitive to contrast. */
  lowLaplacian: Signature;
  /** Too much fine structure: high over middle frequencies. */
  grain: Signature;
  spectrum: {
    /** Middles of the bands, cycles per pixel. */
    frequencies: number[];
    /** Mean decimal logarithm of the power; null where no image has a frequency in the band. */
    real: (number | null)[];
    synthetic: (number | null)[];
  };
}

export interface NearestPair {
  synthetic: string;
  real: string;
  score: number;
  suspect: boolean;
  picture: string;
}

/** Whether synthetic images repeat real ones. */
export interface Originality {
  /** Real images that were searched: those of `training` where it was given, else the real set. */
  searched: number;
  /** Above this score an image counts as a copy; learnt from the best matches of `calibratedOn` real images. */
  threshold: number | null;
  calibratedOn: number;
  copies: { synthetic: string; real: string; score: number }[];
  /** Share of synthetic images farther from their nearest real image than that is from its own (Alaa et al. 2022); null for too few. */
  authPct: number | null;
  /** Three-sample test (Meehan et al. 2020): far below 0 = copying. It needs training images and held-out ones; null without. */
  dataCopying: { value: number; cells: number } | null;
  /** The synthetic images most like a real one, copies or not, best match first; `picture` names both side by side, '' without one. */
  nearest: NearestPair[];
  /** Largest and median score of the synthetic images, and of the real ones that the threshold was learnt from. */
  synthetic: { median: number; highest: number };
  real: { median: number; highest: number } | null;
  note: string;
}

/** Metrics of the features of one class. */
export interface ClassMeasures {
  label: string;
  n: { real: number; synthetic: number };
  metrics: Record<Exclude<MetricName, 'msSsim'>, MetricValue>;
}

export interface EvaluationResult {
  n: { real: number; synthetic: number };
  extractor: {
    id: string;
    version: string;
    sha256: string;
    layer: string;
    width: number;
    resize: string;
    /** Whether it takes colour; results of older versions do not say it, and took none. */
    inColour?: boolean;
  };
  metrics: Record<MeasureName, MetricValue>;
  /** The same for each class that both sets have; empty where classes are not known. */
  classes: ClassMeasures[];
  /** Null where images are too small for a spectrum. */
  failureSignatures: FailureSignatures | null;
  originality: Originality;
  /** Plain sentences for the person. */
  warnings: string[];
  skipped: SkippedFile[];
  seconds: { read: number; features: number; measure: number; originality: number; total: number };
}
