import type { Interval } from '../../preload/domain.ts';
import type { RatedClasses } from './delong.ts';
import { normalCdf, normalDensity, normalQuantile } from './distributions.ts';
import { inverse } from './linear-algebra.ts';
import { z975 } from './normal.ts';

export interface BinormalFit {
  /** ROC: z(true positive) = a + b·z(false positive). */
  a: number;
  b: number;
  standardErrors: { a: number; b: number };
  area: Interval;
  logLikelihood: number;
}

/**
 * Binormal ROC curve of ordinal ratings by maximum likelihood (Dorfman and Alf 1969), Fisher scoring. The area is
 * Φ(z) with z = a/√(1 + b²); its 95 % interval is Φ of the delta method's interval for z, which is nearly normal where the area itself,
 * near its end at 1, is not (as Metz's ROCKIT does; of 2,000 simulated studies of 2 × 60 cases the interval around the area holds the
 * truth in 92.8 %, this one in 93.5 %: scripts/simulate-coverage.ts). Null where the curve is not determined: fewer than three
 * categories in use, or ratings so far apart that a or b run away (degenerate).
 */
export function fitBinormal({ real, synthetic }: RatedClasses): BinormalFit | null {
  const categories = [...new Set([...real, ...synthetic])].sort((x, y) => x - y);
  if (categories.length < 3) return null;
  const counts = {
    real: categories.map((category) => real.filter((rating) => rating === category).length),
    synthetic: categories.map((category) => synthetic.filter((rating) => rating === category).length),
  };
  let at = start(counts);
  let current = evaluate(at, counts);
  for (let step = 0; step < 200; step++) {
    const covariance = inverse(current.information);
    if (covariance === null) return null;
    const move = covariance.map((row) => row.reduce((sum, value, k) => sum + value * current.score[k]!, 0));
    const next = climb(at, move, current.logLikelihood, counts);
    if (next === null)
      return finish({
        at,
        logLikelihood: current.logLikelihood,
        covariance,
        n: real.length + synthetic.length,
        lastMove: move,
      });
    [at, current] = [next, evaluate(next, counts)];
  }
  return null;
}

interface Counts {
  real: number[];
  synthetic: number[];
}

/** Parameters: a, b, then the thresholds upwards. */
function start({ real, synthetic }: Counts): number[] {
  const share = (counts: number[], upTo: number) =>
    (counts.slice(0, upTo + 1).reduce((sum, count) => sum + count, 0) + 0.25) /
    (counts.reduce((sum, count) => sum + count, 0) + 0.5);
  const thresholds: number[] = [];
  for (let k = 0; k < real.length - 1; k++)
    thresholds.push(Math.max(normalQuantile(share(real, k)), (thresholds.at(-1) ?? -Infinity) + 1e-3));
  const gaps = thresholds.map((threshold, k) => threshold - normalQuantile(share(synthetic, k)));
  return [gaps.reduce((sum, gap) => sum + gap, 0) / gaps.length, 1, ...thresholds];
}

function evaluate(parameters: readonly number[], counts: Counts) {
  const [a, b, ...thresholds] = parameters as [number, number, ...number[]];
  const size = parameters.length;
  const score = new Array<number>(size).fill(0);
  const information = Array.from({ length: size }, () => new Array<number>(size).fill(0));
  let logLikelihood = 0;
  for (const kind of ['real', 'synthetic'] as const) {
    const total = counts[kind].reduce((sum, count) => sum + count, 0);
    const edge = (k: number) => (kind === 'real' ? thresholds[k]! : b * thresholds[k]! - a);
    const gradientOfEdge = (k: number): number[] => {
      const gradient = new Array<number>(size).fill(0);
      if (k < 0 || k >= thresholds.length) return gradient;
      const density = normalDensity(edge(k));
      gradient[2 + k] = density * (kind === 'real' ? 1 : b);
      if (kind === 'synthetic') {
        gradient[0] = -density;
        gradient[1] = density * thresholds[k]!;
      }
      return gradient;
    };
    counts[kind].forEach((count, k) => {
      const upper = k === thresholds.length ? 1 : normalCdf(edge(k));
      const lower = k === 0 ? 0 : normalCdf(edge(k - 1));
      const probability = Math.max(1e-300, upper - lower);
      const below = gradientOfEdge(k - 1);
      const gradient = gradientOfEdge(k).map((value, index) => value - below[index]!);
      logLikelihood += count * Math.log(probability);
      for (let i = 0; i < size; i++) {
        score[i]! += (count * gradient[i]!) / probability;
        for (let j = 0; j < size; j++) information[i]![j]! += (total * gradient[i]! * gradient[j]!) / probability;
      }
    });
  }
  return { score, information, logLikelihood };
}

/** Half steps until the likelihood rises and the thresholds keep their order; null at the top. */
function climb(at: number[], move: number[], from: number, counts: Counts): number[] | null {
  for (let share = 1; share > 1e-7; share /= 2) {
    const next = at.map((value, k) => value + share * move[k]!);
    const ordered = next.slice(3).every((threshold, k) => threshold > next[2 + k]!) && next[1]! > 0;
    if (ordered && evaluate(next, counts).logLikelihood > from) return next;
  }
  return null;
}

function finish(top: {
  at: readonly number[];
  logLikelihood: number;
  covariance: number[][];
  n: number;
  lastMove: readonly number[];
}): BinormalFit | null {
  const { at, logLikelihood, covariance, n, lastMove } = top;
  const [a, b] = at as [number, number];
  const settled = lastMove.every((value) => Math.abs(value) < 1e-3);
  if (!settled || b < 0.02 || b > 50 || Math.abs(a) > 20) return null;
  const root = Math.sqrt(1 + b * b);
  const z = a / root;
  const gradient = [1 / root, (-a * b) / root ** 3];
  const variance = gradient.reduce(
    (sum, left, i) => sum + gradient.reduce((inner, right, j) => inner + left * right * covariance[i]![j]!, 0),
    0,
  );
  const half = z975 * Math.sqrt(variance);
  const area = {
    value: normalCdf(z),
    low: normalCdf(z - half),
    high: normalCdf(z + half),
    n,
    method: 'binormal, maximum likelihood, 95 % on the probit scale',
  };
  const error = (k: number) => Math.sqrt(covariance[k]![k]!);
  return { a, b, standardErrors: { a: error(0), b: error(1) }, area, logLikelihood };
}
