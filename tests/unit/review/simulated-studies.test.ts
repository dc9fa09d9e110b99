import { describe, expect, it } from 'vitest';
import { binomialProbabilities, exactInterval, exactTest } from '../../../main/review/binomial.ts';
import { aucWithInterval } from '../../../main/review/delong.ts';
import { normalCdf } from '../../../main/review/distributions.ts';
import { binomialEquivalence } from '../../../main/review/equivalence.ts';
import { severalReadersArea } from '../../../main/review/several-readers.ts';
import { roeMetzVariance, simulatedReaders } from './simulated-readers.ts';

const runs = 2_000;
const { uniform, gauss, roeMetz } = simulatedReaders(20_261_123);
const covers = (of: () => { low: number; high: number }, truth: number): number => {
  let covered = 0;
  for (let run = 0; run < runs; run++) {
    const { low, high } = of();
    if (low <= truth && truth <= high) covered++;
  }
  return covered / runs;
};
const expectNominal = (share: number) => {
  expect(share).toBeGreaterThanOrEqual(0.93);
  expect(share).toBeLessThanOrEqual(0.97);
};

describe('2,000 simulated studies: 95 % intervals hold the truth in 93 to 97 %', () => {
  it('share of right answers, exact, 150 cases at 62 %', () => {
    const right = () => Array.from({ length: 150 }, uniform).filter((u) => u < 0.62).length;
    expectNominal(covers(() => exactInterval(right(), 150), 0.62));
  });

  it('area of one reader by DeLong, 60 and 60 cases', () => {
    const study = () => ({
      real: Array.from({ length: 60 }, gauss),
      synthetic: Array.from({ length: 60 }, () => gauss() + 0.8),
    });
    expectNominal(covers(() => aucWithInterval(study()), normalCdf(0.8 / Math.SQRT2)));
  });

  it('area of six readers of 40 and 40 cases, readers and cases random (U-statistic, BDG)', () => {
    const truth = normalCdf(0.9 / Math.sqrt(2 * roeMetzVariance));
    const study = () => severalReadersArea(roeMetz({ readers: 6, cases: 40, shift: 0.9 }), 'U-statistic').bdg;
    expectNominal(covers(study, truth));
  }, 120_000);
});

describe('readers who guess', () => {
  it('one who guesses is called different in at most 5 %, for every number of cases: exact, no sample', () => {
    for (const chance of [1 / 2, 1 / 3, 1 / 4])
      for (let cases = 10; cases <= 120; cases += 5) {
        const called = binomialProbabilities(cases, chance).reduce(
          (sum, p, right) => (exactTest(right, cases, chance) < 0.05 ? sum + p : sum),
          0,
        );
        expect(called).toBeLessThanOrEqual(0.05);
      }
  });

  it('2,000 times six of them together, by the MLE that the verdict stands on, are called different in at most 5 %', () => {
    let called = 0;
    for (let run = 0; run < runs; run++)
      if (severalReadersArea(roeMetz({ readers: 6, cases: 30, shift: 0 }), 'MLE').bdg.pValue < 0.05) called++;
    expect(called / runs).toBeLessThanOrEqual(0.05);
  }, 120_000);

  it('readers at the edge of the margin are called equivalent in at most 5 %', () => {
    let called = 0;
    for (let run = 0; run < runs; run++) {
      const right = Array.from({ length: 200 }, uniform).filter((u) => u < 0.6).length;
      if (binomialEquivalence(right, 200, { chance: 0.5, margin: 0.1 }).equivalent) called++;
    }
    expect(called / runs).toBeLessThanOrEqual(0.05);
  });
});
