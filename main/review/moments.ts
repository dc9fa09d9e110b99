import type { RatedClasses } from './delong.ts';

/** Ratings of one reader: the same cases, in the same order, for every reader and modality that are compared. */
export type ReaderRatings = RatedClasses;

/** The eight product moments of two modalities, and the seven components of variance that follow from them. */
export interface Moments {
  /** M1 … M8 of Gallas (2006). */
  moments: number[];
  components: VarianceComponents;
  /** Covariance of the two reader-averaged areas. */
  covariance: number;
}

/** Barrett, Clarkson and Kupinski: N = real (absent) cases, D = synthetic (present) cases, R = readers. */
export interface VarianceComponents {
  N: number;
  D: number;
  ND: number;
  R: number;
  NR: number;
  DR: number;
  RND: number;
}

export type Estimator = 'U-statistic' | 'MLE';

/**
 * Product moments of the success outcomes s = 1 (right order), ½ (tie), 0 of every reader and pair of cases
 * (Gallas BD, "One-shot estimate of MRMC variance: AUC", Acad Radiol 2006; 13:353). The U-statistic takes distinct
 * readers and cases only and is unbiased; the MLE takes all and is never negative.
 * Throws RangeError when the readers or their cases differ in number.
 */
export function productMoments(
  first: readonly ReaderRatings[],
  second: readonly ReaderRatings[],
  estimator: Estimator,
): Moments {
  const a = first.map(successes);
  const b = second.map(successes);
  const shape = a[0];
  if (
    shape === undefined ||
    a.length !== b.length ||
    [...a, ...b].some(({ n0, n1 }) => n0 !== shape.n0 || n1 !== shape.n1)
  )
    throw new RangeError('Every reader must have rated the same cases in both modalities.');
  const { n0, n1 } = shape;
  const readers = a.length;
  const sums = { same: zeroSums(), other: zeroSums() };
  for (let i = 0; i < readers; i++)
    for (let j = 0; j < readers; j++) add(i === j ? sums.same : sums.other, a[i]!, b[j]!);
  const means = estimator === 'MLE' ? biasedMeans : distinctMeans;
  const within = means(sums.same, { pairs: readers, n0, n1 });
  const distinct = means(sums.other, { pairs: readers * (readers - 1), n0, n1 });
  const all = { ...sums.other };
  for (const name of sumNames) all[name] += sums.same[name];
  const between = estimator === 'MLE' ? means(all, { pairs: readers ** 2, n0, n1 }) : distinct;
  const moments = [...within, ...between];
  return { moments, components: componentsOf(moments), covariance: covarianceOf(moments, { readers, n0, n1 }) };
}

interface Successes {
  n0: number;
  n1: number;
  /** Row real × synthetic. */
  table: Float64Array;
  ofReal: Float64Array;
  ofSynthetic: Float64Array;
  total: number;
}

function successes({ real, synthetic }: ReaderRatings): Successes {
  const [n0, n1] = [real.length, synthetic.length];
  const table = new Float64Array(n0 * n1);
  const ofReal = new Float64Array(n0);
  const ofSynthetic = new Float64Array(n1);
  let total = 0;
  for (let i = 0; i < n0; i++)
    for (let j = 0; j < n1; j++) {
      const success = synthetic[j]! > real[i]! ? 1 : synthetic[j]! === real[i]! ? 0.5 : 0;
      table[i * n1 + j] = success;
      ofReal[i]! += success;
      ofSynthetic[j]! += success;
      total += success;
    }
  return { n0, n1, table, ofReal, ofSynthetic, total };
}

/** Σ over pairs of readers: the same pair of cases; the same synthetic case; the same real case; any. */
const sumNames = ['cell', 'synthetic', 'real', 'any'] as const;
type Sums = Record<(typeof sumNames)[number], number>;

const zeroSums = (): Sums => ({ cell: 0, synthetic: 0, real: 0, any: 0 });

function add(sums: Sums, a: Successes, b: Successes): void {
  sums.cell += dot(a.table, b.table);
  sums.synthetic += dot(a.ofSynthetic, b.ofSynthetic);
  sums.real += dot(a.ofReal, b.ofReal);
  sums.any += a.total * b.total;
}

interface Counts {
  pairs: number;
  n0: number;
  n1: number;
}

/** Over all indices, the same ones included. */
function biasedMeans({ cell, synthetic, real, any }: Sums, { pairs, n0, n1 }: Counts): number[] {
  return [
    cell / (pairs * n0 * n1),
    synthetic / (pairs * n0 * n0 * n1),
    real / (pairs * n0 * n1 * n1),
    any / (pairs * n0 * n0 * n1 * n1),
  ];
}

/** Over distinct indices only. */
function distinctMeans({ cell, synthetic, real, any }: Sums, { pairs, n0, n1 }: Counts): number[] {
  return [
    cell / (pairs * n0 * n1),
    (synthetic - cell) / (pairs * n0 * (n0 - 1) * n1),
    (real - cell) / (pairs * n0 * n1 * (n1 - 1)),
    (any - synthetic - real + cell) / (pairs * n0 * (n0 - 1) * n1 * (n1 - 1)),
  ];
}

function componentsOf(moments: readonly number[]): VarianceComponents {
  const [m1, m2, m3, m4, m5, m6, m7, m8] = moments as [number, number, number, number, number, number, number, number];
  return {
    N: m7 - m8,
    D: m6 - m8,
    ND: m5 - m6 - m7 + m8,
    R: m4 - m8,
    NR: m3 - m4 - m7 + m8,
    DR: m2 - m4 - m6 + m8,
    RND: m1 - m2 - m3 - m5 + m4 + m6 + m7 - m8,
  };
}

function covarianceOf(
  moments: readonly number[],
  { readers, n0, n1 }: { readers: number; n0: number; n1: number },
): number {
  const weights = [1, n0 - 1, n1 - 1, (n0 - 1) * (n1 - 1)];
  const all = [...weights, ...weights.map((weight) => weight * (readers - 1))];
  const sum = all.reduce((total, weight, index) => total + weight * moments[index]!, 0);
  return sum / (readers * n0 * n1) - moments[7]!;
}

function dot(a: Float64Array, b: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < a.length; index++) sum += a[index]! * b[index]!;
  return sum;
}
