import { binomialProbabilities } from './binomial.ts';
import { normalCdf, studentTwoSided } from './distributions.ts';

export interface Equivalence {
  margin: number;
  /** The larger p of the two one-sided tests. */
  pValue: number;
  /** At the 5 % level: the true value lies within chance ± margin. */
  equivalent: boolean;
}

/**
 * "Cannot tell" needs a margin: two one-sided exact binomial tests (Schuirmann 1987) of the share of right answers against
 * chance − margin and chance + margin.
 */
export function binomialEquivalence(
  right: number,
  trials: number,
  { chance, margin }: { chance: number; margin: number },
): Equivalence {
  const above = binomialProbabilities(trials, Math.max(1e-12, chance - margin)).subarray(right);
  const below = binomialProbabilities(trials, Math.min(1 - 1e-12, chance + margin)).subarray(0, right + 1);
  const sum = (terms: Float64Array) =>
    Math.min(
      1,
      terms.reduce((total, term) => total + term, 0),
    );
  return conclude(margin, Math.max(sum(above), sum(below)));
}

/** The same for an estimate with its standard error; Student's t, or the normal distribution for infinite degrees. */
export function estimateEquivalence(
  { value, standardError, degrees }: { value: number; standardError: number; degrees: number },
  { chance, margin }: { chance: number; margin: number },
): Equivalence {
  const upper = (t: number) => {
    if (!Number.isFinite(degrees)) return normalCdf(-t);
    const tail = studentTwoSided(t, degrees) / 2;
    return t >= 0 ? tail : 1 - tail;
  };
  if (standardError === 0) return conclude(margin, Math.abs(value - chance) < margin ? 0 : 1);
  const fromBelow = upper((value - (chance - margin)) / standardError);
  const fromAbove = upper((chance + margin - value) / standardError);
  return conclude(margin, Math.max(fromBelow, fromAbove));
}

/** Holm's step-down adjustment (Holm 1979), in the order given. */
export function holm(pValues: readonly number[]): number[] {
  const order = pValues.map((_, index) => index).sort((a, b) => pValues[a]! - pValues[b]!);
  const adjusted = new Array<number>(pValues.length).fill(1);
  let largest = 0;
  order.forEach((index, rank) => {
    largest = Math.max(largest, Math.min(1, (pValues.length - rank) * pValues[index]!));
    adjusted[index] = largest;
  });
  return adjusted;
}

const conclude = (margin: number, pValue: number): Equivalence => ({ margin, pValue, equivalent: pValue < 0.05 });
