import { binomialProbabilities } from './binomial.ts';

const alpha = 0.05;
const mostCases = 5_000;

/**
 * The smallest number of cases from which on the two-sided exact test at 5 % tells `accuracy` from `chance` with at least
 * `power` (exact, not by approximation; the power of a discrete test goes up and down, so the last count that fails
 * decides). Null above 5,000 cases.
 */
export function casesToDetect({
  chance,
  accuracy,
  power,
}: {
  chance: number;
  accuracy: number;
  power: number;
}): number | null {
  return smallest((trials) => {
    const limits = acceptance(trials, chance);
    const probabilities = binomialProbabilities(trials, accuracy);
    const outside = probabilities.reduce(
      (sum, p, right) => (right < limits.low || right > limits.high ? sum + p : sum),
      0,
    );
    return outside >= power;
  });
}

/** The same for showing equivalence to chance within `margin`, for a reader who really guesses. */
export function casesForEquivalence({
  chance,
  margin,
  power,
}: {
  chance: number;
  margin: number;
  power: number;
}): number | null {
  return smallest((trials) => {
    const low = firstWhere(
      upperTails(binomialProbabilities(trials, Math.max(1e-12, chance - margin))),
      (p) => p < alpha,
    );
    const high = lastWhere(
      lowerTails(binomialProbabilities(trials, Math.min(1 - 1e-12, chance + margin))),
      (p) => p < alpha,
    );
    const guessing = binomialProbabilities(trials, chance);
    return guessing.reduce((sum, p, right) => (right >= low && right <= high ? sum + p : sum), 0) >= power;
  });
}

/** Doubles until it holds, then walks back from there to the last count that fails within one saw tooth. */
function smallest(holds: (trials: number) => boolean): number | null {
  let top = 8;
  while (!(holds(top) && holds(top + 1) && holds(top + 2))) {
    top = Math.ceil(top * 1.5);
    if (top > mostCases) return null;
  }
  let fails = 0;
  for (let trials = top; trials > Math.max(1, top / 1.6); trials--)
    if (!holds(trials)) {
      fails = trials;
      break;
    }
  return fails + 1;
}

/** Counts at which the exact two-sided test keeps chance, by ordering outcomes by their probability. */
function acceptance(trials: number, chance: number): { low: number; high: number } {
  const probabilities = binomialProbabilities(trials, chance);
  let [low, high] = [0, trials];
  let spent = 0;
  for (;;) {
    const fromLow = probabilities[low]! <= probabilities[high]!;
    const next = probabilities[fromLow ? low : high]!;
    if (low >= high || spent + next >= alpha) return { low, high };
    spent += next;
    if (fromLow) low++;
    else high--;
  }
}

function upperTails(probabilities: Float64Array): Float64Array {
  return lowerTails(probabilities.toReversed()).reverse();
}

function lowerTails(probabilities: Float64Array): Float64Array {
  let sum = 0;
  return probabilities.map((p) => (sum += p));
}

const firstWhere = (list: Float64Array, holds: (p: number) => boolean): number => {
  const found = list.findIndex(holds);
  return found < 0 ? Infinity : found;
};
const lastWhere = (list: Float64Array, holds: (p: number) => boolean): number => list.findLastIndex(holds);
