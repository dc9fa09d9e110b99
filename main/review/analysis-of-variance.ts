import { fUpperTail, studentCritical, studentTwoSided } from './distributions.ts';
import type { ReaderRatings } from './moments.ts';

/** `areas[test][reader]`: one figure of merit for each. */
export type Areas = readonly (readonly number[])[];

/** Covariances of the figures of merit due to cases: other test, same reader; same test, other reader; both other. */
export interface ErrorCovariances {
  cov1: number;
  cov2: number;
  cov3: number;
}

export interface FactorialTest {
  f: number;
  degrees: [number, number];
  pValue: number;
  meanSquares: { test: number; testByReader: number };
}

/**
 * Obuchowski and Rockette (1995) with Hillis' degrees of freedom (Stat Med 2007; 26:596): do the tests differ, for
 * readers and cases at large? At least two tests and two readers.
 */
export function obuchowskiRockette(areas: Areas, { cov2, cov3 }: ErrorCovariances): FactorialTest {
  const { test, testByReader, tests, readers } = meanSquares(areas);
  const denominator = testByReader + readers * Math.max(0, cov2 - cov3);
  const f = test / denominator;
  const first = tests - 1;
  const second = denominator ** 2 / (testByReader ** 2 / (first * (readers - 1)));
  return { f, degrees: [first, second], pValue: fUpperTail(f, first, second), meanSquares: { test, testByReader } };
}

/** One test by itself: its mean over readers with Hillis' 95 % interval, and p against `chance`. `cov2` is that of this test. */
export function oneTestInterval(areas: readonly number[], cov2: number, chance: number) {
  const value = mean(areas);
  const readers = areas.length;
  const ofReaders = areas.reduce((sum, area) => sum + (area - value) ** 2, 0) / (readers - 1);
  const numerator = ofReaders + readers * Math.max(0, cov2);
  const standardError = Math.sqrt(numerator / readers);
  const degrees = ofReaders === 0 ? Infinity : (numerator / ofReaders) ** 2 * (readers - 1);
  const whole = Math.min(degrees, 1e6);
  const half = studentCritical(0.05, whole) * standardError;
  const pValue = standardError === 0 ? 1 : studentTwoSided((value - chance) / standardError, whole);
  return { value, standardError, degrees, low: value - half, high: value + half, pValue };
}

/**
 * Dorfman, Berbaum and Metz (1992) with Hillis' denominator and degrees of freedom: analysis of variance of the jackknife
 * pseudovalues, readers and cases random. `ratings[test][reader]`; all of the same cases.
 */
export function dorfmanBerbaumMetz(ratings: readonly (readonly ReaderRatings[])[]): FactorialTest {
  const values = ratings.map((test) => test.map(pseudovalues));
  const [tests, readers, cases] = [values.length, values[0]!.length, values[0]![0]!.length];
  const areas = values.map((test) => test.map(mean));
  const { test, testByReader } = meanSquares(areas);
  const ofTestCase = values.map((one) =>
    Array.from({ length: cases }, (_, k) => mean(one.map((reader) => reader[k]!))),
  );
  const ofReaderCase = Array.from({ length: readers }, (_, j) =>
    Array.from({ length: cases }, (_, k) => mean(values.map((one) => one[j]![k]!))),
  );
  const ofCase = Array.from({ length: cases }, (_, k) => mean(ofTestCase.map((one) => one[k]!)));
  const ofTest = areas.map(mean);
  const ofReader = Array.from({ length: readers }, (_, j) => mean(areas.map((one) => one[j]!)));
  const all = mean(ofTest);
  let testCase = 0;
  let residual = 0;
  for (let i = 0; i < tests; i++)
    for (let k = 0; k < cases; k++) {
      testCase += readers * (ofTestCase[i]![k]! - ofTest[i]! - ofCase[k]! + all) ** 2;
      for (let j = 0; j < readers; j++)
        residual +=
          (values[i]![j]![k]! -
            areas[i]![j]! -
            ofTestCase[i]![k]! -
            ofReaderCase[j]![k]! +
            ofTest[i]! +
            ofReader[j]! +
            ofCase[k]! -
            all) **
          2;
    }
  testCase /= (tests - 1) * (cases - 1);
  residual /= (tests - 1) * (readers - 1) * (cases - 1);
  const square = { test: cases * test, testByReader: cases * testByReader };
  const denominator = square.testByReader + Math.max(0, testCase - residual);
  const f = square.test / denominator;
  const degrees = denominator ** 2 / (square.testByReader ** 2 / ((tests - 1) * (readers - 1)));
  return { f, degrees: [tests - 1, degrees], pValue: fUpperTail(f, tests - 1, degrees), meanSquares: square };
}

/** Areas and jackknife covariances of the empirical area, averaged over the pairs of readers and tests. */
export function jackknife(ratings: readonly (readonly ReaderRatings[])[]): {
  areas: number[][];
  covariances: ErrorCovariances;
  /** Of each test by itself. */
  cov2: number[];
} {
  const values = ratings.map((test) => test.map(pseudovalues));
  const cases = values[0]![0]!.length;
  const covariance = (a: readonly number[], b: readonly number[]) => {
    const [ma, mb] = [mean(a), mean(b)];
    return a.reduce((sum, value, k) => sum + (value - ma) * (b[k]! - mb), 0) / (cases * (cases - 1));
  };
  const groups = { cov1: [] as number[], cov2: [] as number[], cov3: [] as number[] };
  const ofTest = values.map(() => [] as number[]);
  for (let i = 0; i < values.length; i++)
    for (let l = i; l < values.length; l++)
      for (let j = 0; j < values[i]!.length; j++)
        for (let m = 0; m < values[l]!.length; m++) {
          if (i === l && m <= j) continue;
          const value = covariance(values[i]![j]!, values[l]![m]!);
          groups[i === l ? 'cov2' : j === m ? 'cov1' : 'cov3'].push(value);
          if (i === l) ofTest[i]!.push(value);
        }
  const average = (list: number[]) => (list.length === 0 ? 0 : mean(list));
  return {
    areas: values.map((test) => test.map(mean)),
    covariances: { cov1: average(groups.cov1), cov2: average(groups.cov2), cov3: average(groups.cov3) },
    cov2: ofTest.map(average),
  };
}

/** c·θ − (c − 1)·θ without case k, real cases first. Their mean is the empirical area. */
function pseudovalues({ real, synthetic }: ReaderRatings): number[] {
  const right = (higher: number, lower: number) => (higher > lower ? 1 : higher === lower ? 0.5 : 0);
  const ofReal = real.map((score) => synthetic.reduce((sum, other) => sum + right(other, score), 0));
  const ofSynthetic = synthetic.map((score) => real.reduce((sum, other) => sum + right(score, other), 0));
  const total = ofReal.reduce((sum, value) => sum + value, 0);
  const [n0, n1] = [real.length, synthetic.length];
  const cases = n0 + n1;
  const area = total / (n0 * n1);
  const without = (rest: number) => cases * area - (cases - 1) * rest;
  return [
    ...ofReal.map((own) => without((total - own) / ((n0 - 1) * n1))),
    ...ofSynthetic.map((own) => without((total - own) / (n0 * (n1 - 1)))),
  ];
}

function meanSquares(areas: Areas): { test: number; testByReader: number; tests: number; readers: number } {
  const [tests, readers] = [areas.length, areas[0]!.length];
  const ofTest = areas.map(mean);
  const ofReader = Array.from({ length: readers }, (_, j) => mean(areas.map((one) => one[j]!)));
  const all = mean(ofTest);
  const test = (readers * ofTest.reduce((sum, value) => sum + (value - all) ** 2, 0)) / (tests - 1);
  let interaction = 0;
  areas.forEach((one, i) => one.forEach((value, j) => (interaction += (value - ofTest[i]! - ofReader[j]! + all) ** 2)));
  return { test, testByReader: interaction / ((tests - 1) * (readers - 1)), tests, readers };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
