import type { QuestionKind, ReviewResult, SeveralReadersResult } from '../../preload/review.ts';
import { dorfmanBerbaumMetz, jackknife, obuchowskiRockette, oneTestInterval } from './analysis-of-variance.ts';
import { estimateEquivalence } from './equivalence.ts';
import type { ReaderRatings } from './moments.ts';
import { isRight, ratedClasses } from './reader-result.ts';
import { type SeveralReaders, severalReadersArea, severalReadersDifference } from './several-readers.ts';
import type { JudgedReading } from './study-result.ts';

/** The readers together, readers and cases both random; null with fewer than two, or fewer than two cases of a class. */
export function analyseSeveral(
  question: QuestionKind,
  readings: readonly JudgedReading[],
  { chance, margin }: { chance: number | null; margin: number },
): SeveralReadersResult | null {
  if (readings.length < 2) return null;
  const rated = comparable(question, readings);
  if (rated !== null) return ofAreas(rated, margin);
  return chance === null ? null : ofAccuracy(question, readings, { chance, margin });
}

/** The first session against the second by the same readers; empty where there are not two readers with both. */
export function compareSessions(question: QuestionKind, readings: readonly JudgedReading[]): ReviewResult['sessions'] {
  const pairs = readings
    .filter(({ session }) => session === 1)
    .flatMap((first) => {
      const second = readings.find(
        ({ session, reader }) => session === 2 && reader.pseudonym === first.reader.pseudonym,
      );
      return second === undefined ? [] : [[first, second] as const];
    });
  if (pairs.length < 2) return [];
  const first = comparable(
    question,
    pairs.map(([one]) => one),
  );
  const second = comparable(
    question,
    pairs.map(([, one]) => one),
  );
  if (first === null || second === null || first[0]!.real.length !== second[0]!.real.length) return [];
  const { areas, covariances } = jackknife([first, second]);
  const difference = severalReadersDifference(second, first, 'U-statistic');
  const [or, dbm] = [obuchowskiRockette(areas, covariances), dorfmanBerbaumMetz([first, second])];
  const { low, high, pValue } = difference.variance > 0 ? difference.bdg : { low: null, high: null, pValue: NaN };
  const tested = (method: string, p: number) => ({
    method,
    difference: difference.value,
    low: null,
    high: null,
    pValue: p,
  });
  return [
    { method: uStatistic, difference: difference.value, low, high, pValue },
    tested('Obuchowski–Rockette, Hillis’ degrees of freedom', or.pValue),
    tested('Dorfman–Berbaum–Metz, jackknife', dbm.pValue),
  ].filter((row) => Number.isFinite(row.pValue));
}

const uStatistic = 'U-statistic with BDG degrees of freedom';

/** Ratings of the same cases by every reader, at least two of each class; null otherwise. */
function comparable(question: QuestionKind, readings: readonly JudgedReading[]): ReaderRatings[] | null {
  const rated = readings.map(({ cases }) => ratedClasses(question, cases));
  const [real, synthetic] = [rated[0]!.real.length, rated[0]!.synthetic.length];
  const alike = rated.every((one) => one.real.length === real && one.synthetic.length === synthetic);
  return alike && real >= 2 && synthetic >= 2 ? rated : null;
}

function ofAreas(rated: readonly ReaderRatings[], margin: number): SeveralReadersResult {
  const unbiased = severalReadersArea(rated, 'U-statistic');
  const biased = severalReadersArea(rated, 'MLE');
  const { areas, cov2 } = jackknife([rated]);
  const or = oneTestInterval(areas[0]!, cov2[0]!, 0.5);
  const row = (method: string, { value, bdg }: SeveralReaders) => ({ method, value, ...bdg });
  // In small studies the unbiased variance can be estimated below zero; there is no interval then.
  const unbiasedRow = unbiased.variance > 0 ? [row(uStatistic, unbiased)] : [];
  return {
    readers: rated.length,
    figure: 'area',
    chance: 0.5,
    estimates: [
      // First the one that the verdict stands on: never too narrow.
      row('MLE with BDG degrees of freedom', biased),
      ...unbiasedRow,
      {
        method: 'Obuchowski–Rockette and Hillis, jackknife',
        value: or.value,
        low: or.low,
        high: or.high,
        pValue: or.pValue,
        degrees: Number.isFinite(or.degrees) ? or.degrees : null,
      },
    ].map(withinShares),
    equivalence: estimateEquivalence(
      { value: biased.value, standardError: Math.sqrt(biased.variance), degrees: Math.floor(biased.bdg.degrees) },
      { chance: 0.5, margin },
    ),
  };
}

/** Shares of right answers: analysis of variance with the covariance of the readers over cases. */
function ofAccuracy(
  question: QuestionKind,
  readings: readonly JudgedReading[],
  { chance, margin }: { chance: number; margin: number },
): SeveralReadersResult | null {
  const rights = readings.map(({ cases }) =>
    cases
      .filter(({ repeat }) => !repeat)
      .toSorted((a, b) => a.item - b.item)
      .map((one) => Number(isRight(question, one) === true)),
  );
  const cases = rights[0]!.length;
  if (cases < 2 || rights.some((one) => one.length !== cases)) return null;
  const shares = rights.map((one) => one.reduce((sum, value) => sum + value, 0) / cases);
  let covariance = 0;
  let pairs = 0;
  for (let i = 0; i < rights.length; i++)
    for (let j = i + 1; j < rights.length; j++) {
      const products = rights[i]!.reduce(
        (sum, value, k) => sum + (value - shares[i]!) * (rights[j]![k]! - shares[j]!),
        0,
      );
      covariance += products / (cases * (cases - 1));
      pairs++;
    }
  const { value, low, high, pValue, degrees, standardError } = oneTestInterval(shares, covariance / pairs, chance);
  const finite = Number.isFinite(degrees);
  return {
    readers: readings.length,
    figure: 'accuracy',
    chance,
    estimates: [
      {
        method: 'Obuchowski–Rockette and Hillis, shares of right answers',
        value,
        low,
        high,
        pValue,
        degrees: finite ? degrees : null,
      },
    ].map(withinShares),
    equivalence: estimateEquivalence(
      { value, standardError, degrees: finite ? degrees : Infinity },
      { chance, margin },
    ),
  };
}

type Estimate = SeveralReadersResult['estimates'][number];

/** Areas and shares lie within 0 and 1, and so do their intervals. */
const withinShares = (estimate: Estimate): Estimate => ({
  ...estimate,
  low: Math.max(0, estimate.low),
  high: Math.min(1, estimate.high),
});
