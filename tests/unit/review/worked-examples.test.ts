import { describe, expect, it } from 'vitest';
import { intraReader, krippendorffAlpha } from '../../../main/review/agreement.ts';
import {
  dorfmanBerbaumMetz,
  jackknife,
  obuchowskiRockette,
  oneTestInterval,
} from '../../../main/review/analysis-of-variance.ts';
import { fitBinormal } from '../../../main/review/binormal.ts';
import { aucWithInterval } from '../../../main/review/delong.ts';
import { fUpperTail, normalQuantile, studentCritical, studentTwoSided } from '../../../main/review/distributions.ts';
import { binomialEquivalence, estimateEquivalence, holm } from '../../../main/review/equivalence.ts';
import { exactInterval } from '../../../main/review/binomial.ts';
import { fitMixedLogistic } from '../../../main/review/mixed-logistic.ts';
import { casesForEquivalence, casesToDetect } from '../../../main/review/sample-size.ts';
import { forcedChoiceDPrime, signalDetection } from '../../../main/review/signal-detection.ts';
import { goldenFiles } from '../evaluation/golden.ts';

const repeated = (counts: number[]) => counts.flatMap((count, index) => new Array<number>(count).fill(index + 1));

/** Ratings of 109 CT images, Hanley and McNeil, Radiology 1982; 143:29, table I. */
const computedTomography = { real: repeated([33, 6, 6, 11, 2]), synthetic: repeated([3, 2, 2, 11, 33]) };

describe('published worked examples', () => {
  it('binormal ROC of Hanley and McNeil: the values of Stata’s rocfit manual', () => {
    const fit = fitBinormal(computedTomography)!;
    expect(fit.a).toBeCloseTo(1.656782, 5);
    expect(fit.b).toBeCloseTo(0.713002, 5);
    // Stata inverts the observed information, this the expected one: alike to two digits.
    expect(fit.standardErrors.a).toBeCloseTo(0.310456, 2);
    expect(fit.standardErrors.b).toBeCloseTo(0.215882, 2);
    expect(fit.area.value).toBeCloseTo(0.911331, 5);
    expect(fit.logLikelihood).toBeCloseTo(-123.64855, 4);
  });

  it('empirical area of the same ratings: 0.893', () =>
    expect(aucWithInterval(computedTomography).value).toBeCloseTo(0.8932, 4));

  /** Van Dyke's MR study, sensitivity of 5 readers; printed by the R package MRMCaov (Smith, Hillis and Pesce 2022). */
  const sensitivity = [
    [40, 35, 37, 42, 31].map((found) => found / 45),
    [44, 37, 41, 45, 40].map((found) => found / 45),
  ];

  it('Obuchowski–Rockette with Hillis’ degrees of freedom: Van Dyke’s study as MRMCaov prints it', () => {
    const found = obuchowskiRockette(sensitivity, { cov1: 0.0009943883, cov2: 0.0010145903, cov3: 0.0006604938 });
    expect(found.meanSquares.test).toBeCloseTo(0.02390123, 8);
    expect(found.meanSquares.testByReader).toBeCloseTo(0.001802469, 9);
    expect(found.f).toBeCloseTo(6.689493, 5);
    expect(found.degrees[1]).toBeCloseTo(15.71732, 4);
    expect(found.pValue).toBeCloseTo(0.02008822, 7);
    const single = oneTestInterval(sensitivity[0]!, 0.001646465, 0.5);
    expect(single.standardError).toBeCloseTo(0.05893747, 7);
    expect(single.degrees).toBeCloseTo(14.456811, 4);
    expect(single.low).toBeCloseTo(0.6961876, 6);
    expect(single.high).toBeCloseTo(0.9482568, 6);
  });

  it('Krippendorff’s α of his own example (2011, section E): nominal, ordinal and interval', () => {
    const x = null;
    const ratings = [
      [1, 2, 3, 3, 2, 1, 4, 1, 2, x, x, x],
      [1, 2, 3, 3, 2, 2, 4, 1, 2, 5, x, 3],
      [x, 3, 3, 3, 2, 3, 4, 2, 2, 5, 1, x],
      [1, 2, 3, 3, 2, 4, 4, 1, 2, 5, 1, x],
    ];
    expect(krippendorffAlpha(ratings, 'nominal')).toBeCloseTo(0.743, 3);
    expect(krippendorffAlpha(ratings, 'ordinal')).toBeCloseTo(0.815, 3);
    expect(krippendorffAlpha(ratings, 'interval')).toBeCloseTo(0.849, 3);
  });

  it('Holm’s adjustment of 0.01, 0.04, 0.03, 0.005, as R’s p.adjust gives it', () => {
    expect(holm([0.01, 0.04, 0.03, 0.005])).toEqual(
      [0.03, 0.06, 0.06, 0.02].map((p) => expect.closeTo(p, 12) as number),
    );
  });

  it('forced choice: of two d′ = √2·z(pc); at chance it is 0, of two and of four', () => {
    expect(forcedChoiceDPrime(76, 100, 2)).toBeCloseTo(Math.SQRT2 * normalQuantile(0.76), 6);
    expect(forcedChoiceDPrime(50, 100, 2)).toBeCloseTo(0, 6);
    expect(forcedChoiceDPrime(25, 100, 4)).toBeCloseTo(0, 6);
  });

  it('crossed random intercepts: contagious pleuropneumonia of Bates et al. 2015, glmer(nAGQ = 1)', () => {
    const herds = [4, 3, 4, 4, 4, 4, 4, 1, 4, 4, 4, 4, 4, 4, 4];
    const incidence = [
      2, 3, 4, 0, 3, 1, 1, 8, 2, 0, 2, 2, 0, 2, 0, 5, 0, 0, 1, 3, 0, 0, 1, 8, 1, 3, 0, 12, 2, 0, 0, 0, 1, 1, 0, 2, 0, 5,
      3, 1, 2, 1, 0, 0, 1, 2, 0, 0, 11, 0, 0, 0, 1, 1, 1, 0,
    ];
    const size = [
      14, 12, 9, 5, 22, 18, 21, 22, 16, 16, 20, 10, 10, 9, 6, 18, 25, 24, 4, 17, 17, 18, 20, 16, 10, 9, 5, 34, 9, 6, 8,
      6, 22, 22, 18, 22, 25, 27, 22, 22, 10, 8, 6, 5, 21, 24, 19, 23, 19, 2, 3, 2, 19, 15, 15, 15,
    ];
    const rows = herds
      .flatMap((periods, herd) =>
        periods === 3
          ? [0, 1, 2].map((period) => [herd, period])
          : Array.from({ length: periods }, (_, period) => [herd, period]),
      )
      .map(([herd, period], index) => ({
        right: incidence[index]!,
        trials: size[index]!,
        covariates: [1, ...[1, 2, 3].map((one) => (period === one ? 1 : 0))],
        readerIndex: herd!,
      }));
    expect(rows).toHaveLength(56);
    const fit = fitMixedLogistic(rows)!;
    expect(fit.coefficients).toEqual([-1.3983, -0.9919, -1.1282, -1.5797].map((b) => expect.closeTo(b, 2) as number));
    expect(fit.deviations.readers).toBeCloseTo(0.6421, 2);
  });
});

describe('closed forms and identities', () => {
  it('Student and F: one degree of freedom is Cauchy, two have a closed form, F(1, n) is t²', () => {
    expect(studentTwoSided(1, 1)).toBeCloseTo(0.5, 13);
    expect(studentTwoSided(2, 2)).toBeCloseTo(1 - 2 / Math.sqrt(6), 13);
    expect(fUpperTail(2.5 ** 2, 1, 7.3)).toBeCloseTo(studentTwoSided(2.5, 7.3), 13);
    expect(studentCritical(0.05, 10)).toBeCloseTo(2.2281388519649385, 10);
    expect(normalQuantile(0.975)).toBeCloseTo(1.959963984540054, 12);
  });

  it('Dorfman–Berbaum–Metz is Obuchowski–Rockette with jackknife covariances (Hillis 2005)', () => {
    const { content } = goldenFiles().find(({ content }) => 'mrmc' in content)!;
    const truth = content['truth'] as number[];
    const scores = content['scores'] as Record<string, number[]>;
    const ratings = ['A', 'B'].map((test) =>
      [1, 2, 3, 4, 5].map((reader) => {
        const rated = scores[`r${reader}.${test}`]!;
        return { real: rated.filter((_, k) => truth[k] === 0), synthetic: rated.filter((_, k) => truth[k] === 1) };
      }),
    );
    const { areas, covariances } = jackknife(ratings);
    const [or, dbm] = [obuchowskiRockette(areas, covariances), dorfmanBerbaumMetz(ratings)];
    expect(dbm.f).toBeCloseTo(or.f, 9);
    expect(dbm.degrees[1]).toBeCloseTo(or.degrees[1], 8);
    expect(dbm.pValue).toBeCloseTo(or.pValue, 10);
  });

  it('without random effects a slope over 0 and 1 is the log odds ratio with Woolf’s error', () => {
    const cell = (right: number, trials: number, x: number) => ({ right, trials, covariates: [1, x] });
    const fit = fitMixedLogistic([cell(30, 50, 0), cell(12, 40, 1)])!;
    expect(fit.coefficients[1]).toBeCloseTo(Math.log(12 / 28 / (30 / 20)), 5);
    expect(fit.standardErrors[1]).toBeCloseTo(Math.sqrt(1 / 12 + 1 / 28 + 1 / 30 + 1 / 20), 4);
  });

  it('d′ is 0 where hits and false alarms are alike, and the criterion has the sign of the reluctance', () => {
    const { dPrime, criterion, low, high } = signalDetection({ hits: 10, synthetic: 50, falseAlarms: 10, real: 50 });
    expect(dPrime).toBe(0);
    expect(criterion).toBeGreaterThan(0);
    expect(low).toBeCloseTo(-high, 12);
  });

  it('equivalence at 5 % is the 90 % interval within the margin', () => {
    for (let right = 60; right <= 140; right++) {
      const { equivalent } = binomialEquivalence(right, 200, { chance: 0.5, margin: 0.1 });
      // Clopper–Pearson 95 % lies round the 90 % one: within the margin it must be called equivalent.
      const { low, high } = exactInterval(right, 200);
      if (low > 0.4 && high < 0.6) expect(equivalent).toBe(true);
      if (right <= 80 || right >= 120) expect(equivalent).toBe(false);
    }
    const t = studentCritical(0.1, 12);
    const just = { value: 0.5 + 0.1 - t * 0.02, standardError: 0.02, degrees: 12 };
    expect(estimateEquivalence(just, { chance: 0.5, margin: 0.1 }).pValue).toBeCloseTo(0.05, 9);
  });

  it('a missing p is no equivalence: 10 of 20 right', () =>
    expect(binomialEquivalence(10, 20, { chance: 0.5, margin: 0.1 }).equivalent).toBe(false));

  it('sample sizes: exact, and one case fewer fails', () => {
    expect(casesToDetect({ chance: 0.5, accuracy: 0.6, power: 0.8 })).toBeGreaterThan(190);
    expect(casesToDetect({ chance: 0.5, accuracy: 0.6, power: 0.8 })).toBeLessThan(215);
    expect(casesForEquivalence({ chance: 0.5, margin: 0.1, power: 0.8 })).toBeGreaterThan(200);
    expect(casesToDetect({ chance: 0.5, accuracy: 0.5001, power: 0.8 })).toBeNull();
  });

  it('one’s own answers: agreement with κ', () => {
    expect(
      intraReader([
        [1, 1],
        [0, 0],
        [1, 0],
        [0, 0],
      ]).agreement,
    ).toMatchObject({ value: 0.75, n: 4 });
    expect(intraReader([]).kappa).toBeNull();
  });
});
