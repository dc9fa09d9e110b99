import type { Interval } from '../../preload/domain.ts';
import type { ReaderAnswer } from '../../preload/review.ts';
import { aucWithInterval } from './delong.ts';
import { inverse } from './linear-algebra.ts';
import { type CasePixels, colourProperties, greyProperties, type LeakKind } from './leak-properties.ts';
import { randomSource, sampleInOrder } from './random.ts';

/** What can be seen of a case without looking at what it shows: its pixels, its file, when it came. */
export interface ShownCase extends CasePixels {
  truth: ReaderAnswer;
  byteLength: number;
  /** From the request to the decoded image. */
  loadMs: number;
  /** Place in the reading order, from 0. */
  place: number;
  /** Number of its file. */
  imageNumber: number;
}

/** The properties of one case, for `findLeaks`; the pixels are not needed any more. */
export interface MeasuredCase {
  truth: ReaderAnswer;
  values: { property: string; kind: LeakKind; value: number }[];
}

export interface LeakReport {
  /** Area of a classifier that sees every property but the anatomy, on cases that it was not fitted to; 0.5 = nothing leaks. */
  auc: Interval;
  properties: { property: string; kind: LeakKind; auc: Interval; tells: boolean }[];
}

const folds = 5;
/** Of each class: two in each fold. */
export const fewestForLeaks = 2 * folds;

export function measureCase(one: ShownCase): MeasuredCase {
  const ofPixels = one.channels === 1 ? greyProperties : colourProperties;
  return {
    truth: one.truth,
    values: [
      ...ofTheFile.map(({ property, measure }) => ({ property, kind: 'file' as const, value: measure(one) })),
      ...ofPixels.map(({ property, kind, measure }) => ({ property, kind, value: measure(one) })),
    ],
  };
}

/**
 * Tries to tell real from synthetic by everything but what the image shows: one property at a time, and all together by
 * a linear discriminant in five folds. A property tells when its 99.9 % interval leaves 0.5, so that dozens of them do not
 * raise false alarms. Of each class `fewestForLeaks` cases are needed, all of one kind.
 */
export function findLeaks(cases: readonly MeasuredCase[]): LeakReport {
  const measured = (cases[0]?.values ?? []).map(({ property, kind }, k) => ({
    property,
    kind,
    values: cases.map(({ values }) => values[k]!.value),
  }));
  const properties = measured.map(({ property, kind, values }) => {
    const auc = areaOf(values, cases);
    const half = ((auc.high - auc.low) / 2) * strictness;
    return { property, kind, auc, tells: Math.abs(auc.value - 0.5) > Math.max(half, 1e-9) };
  });
  const varied = measured
    .map(({ values }) => standardise(ranks(values)))
    .filter((values) => values.some((value) => value !== 0));
  return { auc: areaOf(crossValidated(varied, cases), cases), properties };
}

/** z of 99.9 % over z of 95 %. */
const strictness = 3.2905 / 1.96;

const ofTheFile: readonly { property: string; measure: (one: ShownCase) => number }[] = [
  { property: 'bytes of the file', measure: ({ byteLength }) => byteLength },
  { property: 'load time', measure: ({ loadMs }) => loadMs },
  { property: 'place in the order', measure: ({ place }) => place },
  { property: 'number of the file', measure: ({ imageNumber }) => imageNumber },
  { property: 'parity of the number', measure: ({ imageNumber }) => imageNumber % 2 },
];

type Classed = Pick<MeasuredCase, 'truth'>;

function areaOf(values: readonly number[], cases: readonly Classed[]): Interval {
  const of = (truth: ReaderAnswer) => values.filter((_, index) => cases[index]!.truth === truth);
  return aucWithInterval({ real: of('real'), synthetic: of('synthetic') });
}

/** Mid-ranks: one slow disk access must not hide the many small differences. */
function ranks(values: readonly number[]): number[] {
  const sorted = values.toSorted((a, b) => a - b);
  const first = new Map<number, number>();
  const last = new Map<number, number>();
  sorted.forEach((value, rank) => {
    if (!first.has(value)) first.set(value, rank);
    last.set(value, rank);
  });
  return values.map((value) => (first.get(value)! + last.get(value)!) / 2);
}

function standardise(values: readonly number[]): number[] {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  const spread = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
  return values.map((value) => (spread < 1e-12 ? 0 : (value - mean) / spread));
}

/** The score of each case by a linear discriminant that was made without its fold; 0 where nothing varies. */
function crossValidated(columns: readonly (readonly number[])[], cases: readonly Classed[]): number[] {
  const order = sampleInOrder([...cases.keys()], cases.length, randomSource(1));
  const scores = new Array<number>(cases.length).fill(0);
  if (columns.length === 0) return scores;
  for (let fold = 0; fold < folds; fold++) {
    const held = order.filter((_, index) => index % folds === fold);
    const weights = discriminant(
      columns,
      cases,
      order.filter((_, index) => index % folds !== fold),
    );
    for (const index of held) scores[index] = columns.reduce((sum, column, k) => sum + weights[k]! * column[index]!, 0);
  }
  return scores;
}

/** Fisher's: the pooled covariance, a little ridge, times the difference of the means. */
function discriminant(
  columns: readonly (readonly number[])[],
  cases: readonly Classed[],
  used: readonly number[],
): number[] {
  const ridge = 1e-3;
  const of = (truth: ReaderAnswer) => used.filter((index) => cases[index]!.truth === truth);
  const groups = { real: of('real'), synthetic: of('synthetic') };
  const mean = (column: readonly number[], group: readonly number[]) =>
    group.reduce((sum, index) => sum + column[index]!, 0) / group.length;
  const means = {
    real: columns.map((column) => mean(column, groups.real)),
    synthetic: columns.map((column) => mean(column, groups.synthetic)),
  };
  const covariance = columns.map((left, i) =>
    columns.map((right, j) => {
      let sum = i === j ? ridge * used.length : 0;
      for (const truth of ['real', 'synthetic'] as const)
        for (const index of groups[truth])
          sum += (left[index]! - means[truth][i]!) * (right[index]! - means[truth][j]!);
      return sum / used.length;
    }),
  );
  const gap = columns.map((_, k) => means.synthetic[k]! - means.real[k]!);
  const inverted = inverse(covariance);
  return inverted === null ? gap : inverted.map((row) => row.reduce((sum, value, k) => sum + value * gap[k]!, 0));
}
