import type { Features } from './features.ts';
import { requireComparable } from './features.ts';
import { permutation, randomFrom } from './random.ts';

/**
 * Share of synthetic images that are authentic (AuthPct, Alaa et al. 2022): farther from the nearest training image than that one is
 * from its own nearest other training image. Near 1 for new images, near 0 for copies; about 0.5 where they are as new as training images
 * are to each other. Throws RangeError for fewer than two training images.
 */
export function authenticShare(training: Features, synthetic: Features): number {
  requireComparable(training, synthetic, 1);
  if (training.count < 2) throw new RangeError('Authenticity needs at least two training images.');
  const within = new Map<number, number>();
  let authentic = 0;
  for (let row = 0; row < synthetic.count; row++) {
    const { index, square } = nearestIn(training, synthetic, row, -1);
    const own = within.get(index) ?? nearestIn(training, training, index, index).square;
    within.set(index, own);
    if (square > own) authentic++;
  }
  return authentic / synthetic.count;
}

/**
 * Three-sample test for data copying (C_T, Meehan, Chaudhuri and Dasgupta 2020): in each cell of the training set (k-means) the
 * distances of synthetic images to their nearest training image are compared with those of held-out images by Mann and Whitney's U,
 * as a z score; cells are weighted by their held-out images. Far below 0: nearer to the training images than new real images are, that is
 * copies; far above 0: farther, that is underfitting. Null where no cell has `fewest` images of both sets.
 */
export function dataCopyingScore(
  { training, heldOut, synthetic }: { training: Features; heldOut: Features; synthetic: Features },
  { cells, fewest, seed }: { cells: number; fewest: number; seed: number },
): { value: number; cells: number } | null {
  requireComparable(training, synthetic, 1);
  requireComparable(training, heldOut, 1);
  const centres = meansOf(training, Math.min(cells, training.count), seed);
  const place = (set: Features, row: number): number => nearestIn(centres, set, row, -1).index;
  const distances = (set: Features): number[][] => {
    const byCell: number[][] = Array.from({ length: centres.count }, () => []);
    for (let row = 0; row < set.count; row++) byCell[place(set, row)]!.push(nearestIn(training, set, row, -1).square);
    return byCell;
  };
  const [test, made] = [distances(heldOut), distances(synthetic)];
  let [sum, weight, used] = [0, 0, 0];
  test.forEach((ofTest, cell) => {
    const ofMade = made[cell]!;
    if (Math.min(ofTest.length, ofMade.length) < fewest) return;
    sum += ofTest.length * rankSumZ(ofMade, ofTest);
    weight += ofTest.length;
    used++;
  });
  return weight === 0 ? null : { value: sum / weight, cells: used };
}

/** z score of the number of pairs in which the first value is the larger one, ties half (Mann and Whitney 1947). */
export function rankSumZ(first: readonly number[], second: readonly number[]): number {
  const [m, n] = [first.length, second.length];
  let larger = 0;
  for (const a of first) for (const b of second) larger += a > b ? 1 : a === b ? 0.5 : 0;
  return (larger - (m * n) / 2) / Math.sqrt((m * n * (m + n + 1)) / 12);
}

/** The nearest row of a set to one row of another, but for the row `without`. Distances are squared. */
function nearestIn(set: Features, queries: Features, row: number, without: number): { index: number; square: number } {
  const { dimension } = set;
  const best = { index: -1, square: Infinity };
  for (let other = 0; other < set.count; other++) {
    if (other === without) continue;
    let square = 0;
    const [a, b] = [row * dimension, other * dimension];
    for (let k = 0; k < dimension && square < best.square; k++)
      square += (queries.values[a + k]! - set.values[b + k]!) ** 2;
    if (square < best.square) {
      best.square = square;
      best.index = other;
    }
  }
  return best;
}

const rounds = 12;

/** Centres of k-means (Lloyd 1982) from random rows. */
function meansOf(set: Features, count: number, seed: number): Features {
  const { dimension } = set;
  const first = permutation(set.count, randomFrom(seed)).subarray(0, count);
  const values = new Float64Array(count * dimension);
  first.forEach((row, centre) => {
    for (let k = 0; k < dimension; k++) values[centre * dimension + k] = set.values[row * dimension + k]!;
  });
  const centres: Features & { values: Float64Array } = { values, count, dimension };
  for (let round = 0; round < rounds; round++) {
    const sums = new Float64Array(count * dimension);
    const sizes = new Float64Array(count);
    for (let row = 0; row < set.count; row++) {
      const { index } = nearestIn(centres, set, row, -1);
      sizes[index]!++;
      for (let k = 0; k < dimension; k++) sums[index * dimension + k]! += set.values[row * dimension + k]!;
    }
    for (let centre = 0; centre < count; centre++)
      if (sizes[centre]! > 0)
        for (let k = 0; k < dimension; k++)
          values[centre * dimension + k] = sums[centre * dimension + k]! / sizes[centre]!;
  }
  return centres;
}
