import type { ReaderAnswer, ReviewResult } from '../../preload/domain.ts';
import { exactInterval, exactTest } from './binomial.ts';
import { aucWithInterval } from './delong.ts';

type AnsweredCase = ReviewResult['cases'][number];

/**
 * The result of one reader's finished review. Synthetic is the positive class. Each answer and confidence gives one of
 * eight scores, from −4 (surely real) to +4 (surely synthetic), from which the ROC curve and its area come.
 * `auc` is null and `roc` empty when a class has no case. Throws RangeError without any case.
 */
export function analyseReview({ reviewId, cases }: { reviewId: string; cases: readonly AnsweredCase[] }): ReviewResult {
  if (cases.length === 0) throw new RangeError('A review without answered cases has no result.');
  const count = (truth: ReaderAnswer, answer: ReaderAnswer) =>
    cases.filter((one) => one.truth === truth && one.answer === answer).length;
  const confusion = {
    realAsReal: count('real', 'real'),
    realAsSynthetic: count('real', 'synthetic'),
    syntheticAsReal: count('synthetic', 'real'),
    syntheticAsSynthetic: count('synthetic', 'synthetic'),
  };
  const right = confusion.realAsReal + confusion.syntheticAsSynthetic;
  const rated = {
    real: cases.filter((one) => one.truth === 'real').map(score),
    synthetic: cases.filter((one) => one.truth === 'synthetic').map(score),
  };
  const bothClasses = rated.real.length > 0 && rated.synthetic.length > 0;
  return {
    reviewId,
    accuracy: exactInterval(right, cases.length),
    sensitivity: exactInterval(confusion.syntheticAsSynthetic, rated.synthetic.length),
    specificity: exactInterval(confusion.realAsReal, rated.real.length),
    pValueAgainstChance: exactTest(right, cases.length),
    auc: bothClasses ? aucWithInterval(rated) : null,
    medianSecondsPerCase: median(cases.map((one) => one.elapsedMs / 1000)),
    roc: bothClasses ? rocPoints(rated) : [],
    confusion,
    cases: cases.toSorted((a, b) => a.position - b.position),
  };
}

/** −4 … −1 for "real", 1 … 4 for "synthetic". */
function score({ answer, confidence }: AnsweredCase): number {
  return answer === 'synthetic' ? confidence : -confidence;
}

/** One point per distinct score, from the strictest threshold (0,0) to the laxest (1,1). */
function rocPoints({ real, synthetic }: { real: number[]; synthetic: number[] }): ReviewResult['roc'] {
  const thresholds = [...new Set([...real, ...synthetic])].sort((a, b) => b - a);
  const share = (scores: number[], threshold: number) =>
    scores.filter((one) => one >= threshold).length / scores.length;
  return [Infinity, ...thresholds].map((threshold) => ({
    falsePositive: share(real, threshold),
    truePositive: share(synthetic, threshold),
  }));
}

function median(values: number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
