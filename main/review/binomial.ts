import type { Interval } from '../../preload/domain.ts';

/**
 * A proportion with its exact 95 % interval (Clopper and Pearson 1934): the chances at which a result at least as high, or
 * at least as low, has probability 2.5 %. With no trial the value is 0 and the interval 0 to 1.
 */
export function exactInterval(successes: number, trials: number): Interval {
  const tail = 0.025;
  const low = successes === 0 ? 0 : chanceWhere((chance) => upperTail(successes, trials, chance) < tail);
  const high = successes === trials ? 1 : chanceWhere((chance) => lowerTail(successes, trials, chance) > tail);
  return { value: trials === 0 ? 0 : successes / trials, low, high, n: trials, method: 'Clopper–Pearson exact 95 %' };
}

/**
 * Two-sided exact binomial p value: the probability of all outcomes that are no likelier than the observed one, with R's
 * relative tolerance of 1e-7 for ties (stats::binom.test).
 */
export function exactTest(successes: number, trials: number, chance = 0.5): number {
  const probabilities = binomialProbabilities(trials, chance);
  const limit = probabilities[successes]! * (1 + 1e-7);
  return Math.min(1, ascendingSum(probabilities.filter((probability) => probability <= limit)));
}

/**
 * P(X = 0 … trials). Built outwards from the likeliest outcome by the ratio of neighbours and scaled to sum 1, so that no
 * factorial is needed and every value keeps its relative precision.
 */
export function binomialProbabilities(trials: number, chance: number): Float64Array {
  const weights = new Float64Array(trials + 1);
  const mode = Math.min(trials, Math.floor((trials + 1) * chance));
  const odds = chance / (1 - chance);
  weights[mode] = 1;
  for (let k = mode; k < trials; k++) weights[k + 1] = (weights[k]! * (trials - k) * odds) / (k + 1);
  for (let k = mode; k > 0; k--) weights[k - 1] = (weights[k]! * k) / ((trials - k + 1) * odds);
  const sum = ascendingSum(weights);
  return weights.map((weight) => weight / sum);
}

const upperTail = (successes: number, trials: number, chance: number) =>
  ascendingSum(binomialProbabilities(trials, chance).subarray(successes));

const lowerTail = (successes: number, trials: number, chance: number) =>
  ascendingSum(binomialProbabilities(trials, chance).subarray(0, successes + 1));

/** Bisects 0…1, to the last bit, for the place where `holds` turns from true to false. */
function chanceWhere(holds: (chance: number) => boolean): number {
  let low = 0;
  let high = 1;
  for (;;) {
    const middle = (low + high) / 2;
    if (middle <= low || middle >= high) return middle;
    if (holds(middle)) low = middle;
    else high = middle;
  }
}

/** Small terms first, so that they are not lost in large ones. */
function ascendingSum(terms: Float64Array): number {
  return terms.toSorted().reduce((sum, term) => sum + term, 0);
}
