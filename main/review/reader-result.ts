import type { Interval } from '../../preload/domain.ts';
import type { CaseAnswer, QuestionKind, ReaderAnswer, ReaderResult, ReadingSummary } from '../../preload/review.ts';
import { intraReader } from './agreement.ts';
import { fitBinormal } from './binormal.ts';
import { exactInterval, exactTest } from './binomial.ts';
import { aucWithInterval, type RatedClasses } from './delong.ts';
import { binomialEquivalence } from './equivalence.ts';
import { fitMixedLogistic } from './mixed-logistic.ts';
import { z975 } from './normal.ts';
import { forcedChoiceDPrime, signalDetection } from './signal-detection.ts';

/** One judged case of one reading, with its truth: training is left out, repeats are marked. */
export interface JudgedCase {
  item: number;
  /** Place among the judged cases, from 0. */
  place: number;
  repeat: boolean;
  truths: readonly ReaderAnswer[];
  /** Their numbers. */
  images: readonly number[];
  answer: CaseAnswer;
}

/** The chance of a right answer by guessing; null where no answer is right. */
export function chanceOf(question: QuestionKind, choices: number): number | null {
  if (question === 'real-or-synthetic') return 0.5;
  return question === 'which-is-real' || question === 'which-is-better' ? 1 / choices : null;
}

/** Right: the class was named, or the real image was chosen (for "better": preferred). Null where no answer is right. */
export function isRight(question: QuestionKind, { truths, answer }: JudgedCase): boolean | null {
  if (question === 'real-or-synthetic') return (answer.choice === 1) === (truths[0] === 'synthetic');
  if (question === 'which-is-real' || question === 'which-is-better') return truths[answer.choice] === 'real';
  return null;
}

/** −4 (surely real, surely absent) … 4 (surely synthetic, surely present); quality as given; null for a choice among images. */
export function scoreOf(question: QuestionKind, { choice, confidence }: CaseAnswer): number | null {
  if (question === 'quality') return choice;
  if (question === 'real-or-synthetic' || question === 'lesion') return choice === 1 ? confidence : -confidence;
  return null;
}

/** Ratings of the first showing of every case, in the order of the cases. */
export function ratedClasses(question: QuestionKind, cases: readonly JudgedCase[]): RatedClasses {
  const first = cases.filter(({ repeat }) => !repeat).toSorted((a, b) => a.item - b.item);
  const of = (truth: ReaderAnswer) =>
    first.filter(({ truths }) => truths[0] === truth).flatMap(({ answer }) => scoreOf(question, answer) ?? []);
  return { real: of('real'), synthetic: of('synthetic') };
}

/**
 * Everything that is said of one reader. Repeats count for the agreement with oneself only. Throws RangeError without any case.
 * Holm's p is added where several readers stand together.
 */
export function analyseReading(
  { id, reader, session }: Pick<ReadingSummary, 'id' | 'reader' | 'session'>,
  cases: readonly JudgedCase[],
  { question, choices, margin }: { question: QuestionKind; choices: number; margin: number },
): ReaderResult {
  if (cases.length === 0) throw new RangeError('A reading without answered cases has no result.');
  const first = cases.filter(({ repeat }) => !repeat);
  const chance = chanceOf(question, choices);
  const right = first.filter((one) => isRight(question, one) === true).length;
  const rated = ratedClasses(question, cases);
  const bothRated = rated.real.length > 0 && rated.synthetic.length > 0;
  const yesNo = question === 'real-or-synthetic' || question === 'lesion';
  const confusion = yesNo ? confusionOf(first) : null;
  const named = question === 'real-or-synthetic' && confusion !== null;
  const binormal = bothRated ? fitBinormal(rated) : null;
  return {
    readingId: id,
    reader,
    session,
    n: first.length,
    accuracy: chance === null ? null : exactInterval(right, first.length),
    pValueAgainstChance: chance === null ? null : exactTest(right, first.length, chance),
    holmPValue: null,
    equivalence: chance === null ? null : binomialEquivalence(right, first.length, { chance, margin }),
    sensitivity: named ? exactInterval(confusion.syntheticAsSynthetic, rated.synthetic.length) : null,
    specificity: named ? exactInterval(confusion.realAsReal, rated.real.length) : null,
    dPrime: dPrimeOf({ question, choices, right, n: first.length, confusion }),
    auc: bothRated ? aucWithInterval(rated) : null,
    binormal: binormal === null ? null : { a: binormal.a, b: binormal.b, area: binormal.area },
    roc: bothRated ? rocPoints(rated) : [],
    confusion,
    medianSecondsPerCase: median(first.map(({ answer }) => answer.elapsedMs / 1000)),
    learning: chance === null ? null : learning(question, first),
    repeats: repeatsOf(cases),
  };
}

function confusionOf(cases: readonly JudgedCase[]) {
  const count = (truth: ReaderAnswer, choice: number) =>
    cases.filter(({ truths, answer }) => truths[0] === truth && answer.choice === choice).length;
  return {
    realAsReal: count('real', 0),
    realAsSynthetic: count('real', 1),
    syntheticAsReal: count('synthetic', 0),
    syntheticAsSynthetic: count('synthetic', 1),
  };
}

function dPrimeOf(facts: {
  question: QuestionKind;
  choices: number;
  right: number;
  n: number;
  confusion: ReturnType<typeof confusionOf> | null;
}): ReaderResult['dPrime'] {
  const { question, choices, right, n, confusion } = facts;
  if (question === 'which-is-real' || question === 'which-is-better') {
    const { low, high } = exactInterval(right, n);
    const at = (share: number) => forcedChoiceDPrime(share * n, n, choices);
    return { dPrime: forcedChoiceDPrime(right, n, choices), low: at(low), high: at(high), criterion: null };
  }
  if (confusion === null || question === 'lesion') return null;
  const { realAsReal, realAsSynthetic, syntheticAsReal, syntheticAsSynthetic } = confusion;
  return signalDetection({
    hits: syntheticAsSynthetic,
    synthetic: syntheticAsSynthetic + syntheticAsReal,
    falseAlarms: realAsSynthetic,
    real: realAsReal + realAsSynthetic,
  });
}

/** Odds ratio of a right answer for ten further cases, by logistic regression on the place; null where it is not determined. */
function learning(question: QuestionKind, cases: readonly JudgedCase[]): Interval | null {
  if (cases.length < 10) return null;
  const fit = fitMixedLogistic(
    cases.map((one) => ({
      right: isRight(question, one) === true ? 1 : 0,
      trials: 1,
      covariates: [1, (one.place - cases.length / 2) / 10],
    })),
  );
  if (fit === null) return null;
  const [slope, half] = [fit.coefficients[1]!, z975 * fit.standardErrors[1]!];
  return {
    value: Math.exp(slope),
    low: Math.exp(slope - half),
    high: Math.exp(slope + half),
    n: cases.length,
    method: 'logistic regression on the place in the order, Wald 95 %',
  };
}

function repeatsOf(cases: readonly JudgedCase[]): ReaderResult['repeats'] {
  const firsts = new Map(cases.filter(({ repeat }) => !repeat).map((one) => [one.item, one]));
  const pairs = cases
    .filter(({ repeat }) => repeat)
    .flatMap((one): [number, number][] => {
      const first = firsts.get(one.item);
      return first === undefined ? [] : [[first.answer.choice, one.answer.choice]];
    });
  return pairs.length === 0 ? null : intraReader(pairs);
}

/** One point per distinct score, from the strictest threshold (0,0) to the laxest (1,1). */
function rocPoints({ real, synthetic }: RatedClasses): ReaderResult['roc'] {
  const thresholds = [...new Set([...real, ...synthetic])].sort((a, b) => b - a);
  const share = (scores: readonly number[], threshold: number) =>
    scores.filter((one) => one >= threshold).length / scores.length;
  return [Infinity, ...thresholds].map((threshold) => ({
    falsePositive: share(real, threshold),
    truePositive: share(synthetic, threshold),
  }));
}

function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
