import { permutation, randomFrom } from './random.ts';

/** A statistic of some of the real and some of the synthetic images, by their row numbers. */
export type Statistic = (real: Int32Array, synthetic: Int32Array) => number;

/**
 * 95 % interval from random halves of both sets, without replacement: the spread of a statistic over halves is, to first
 * order, that of the whole set over repetitions (delete-half jackknife, Shao and Wu 1989). Drawing with replacement would
 * put copies of an image into a set, which ruins neighbour distances and makes a Fréchet distance larger. A half is
 * itself biased as it is smaller, so the interval is moved to lie round the value.
 */
export function halvesInterval(
  statistic: Statistic,
  { value, realCount, syntheticCount, repeats, seed, onRepeat }: HalvesOptions & { value: number },
): { low: number; high: number } {
  const random = randomFrom(seed);
  const found: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    found.push(statistic(half(realCount, random), half(syntheticCount, random)));
    onRepeat?.();
  }
  const mean = found.reduce((sum, one) => sum + one, 0) / repeats;
  const sorted = found.sort((a, b) => a - b);
  return { low: value + quantile(sorted, 0.025) - mean, high: value + quantile(sorted, 0.975) - mean };
}

/** The statistic between two disjoint random halves of the real set: what a perfect generator would get at that size. */
export function floorOf(
  statistic: Statistic,
  { realCount, repeats, seed, onRepeat }: Omit<HalvesOptions, 'syntheticCount'>,
): { value: number; low: number; high: number } {
  const random = randomFrom(seed);
  const found: number[] = [];
  const middle = Math.floor(realCount / 2);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const order = permutation(realCount, random);
    found.push(statistic(order.slice(0, middle), order.slice(middle, 2 * middle)));
    onRepeat?.();
  }
  const sorted = found.sort((a, b) => a - b);
  const value = found.reduce((sum, one) => sum + one, 0) / repeats;
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}

interface HalvesOptions {
  realCount: number;
  syntheticCount: number;
  repeats: number;
  seed: number;
  /** Called after each repeat; may throw to end the work. */
  onRepeat?: (() => void) | undefined;
}

/** Linear between the order statistics (type 7 of Hyndman and Fan 1996). */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  const place = share * (sorted.length - 1);
  const below = Math.floor(place);
  const above = Math.min(below + 1, sorted.length - 1);
  return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
}

function half(count: number, random: () => number): Int32Array {
  return permutation(count, random).slice(0, Math.floor(count / 2));
}
