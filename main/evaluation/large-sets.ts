import type { Features } from './features.ts';
import { requireComparable } from './features.ts';
import { choleskyFactor, symmetricRoot, trace } from './matrix.ts';
import { symmetricEigenvalues } from './symmetric-eigen.ts';

/** A fast product of large matrices, which this folder is given: row-major, rows × inner by inner × columns. */
export type MatrixProduct = (
  left: Float64Array,
  right: Float64Array,
  shape: { rows: number; inner: number; columns: number; transposeLeft?: boolean; transposeRight?: boolean },
) => Promise<Float64Array>;

/** The same number as `frechetDistance`, for sets with thousands of features. Throws RangeError for fewer than two images in a set. */
export async function frechetDistanceOfMany(
  real: Features,
  synthetic: Features,
  multiply: MatrixProduct,
): Promise<number> {
  requireComparable(real, synthetic, 2);
  const size = real.dimension;
  const [a, b] = [await momentsOf(real, multiply), await momentsOf(synthetic, multiply)];
  const square = { rows: size, inner: size, columns: size };
  // Eigenvalues of Lᵀ Σ₂ L are those of Σ₁ Σ₂ where Σ₁ = L Lᵀ; a singular Σ₁ takes its symmetric root.
  const factor = choleskyFactor(a.covariance, size) ?? symmetricRoot(a.covariance, size);
  const left = await multiply(factor, b.covariance, { ...square, transposeLeft: true });
  const inner = await multiply(left, factor, square);
  const shared = symmetricEigenvalues(inner, size).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const meanTerm = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  return meanTerm + trace(a.covariance, size) + trace(b.covariance, size) - 2 * shared;
}

async function momentsOf(
  { values, count, dimension }: Features,
  multiply: MatrixProduct,
): Promise<{ mean: Float64Array; covariance: Float64Array }> {
  const mean = new Float64Array(dimension);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < dimension; k++) mean[k]! += values[row * dimension + k]! / count;
  const centred = new Float64Array(count * dimension);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < dimension; k++) centred[row * dimension + k] = values[row * dimension + k]! - mean[k]!;
  const shape = { rows: dimension, inner: count, columns: dimension, transposeLeft: true };
  const covariance = await multiply(centred, centred, shape);
  for (let i = 0; i < covariance.length; i++) covariance[i]! /= count - 1;
  return { mean, covariance };
}

export interface Manifold {
  precision: number;
  recall: number;
  density: number;
  coverage: number;
}

/** Rows of a tile: two tiles of distances stay below 16 MB. */
const tileRows = 1000;

/**
 * Precision and recall (k = `near`) and density and coverage (k = `dense`) without a table of all distances: tiles of them come and go,
 * first for the radii of each set, then between the sets. Memory grows with the images, not with their square. Throws RangeError unless each set
 * has more images than neighbours.
 */
export async function manifoldOfMany(
  real: Features,
  synthetic: Features,
  {
    near,
    dense,
    multiply,
    onTile,
  }: { near: number; dense: number; multiply: MatrixProduct; onTile?: (() => void) | undefined },
): Promise<Manifold> {
  const most = Math.max(near, dense);
  requireComparable(real, synthetic, most + 1);
  const [a, b] = [prepared(real), prepared(synthetic)];
  const realRadii = await nearestOf(a, { most, multiply, onTile });
  const syntheticRadii = await nearestOf(b, { most, multiply, onTile });
  const nearSynthetic = new Uint8Array(b.count);
  const nearReal = new Uint8Array(a.count);
  const held = new Float64Array(a.count);
  await forEachTile(a, b, { multiply, onTile }, (i, j, square) => {
    if (square < realRadii[i * most + near - 1]!) nearSynthetic[j] = 1;
    if (square < syntheticRadii[j * most + near - 1]!) nearReal[i] = 1;
    if (square < realRadii[i * most + dense - 1]!) held[i]!++;
  });
  const share = (flags: Uint8Array): number => flags.reduce((sum, one) => sum + one, 0) / flags.length;
  return {
    precision: share(nearSynthetic),
    recall: share(nearReal),
    density: held.reduce((sum, one) => sum + one, 0) / (dense * b.count),
    coverage: held.reduce((sum, one) => sum + (one > 0 ? 1 : 0), 0) / a.count,
  };
}

interface Prepared {
  values: Float64Array;
  /** Squared lengths. */
  squares: Float64Array;
  count: number;
  dimension: number;
}

function prepared({ values, count, dimension }: Features): Prepared {
  const own = values instanceof Float64Array ? values : Float64Array.from(values);
  const squares = new Float64Array(count);
  for (let row = 0; row < count; row++)
    for (let k = 0; k < dimension; k++) squares[row]! += own[row * dimension + k]! ** 2;
  return { values: own, squares, count, dimension };
}

/** The `most` smallest squared distances of each image to another of its set, in rising order. */
async function nearestOf(
  set: Prepared,
  { most, ...options }: { most: number; multiply: MatrixProduct; onTile?: (() => void) | undefined },
): Promise<Float64Array> {
  const nearest = new Float64Array(set.count * most).fill(Infinity);
  const keep = (row: number, square: number): void => {
    const start = row * most;
    let place = most - 1;
    if (square >= nearest[start + place]!) return;
    for (; place > 0 && nearest[start + place - 1]! > square; place--)
      nearest[start + place] = nearest[start + place - 1]!;
    nearest[start + place] = square;
  };
  await forEachTile(set, set, options, (i, j, square) => {
    if (j <= i) return;
    keep(i, square);
    keep(j, square);
  });
  return nearest;
}

/** |x|² + |y|² − 2 x·y for every pair; of a set with itself only tiles that hold pairs of rising rows. */
async function forEachTile(
  left: Prepared,
  right: Prepared,
  { multiply, onTile }: { multiply: MatrixProduct; onTile?: (() => void) | undefined },
  visit: (i: number, j: number, square: number) => void,
): Promise<void> {
  const { dimension } = left;
  for (let top = 0; top < left.count; top += tileRows)
    for (let start = left === right ? top : 0; start < right.count; start += tileRows) {
      onTile?.();
      const rows = Math.min(tileRows, left.count - top);
      const columns = Math.min(tileRows, right.count - start);
      const products = await multiply(
        left.values.subarray(top * dimension, (top + rows) * dimension),
        right.values.subarray(start * dimension, (start + columns) * dimension),
        { rows, inner: dimension, columns, transposeRight: true },
      );
      for (let i = 0; i < rows; i++)
        for (let j = 0; j < columns; j++) {
          const square = left.squares[top + i]! + right.squares[start + j]! - 2 * products[i * columns + j]!;
          visit(top + i, start + j, Math.max(0, square));
        }
    }
}
