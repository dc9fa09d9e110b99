import { describe, expect, it } from 'vitest';
import type { Confidence, ReaderAnswer } from '../../../preload/review.ts';
import { exactInterval, exactTest } from '../../../main/review/binomial.ts';
import { normalTwoSided } from '../../../main/review/normal.ts';
import { analyseReading } from '../../../main/review/reader-result.ts';

type Row = [truth: ReaderAnswer, answer: ReaderAnswer, confidence: number, seconds: number];

const reader = { pseudonym: 'R1', yearsOfExperience: null, specialty: '' };
const review = (rows: Row[]) =>
  analyseReading(
    { id: 'r', reader, session: 1 },
    rows.map(([truth, answer, confidence, seconds], item) => ({
      item,
      place: item,
      repeat: false,
      truths: [truth],
      images: [item],
      answer: {
        choice: answer === 'synthetic' ? 1 : 0,
        confidence: confidence as Confidence,
        elapsedMs: seconds * 1000,
        mark: null,
        comment: '',
      },
    })),
    { question: 'real-or-synthetic', choices: 1, margin: 0.1 },
  );

describe('the result of a reading', () => {
  const result = review([
    ['synthetic', 'synthetic', 4, 3],
    ['synthetic', 'synthetic', 1, 5],
    ['synthetic', 'real', 2, 9],
    ['real', 'real', 4, 4],
    ['real', 'synthetic', 1, 8],
    ['real', 'real', 1, 6],
  ]);

  it('counts synthetic as the positive class', () => {
    expect(result.confusion).toEqual({
      realAsReal: 2,
      realAsSynthetic: 1,
      syntheticAsReal: 1,
      syntheticAsSynthetic: 2,
    });
    expect(result.accuracy).toMatchObject({ value: 4 / 6, n: 6 });
    expect(result.sensitivity).toMatchObject({ value: 2 / 3, n: 3 });
    expect(result.specificity).toMatchObject({ value: 2 / 3, n: 3 });
    expect(result.medianSecondsPerCase).toBe(5.5);
  });

  it('p is the two-sided probability under guessing: 4 of 6 and beyond, both ways', () => {
    expect(result.pValueAgainstChance).toBeCloseTo((2 * (15 + 6 + 1)) / 64, 14);
  });

  it('the ROC runs from (0,0) to (1,1), never back, and its trapezoids make the AUC', () => {
    expect(result.roc[0]).toEqual({ falsePositive: 0, truePositive: 0 });
    expect(result.roc.at(-1)).toEqual({ falsePositive: 1, truePositive: 1 });
    const area = result.roc.slice(1).reduce((sum, point, index) => {
      const before = result.roc[index]!;
      expect(point.falsePositive).toBeGreaterThanOrEqual(before.falsePositive);
      expect(point.truePositive).toBeGreaterThanOrEqual(before.truePositive);
      return sum + ((point.falsePositive - before.falsePositive) * (point.truePositive + before.truePositive)) / 2;
    }, 0);
    expect(result.auc!.value).toBeCloseTo(area, 14);
    // Scores: synthetic 4, 1, −2; real −4, 1, −1. Rightly ordered pairs: 3 + 2.5 + 1 of 9.
    expect(result.auc!.value).toBeCloseTo(6.5 / 9, 14);
  });

  it('confidence decides within an answer: surely synthetic stands above hardly synthetic', () => {
    const { auc } = review([
      ['synthetic', 'synthetic', 4, 1],
      ['real', 'synthetic', 1, 1],
      ['synthetic', 'real', 1, 1],
      ['real', 'real', 4, 1],
    ]);
    expect(auc!.value).toBe(0.75);
  });

  it('the AUC is missing where a class has no case, and has no interval where it has one', () => {
    expect(review([['real', 'real', 1, 1]])).toMatchObject({
      auc: null,
      roc: [],
      sensitivity: { n: 0, low: 0, high: 1 },
    });
    const single = review([
      ['real', 'real', 1, 1],
      ['synthetic', 'synthetic', 1, 1],
    ]);
    expect(single.auc).toMatchObject({ value: 1, low: 0, high: 1 });
  });

  it('the interval of the AUC stays within 0 and 1', () => {
    const rows: Row[] = [1, 2, 3, 4].flatMap((confidence): Row[] => [
      ['synthetic', 'synthetic', confidence, 1],
      ['real', confidence === 1 ? 'synthetic' : 'real', 1, 1],
    ]);
    expect(review(rows).auc!.high).toBe(1);
  });

  it('a reader who is right late and wrong early has learnt: the odds rise', () => {
    const rows = Array.from({ length: 40 }, (_, place): Row => {
      const truth = place % 2 === 0 ? 'real' : 'synthetic';
      const right = (place * 7) % 40 < place;
      return [truth, right === (truth === 'synthetic') ? 'synthetic' : 'real', 2, 1];
    });
    expect(review(rows).learning!.low).toBeGreaterThan(1);
  });
});

describe('exact intervals keep their promise', () => {
  it('interval and test agree on every count of 40: p < 0.05 where 0.5 lies outside, at chance one half', () => {
    for (let right = 0; right <= 40; right++) {
      const { low, high } = exactInterval(right, 40);
      expect(exactTest(right, 40) < 0.05).toBe(low > 0.5 || high < 0.5);
    }
  });

  it('holds its closed forms: no success in n has the upper limit 1 − 0.025^(1/n)', () => {
    for (const n of [1, 7, 250, 20_000]) expect(exactInterval(0, n).high).toBeCloseTo(1 - 0.025 ** (1 / n), 12);
  });

  it('a half of the cases right has p = 1', () => expect(exactTest(50, 100)).toBe(1));
});

it('two-sided normal probabilities match the tables of Abramowitz and Stegun', () => {
  expect(normalTwoSided(0)).toBe(1);
  expect(normalTwoSided(-1.959963984540054)).toBeCloseTo(0.05, 14);
  expect(normalTwoSided(1)).toBeCloseTo(0.31731050786291415, 14);
  expect(normalTwoSided(5) / 5.733031437583869e-7).toBeCloseTo(1, 12);
});
