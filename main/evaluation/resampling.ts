import { groupsOf, patientFolds } from './patient-folds.ts';
import { permutation, randomFrom } from './random.ts';

/** A statistic of some of the real and some of the synthetic images, by their row numbers. */
export type Statistic = (real: Int32Array, synthetic: Int32Array) => number | Promise<number>;

/**
 * 95 % interval from random halves of both sets, without replacement: the spread of a statistic over halves is, to first
 * order, that of the whole set over repetitions (delete-half jackknife, Shao and Wu 1989). Drawing with replacement would
 * put copies of an image into a set, which ruins neighbour distances and makes a Fréchet distance larger. A half is
 * itself biased as it is smaller, so the interval is moved to lie round the value.
 */
export async function halvesInterval(
  statistic: Statistic,
  { value, realCount, syntheticCount, patients, repeats, seed, onRepeat }: HalvesOptions & { value: number },
): Promise<{ low: number; high: number }> {
  const random = randomFrom(seed);
  const found: number[] = [];
  for (let repeat = 0; repeat < repeats; repeat++) {
    const real = shuffled(realCount, patients, random).subarray(0, Math.floor(realCount / 2));
    const synthetic = permutation(syntheticCount, random).subarray(0, Math.floor(syntheticCount / 2));
    found.push(await statistic(real, synthetic));
    onRepeat?.();
  }
  const mean = found.reduce((sum, one) => sum + one, 0) / repeats;
  const sorted = found.sort((a, b) => a - b);
  return { low: value + quantile(sorted, 0.025) - mean, high: value + quantile(sorted, 0.975) - mean };
}

/** What a perfect generator would get, and what this one gets at the very same number of images. */
export interface FloorValue {
  /** Mean of one half of the real set against the other, with the spread over the ways to part it. */
  value: number;
  low: number;
  high: number;
  /** Images on each side. */
  n: number;
  /** As many synthetic images against the same halves. */
  synthetic: { value: number; low: number; high: number };
  /** That less the floor, half by half: its sign and size say what n and the mix of classes cannot explain. */
  excess: { value: number; low: number; high: number };
}

/**
 * The statistic between two halves of the real set that have no patient in common and the same number of images of each class, and
 * between one of them and as many synthetic images. A distance falls with n and rises where classes differ, so a value of all images
 * must not be held against a floor of fewer or of others; these two may. Null where the halves come to fewer than `fewest` images.
 */
export async function floorOf(
  { among, across }: { among: Statistic; across: Statistic },
  { patients, labels, syntheticCount, fewest, repeats, seed, onRepeat }: FloorOptions,
): Promise<FloorValue | null> {
  const floors: number[] = [];
  const values: number[] = [];
  let n = Infinity;
  for (let repeat = 0; repeat < repeats; repeat++) {
    const random = randomFrom(seed + 7919 * repeat);
    const [left, right] = stratifiedHalves({ patients, labels }, { most: syntheticCount, random });
    if (left.length < fewest) return null;
    n = Math.min(n, left.length);
    floors.push(await among(left, right));
    values.push(await across(left, permutation(syntheticCount, random).slice(0, left.length)));
    onRepeat?.();
  }
  const excess = values.map((value, repeat) => value - floors[repeat]!);
  return { ...spreadOf(floors), n, synthetic: spreadOf(values), excess: spreadOf(excess) };
}

interface FloorOptions {
  /** Of each real image; '' where it is not known, which counts as a patient of its own, and as a class like any other. */
  patients: readonly string[];
  labels: readonly string[];
  syntheticCount: number;
  fewest: number;
  repeats: number;
  seed: number;
  /** Called after each repeat; may throw to end the work. */
  onRepeat?: (() => void) | undefined;
}

/**
 * Two sets of rows without a common patient, equally many of each class and at most `most` each. What one side has too much of a class
 * is left out at random; where fewer are wanted, every class gives its share.
 */
export function stratifiedHalves(
  { patients, labels }: { patients: readonly string[]; labels: readonly string[] },
  { most, random }: { most: number; random: () => number },
): [Int32Array, Int32Array] {
  const names = [...new Set(labels)];
  const classes = Int32Array.from(labels, (label) => names.indexOf(label));
  const folds = patientFolds({ labels: classes, patients }, { count: 2, seed: Math.floor(random() * 2 ** 32) });
  // The largest patient goes to the first fold: which fold is which side is drawn.
  const first = random() < 0.5 ? 0 : 1;
  const order = permutation(patients.length, random);
  const sides = [first, 1 - first].map((fold) =>
    names.map((_, label) => order.filter((row) => folds[row] === fold && classes[row] === label)),
  );
  const shared = names.map((_, label) => Math.min(sides[0]![label]!.length, sides[1]![label]!.length));
  const wanted = sharesOf(shared, most);
  const rowsOf = (side: Int32Array[]): Int32Array =>
    Int32Array.from(side.flatMap((rows, label) => [...rows.subarray(0, wanted[label])]));
  return [rowsOf(sides[0]!), rowsOf(sides[1]!)];
}

/** Counts brought down to a total, in proportion, the largest remainders rounded up. */
function sharesOf(counts: number[], most: number): number[] {
  const total = counts.reduce((sum, count) => sum + count, 0);
  if (total <= most) return counts;
  const exact = counts.map((count) => (count * most) / total);
  const shares = exact.map(Math.floor);
  const left = most - shares.reduce((sum, count) => sum + count, 0);
  const byRemainder = exact.map((value, label) => ({ label, rest: value % 1 })).sort((a, b) => b.rest - a.rest);
  for (const { label } of byRemainder.slice(0, left)) shares[label]!++;
  return shares;
}

function spreadOf(found: number[]): { value: number; low: number; high: number } {
  const sorted = Float64Array.from(found).sort();
  const value = found.reduce((sum, one) => sum + one, 0) / found.length;
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

/**
 * Patients in random order, the images of each side by side. Every patient is as likely to come early, however many images there are of
 * it: in the order in which shuffled images name them, patients of many images would come first, and with them their classes.
 */
function shuffled(count: number, patients: readonly string[] | undefined, random: () => number): Int32Array {
  if (patients === undefined) return permutation(count, random);
  const groups = groupsOf(patients);
  return Int32Array.from([...permutation(groups.length, random)].flatMap((group) => groups[group]!));
}
