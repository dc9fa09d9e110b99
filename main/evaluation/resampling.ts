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
  { value, realCount, syntheticCount, patients, repeats, seed, onRepeat }: HalvesOptions & { value: number },
): { low: number; high: number } {
  const random = randomFrom(seed);
  const found: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const real = shuffled(realCount, patients, random).subarray(0, Math.floor(realCount / 2));
    const synthetic = permutation(syntheticCount, random).subarray(0, Math.floor(syntheticCount / 2));
    found.push(statistic(real, synthetic));
    onRepeat?.();
  }
  const mean = found.reduce((sum, one) => sum + one, 0) / repeats;
  const sorted = found.sort((a, b) => a - b);
  return { low: value + quantile(sorted, 0.025) - mean, high: value + quantile(sorted, 0.975) - mean };
}

/**
 * The statistic between two disjoint random halves of the real set: what a perfect generator would get at that size. Of known
 * patients no images stand on both sides (but for the one at the cut), as they would make the halves too alike.
 */
export function floorOf(
  statistic: Statistic,
  { realCount, patients, repeats, seed, onRepeat }: Omit<HalvesOptions, 'syntheticCount'>,
): { value: number; low: number; high: number } {
  const random = randomFrom(seed);
  const found: number[] = [];
  const middle = Math.floor(realCount / 2);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const order = shuffled(realCount, patients, random);
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
  /** Of each real image; '' where it is not known, which counts as a patient of its own. None known where it is left out. */
  patients?: readonly string[] | undefined;
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

/** Patients in random order, the images of each side by side. */
function shuffled(count: number, patients: readonly string[] | undefined, random: () => number): Int32Array {
  const order = permutation(count, random);
  if (patients === undefined) return order;
  const rank = new Map<string, number>();
  const places = order.map((row, place) => {
    const patient = patients[row] ?? '';
    if (patient === '') return place;
    if (!rank.has(patient)) rank.set(patient, place);
    return rank.get(patient)!;
  });
  const index = Int32Array.from(order, (_, place) => place).sort((a, b) => places[a]! - places[b]! || a - b);
  return index.map((place) => order[place]!);
}
