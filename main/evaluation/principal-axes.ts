import type { Features } from './features.ts';
import { randomFrom } from './random.ts';

const rounds = 30;

/**
 * Coordinates of each image on the first `count` principal axes, and the share of the variance on each: orthogonal iteration on the
 * covariance (Golub and Van Loan, Matrix Computations, 8.2.4), which is never formed. Axes come in falling order; the sign of an axis is such that
 * its largest component is positive. Throws RangeError for fewer than two images.
 */
export function principalAxes(
  { values, count: rows, dimension }: Features,
  { count, seed }: { count: number; seed: number },
): { coordinates: Features; shares: number[] } {
  if (rows < 2) throw new RangeError('Principal axes need at least two images.');
  const axesCount = Math.min(count, rows - 1, dimension);
  const centred = new Float64Array(rows * dimension);
  for (let k = 0; k < dimension; k++) {
    let mean = 0;
    for (let row = 0; row < rows; row++) mean += values[row * dimension + k]! / rows;
    for (let row = 0; row < rows; row++) centred[row * dimension + k] = values[row * dimension + k]! - mean;
  }
  const total = centred.reduce((sum, value) => sum + value * value, 0);
  const random = randomFrom(seed);
  let axes: Float64Array[] = orthonormal(
    Array.from({ length: axesCount }, () => Float64Array.from({ length: dimension }, () => random() - 0.5)),
  );
  let onAxes = axes.map((axis) => project(centred, axis, rows));
  for (let round = 0; round < rounds; round++) {
    axes = orthonormal(onAxes.map((coordinates) => gather(centred, coordinates, dimension)));
    onAxes = axes.map((axis) => project(centred, axis, rows));
  }
  const order = onAxes
    .map((coordinates, axis) => ({ axis, variance: coordinates.reduce((sum, value) => sum + value * value, 0) }))
    .sort((a, b) => b.variance - a.variance);
  const coordinates = new Float64Array(rows * axesCount);
  order.forEach(({ axis }, column) => {
    const own = axes[axis]!;
    const largest = own.reduce((most, value) => (Math.abs(value) > Math.abs(most) ? value : most), 0);
    const sign = largest < 0 ? -1 : 1;
    for (let row = 0; row < rows; row++) coordinates[row * axesCount + column] = sign * onAxes[axis]![row]!;
  });
  return {
    coordinates: { values: coordinates, count: rows, dimension: axesCount },
    shares: order.map(({ variance }) => (total === 0 ? 0 : variance / total)),
  };
}

function project(centred: Float64Array, axis: Float64Array, rows: number): Float64Array {
  const { length } = axis;
  return Float64Array.from({ length: rows }, (_, row) => {
    let sum = 0;
    for (let k = 0; k < length; k++) sum += centred[row * length + k]! * axis[k]!;
    return sum;
  });
}

/** Σ over rows of the row times its weight. */
function gather(centred: Float64Array, weights: Float64Array, dimension: number): Float64Array {
  const sum = new Float64Array(dimension);
  weights.forEach((weight, row) => {
    for (let k = 0; k < dimension; k++) sum[k]! += weight * centred[row * dimension + k]!;
  });
  return sum;
}

/** Gram and Schmidt, twice for accuracy. A vector that the others span becomes zero. */
function orthonormal(vectors: Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const vector of vectors) {
    const own = vector.slice();
    const before = norm(own);
    for (let pass = 0; pass < 2; pass++)
      for (const other of done) {
        let product = 0;
        for (let k = 0; k < own.length; k++) product += own[k]! * other[k]!;
        for (let k = 0; k < own.length; k++) own[k]! -= product * other[k]!;
      }
    const length = norm(own);
    done.push(length <= 1e-12 * before ? own.fill(0) : own.map((value) => value / length));
  }
  return done;
}

function norm(vector: Float64Array): number {
  return Math.sqrt(vector.reduce((sum, value) => sum + value * value, 0));
}
