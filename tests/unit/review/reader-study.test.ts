import { describe, expect, it } from 'vitest';
import { exactInterval, exactTest } from '../../../main/review/binomial.ts';
import type { RatedClasses } from '../../../main/review/delong.ts';
import { aucWithInterval, delongVariance, pairedDelongTest } from '../../../main/review/delong.ts';
import { cohenKappa, fleissKappa } from '../../../main/review/kappa.ts';
import { productMoments } from '../../../main/review/moments.ts';
import { severalReadersArea, severalReadersDifference } from '../../../main/review/several-readers.ts';
import { casesIn, goldenFiles } from '../evaluation/golden.ts';
import { momentRows, severalReaderRows } from './imrmc-golden.ts';

/** Values of pROC, stats::binom.test and psych, rounded to eleven significant digits. */
const closeTo = (expected: number) => expect.closeTo(expected, 9) as number;

const studies = goldenFiles().filter(({ content }) => 'scores' in content && 'truth' in content);

describe('reader-study statistics follow the reference packages', () => {
  it('has studies to follow', () => expect(studies.length).toBeGreaterThan(0));
});

describe.each(studies)('$name', ({ content }) => {
  const truth = content['truth'] as number[];
  const scores = content['scores'] as Record<string, number[]>;
  const rated = (column: string): RatedClasses => ({
    real: scores[column]!.filter((_, index) => truth[index] === 0),
    synthetic: scores[column]!.filter((_, index) => truth[index] === 1),
  });
  const called = (column: string, threshold: number) => scores[column]!.map((score) => (score >= threshold ? 1 : 0));

  it.each(casesIn<{ x: number; n: number; chance: number; low: number; high: number; p: number }>(content['binomial']))(
    'exact interval and test of $x of $n against $chance',
    ({ x, n, chance, low, high, p }) => {
      expect(exactInterval(x, n)).toMatchObject({ value: x / n, low: closeTo(low), high: closeTo(high), n });
      expect(exactTest(x, n, chance) / p).toBeCloseTo(1, 9);
    },
  );

  it.each(casesIn<{ column: string; auc: number; low: number; high: number; variance: number }>(content['auc']))(
    'AUC and DeLong interval of $column',
    ({ column, auc, low, high, variance }) => {
      expect(aucWithInterval(rated(column))).toMatchObject({
        value: closeTo(auc),
        low: closeTo(low),
        high: closeTo(high),
      });
      expect(delongVariance(rated(column)) / variance).toBeCloseTo(1, 9);
    },
  );

  it.each(casesIn<{ columns: [string, string]; z: number; p: number }>(content['delongPaired']))(
    'paired DeLong test of $columns',
    ({ columns: [first, second], z, p }) => {
      expect(pairedDelongTest(rated(first), rated(second))).toEqual({ z: closeTo(z), pValue: closeTo(p) });
    },
  );

  it.each(casesIn<{ columns: [string, string]; threshold: number; kappa: number }>(content['cohenKappa']))(
    'Cohen κ of $columns',
    ({ columns: [first, second], threshold, kappa }) => {
      expect(cohenKappa(called(first, threshold), called(second, threshold))).toBeCloseTo(kappa, 9);
    },
  );

  it.each(casesIn<{ columns: [string, string]; quadratic: number }>(content['cohenWeighted']))(
    'quadratic Cohen κ of $columns',
    ({ columns: [first, second], quadratic }) => {
      expect(cohenKappa(scores[first]!, scores[second]!, 'quadratic')).toBeCloseTo(quadratic, 9);
    },
  );

  it.each(casesIn<{ columns: string[]; threshold: number; kappa: number }>(content['fleiss']))(
    'Fleiss κ of $columns',
    ({ columns, threshold, kappa }) => {
      const synthetic = truth.map(
        (_, index) => columns.filter((column) => scores[column]![index]! >= threshold).length,
      );
      expect(fleissKappa(synthetic.map((count) => [columns.length - count, count]))).toBeCloseTo(kappa, 9);
    },
  );

  it.each(casesIn<{ table: number[][]; kappa: number }>(content['fleissTextbook']))(
    'Fleiss κ of the textbook table (to the two digits printed)',
    ({ table, kappa }) => expect(fleissKappa(table)).toBeCloseTo(kappa, 2),
  );

  const readersOf = (modality: string) =>
    Object.keys(scores)
      .filter((column) => column.endsWith(`.${modality}`))
      .map(rated);

  it.each(severalReaderRows(content['mrmc']))('several readers, $estimator, $first against $second', (row) => {
    const found =
      row.second === 'NO_MOD'
        ? severalReadersArea(readersOf(row.first), row.estimator)
        : severalReadersDifference(readersOf(row.first), readersOf(row.second), row.estimator);
    expect(found).toEqual({
      value: closeTo(row.value),
      variance: closeTo(row.variance),
      normal: { pValue: closeTo(row.pNormal), low: closeTo(row.normalLow), high: closeTo(row.normalHigh) },
      bdg: {
        degrees: expect.closeTo(row.degrees, 6) as number,
        pValue: closeTo(row.pBdg),
        low: closeTo(row.bdgLow),
        high: closeTo(row.bdgHigh),
      },
      estimator: row.estimator,
      readers: row.readers,
      n: { real: row.real, synthetic: row.synthetic },
    });
  });

  it.each(momentRows(content['mrmc']))('moments and components, $estimator, $first and $second', (row) => {
    const { moments, components } = productMoments(readersOf(row.first), readersOf(row.second), row.estimator);
    expect(moments).toEqual(row.moments.map(closeTo));
    expect(components).toEqual(Object.fromEntries(Object.entries(row.components).map(([k, v]) => [k, closeTo(v)])));
  });
});
