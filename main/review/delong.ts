import type { Interval } from '../../preload/domain.ts';
import { normalTwoSided, z975 } from './normal.ts';

/** Ratings of the two classes; a higher score means "more likely synthetic". Both hold at least one score. */
export interface RatedClasses {
  real: readonly number[];
  synthetic: readonly number[];
}

/**
 * Empirical area under the ROC curve, ties counted half, with the 95 % interval of DeLong, DeLong and Clarke-Pearson
 * (1988): normal, cut to 0…1. With fewer than two cases in a class there is no variance and the interval is 0 to 1.
 */
export function aucWithInterval(rated: RatedClasses): Interval {
  const { auc, real, synthetic } = placements(rated);
  const n = real.length + synthetic.length;
  if (real.length < 2 || synthetic.length < 2)
    return { value: auc, low: 0, high: 1, n, method: 'no interval: DeLong needs two cases of each class' };
  const half = z975 * Math.sqrt(variance(real, real) / real.length + variance(synthetic, synthetic) / synthetic.length);
  const method = half > 0 ? 'DeLong 95 %' : 'DeLong 95 %, of no width where the ratings separate the classes fully';
  return { value: auc, low: Math.max(0, auc - half), high: Math.min(1, auc + half), n, method };
}

/** Variance of the empirical AUC by DeLong. */
export function delongVariance(rated: RatedClasses): number {
  const { real, synthetic } = placements(rated);
  return variance(real, real) / real.length + variance(synthetic, synthetic) / synthetic.length;
}

/** DeLong's test of two correlated AUCs: both sets of ratings are of the same cases in the same order. */
export function pairedDelongTest(first: RatedClasses, second: RatedClasses): { z: number; pValue: number } {
  const a = placements(first);
  const b = placements(second);
  const term = (left: number[], right: number[]) =>
    (variance(left, left) + variance(right, right) - 2 * variance(left, right)) / left.length;
  const z = (a.auc - b.auc) / Math.sqrt(term(a.real, b.real) + term(a.synthetic, b.synthetic));
  return { z, pValue: normalTwoSided(z) };
}

/** For each case the share of the other class that it is ranked rightly against (ties half). */
function placements({ real, synthetic }: RatedClasses): { auc: number; real: number[]; synthetic: number[] } {
  const rightly = (higher: number, lower: number) => (higher > lower ? 1 : higher === lower ? 0.5 : 0);
  const ofReal = real.map((score) => mean(synthetic.map((other) => rightly(other, score))));
  const ofSynthetic = synthetic.map((score) => mean(real.map((other) => rightly(score, other))));
  return { auc: mean(ofSynthetic), real: ofReal, synthetic: ofSynthetic };
}

/** Sample covariance (ddof 1); of a list with itself its variance. */
function variance(left: readonly number[], right: readonly number[]): number {
  const meanLeft = mean(left);
  const meanRight = mean(right);
  return left.reduce((sum, value, i) => sum + (value - meanLeft) * (right[i]! - meanRight), 0) / (left.length - 1);
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
