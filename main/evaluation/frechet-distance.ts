import type { Features } from './features.ts';
import { requireComparable } from './features.ts';
import { choleskyFactor, multiply, symmetricRoot, trace, transposed } from './matrix.ts';
import { permutation, randomFrom } from './random.ts';
import { symmetricEigenvalues } from './symmetric-eigen.ts';

/** Mean and covariance (ddof 1) of a set of features. */
interface Moments {
  mean: Float64Array;
  covariance: Float64Array;
}

/**
 * Fréchet distance of two sets of features taken as Gaussian (FID, Heusel et al. 2017):
 * ‖μ₁ − μ₂‖² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁^½ Σ₂ Σ₁^½)^½, covariances with ddof 1, all in float64. The root is that of a symmetric
 * matrix, so no complex part arises; where a set has no more images than dimensions Σ is singular and the distance is biased
 * upwards. Throws RangeError for fewer than two images in a set.
 */
export function frechetDistance(real: Features, synthetic: Features): number {
  requireComparable(real, synthetic, 2);
  return distanceBetween(momentsOf(real), momentsOf(synthetic), real.dimension);
}

/**
 * The distance that endless sets would have (FID∞, Chong and Forsyth 2020): its bias falls as one over the number of images,
 * so it is computed for shrinking random parts of both sets and a line in 1 / share is continued to 0. Parts keep more
 * images than there are features. `slope` is what the bias of the whole sets comes to. Null where the sets are too small.
 */
export async function frechetDistanceAtInfinity(
  real: Features,
  synthetic: Features,
  {
    seed,
    distance = frechetDistance,
    onPart,
  }: {
    seed: number;
    distance?: (real: Features, synthetic: Features) => number | Promise<number>;
    onPart?: (() => void) | undefined;
  },
): Promise<{ value: number; slope: number } | null> {
  requireComparable(real, synthetic, 2);
  const smallest = (real.dimension + 1) / Math.min(real.count, synthetic.count);
  if (smallest > largestSmallestShare) return null;
  const from = Math.max(smallest, lowestShare);
  const random = randomFrom(seed);
  const points: { x: number; y: number }[] = [];
  for (let index = 0; index < sharesOnTheLine; index++) {
    const inverse = 1 + ((1 / from - 1) * index) / (sharesOnTheLine - 1);
    const draws = index === 0 ? 1 : drawsPerShare;
    let sum = 0;
    for (let draw = 0; draw < draws; draw++) {
      onPart?.();
      sum += await distance(part(real, 1 / inverse, random), part(synthetic, 1 / inverse, random));
    }
    points.push({ x: inverse, y: sum / draws });
  }
  const { slope, intercept } = leastSquares(points);
  return { value: intercept, slope };
}

const largestSmallestShare = 0.8;
const lowestShare = 0.3;
const sharesOnTheLine = 6;
const drawsPerShare = 2;

/** Some rows of a set, in the given order. */
export function rowsOf({ values, dimension }: Features, rows: ArrayLike<number>): Features {
  const chosen = new Float64Array(rows.length * dimension);
  for (let i = 0; i < rows.length; i++)
    for (let k = 0; k < dimension; k++) chosen[i * dimension + k] = values[rows[i]! * dimension + k]!;
  return { values: chosen, count: rows.length, dimension };
}

function part(features: Features, share: number, random: () => number): Features {
  if (share >= 1) return features;
  return rowsOf(features, permutation(features.count, random).subarray(0, Math.floor(features.count * share)));
}

function leastSquares(points: { x: number; y: number }[]): { slope: number; intercept: number } {
  const n = points.length;
  const meanX = points.reduce((sum, { x }) => sum + x, 0) / n;
  const meanY = points.reduce((sum, { y }) => sum + y, 0) / n;
  const slope =
    points.reduce((sum, { x, y }) => sum + (x - meanX) * (y - meanY), 0) /
    points.reduce((sum, { x }) => sum + (x - meanX) ** 2, 0);
  return { slope, intercept: meanY - slope * meanX };
}

/**
 * The eigenvalues of Σ₁^½ Σ₂ Σ₁^½ are those of Lᵀ Σ₂ L with Σ₁ = L Lᵀ, as both are similar to Σ₁ Σ₂; the Cholesky factor costs a
 * fraction of the root. A singular Σ₁ has none and takes the root.
 */
function distanceBetween(a: Moments, b: Moments, size: number): number {
  const factor = choleskyFactor(a.covariance, size);
  const left = factor === null ? symmetricRoot(a.covariance, size) : transposed(factor, size);
  const inner = multiply(multiply(left, b.covariance, size), factor ?? left, size);
  const shared = symmetricEigenvalues(inner, size).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const meanTerm = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  return meanTerm + trace(a.covariance, size) + trace(b.covariance, size) - 2 * shared;
}

function momentsOf({ values, count, dimension }: Features): Moments {
  const mean = new Float64Array(dimension);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < dimension; k++) mean[k]! += values[row * dimension + k]! / count;
  const covariance = new Float64Array(dimension * dimension);
  // Four images at a time, so that the matrix is passed over a quarter as often; rows beyond the last stay 0.
  const centred = new Float64Array(4 * dimension);
  for (let row = 0; row < count; row += 4) {
    centred.fill(0);
    const rows = Math.min(4, count - row);
    for (let t = 0; t < rows; t++)
      for (let k = 0; k < dimension; k++) centred[t * dimension + k] = values[(row + t) * dimension + k]! - mean[k]!;
    addOuterProducts(covariance, centred, dimension);
  }
  for (let i = 0; i < dimension; i++)
    for (let j = 0; j <= i; j++) {
      const value = covariance[i * dimension + j]! / (count - 1);
      covariance[i * dimension + j] = value;
      covariance[j * dimension + i] = value;
    }
  return { mean, covariance };
}

/** Adds the lower half of Σ v vᵀ over the four rows of `centred`. */
function addOuterProducts(sum: Float64Array, centred: Float64Array, size: number): void {
  const [a, b, c, d] = [0, 1, 2, 3].map((t) => centred.subarray(t * size, (t + 1) * size)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ];
  for (let i = 0; i < size; i++) {
    const [x, y, z, w] = [a[i]!, b[i]!, c[i]!, d[i]!];
    const start = i * size;
    for (let j = 0; j <= i; j++) sum[start + j]! += x * a[j]! + y * b[j]! + z * c[j]! + w * d[j]!;
  }
}
