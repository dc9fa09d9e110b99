import type { Features } from './features.ts';
import { requireComparable } from './features.ts';
import { symmetricEigen, symmetricEigenvalues } from './symmetric-eigen.ts';

/**
 * Fréchet distance of two sets of features taken as Gaussian (FID, Heusel et al. 2017):
 * ‖μ₁ − μ₂‖² + tr Σ₁ + tr Σ₂ − 2 tr (Σ₁^½ Σ₂ Σ₁^½)^½, covariances with ddof 1, all in float64. The root is that of a symmetric
 * matrix, so no complex part arises; where a set has no more images than dimensions Σ is singular and the distance is biased
 * upwards. Throws RangeError for fewer than two images in a set.
 */
export function frechetDistance(real: Features, synthetic: Features): number {
  requireComparable(real, synthetic, 2);
  const size = real.dimension;
  const a = momentsOf(real);
  const b = momentsOf(synthetic);
  const root = squareRoot(a.covariance, size);
  const inner = multiply(multiply(root, b.covariance, size), root, size);
  const shared = symmetricEigenvalues(inner, size).reduce((sum, value) => sum + Math.sqrt(Math.max(0, value)), 0);
  const meanTerm = a.mean.reduce((sum, value, i) => sum + (value - b.mean[i]!) ** 2, 0);
  return meanTerm + trace(a.covariance, size) + trace(b.covariance, size) - 2 * shared;
}

function momentsOf({ values, count, dimension }: Features): { mean: Float64Array; covariance: Float64Array } {
  const mean = new Float64Array(dimension);
  for (let index = 0; index < values.length; index++) mean[index % dimension]! += values[index]! / count;
  const covariance = new Float64Array(dimension * dimension);
  const centred = new Float64Array(dimension);
  for (let row = 0; row < count; row++) {
    for (let i = 0; i < dimension; i++) centred[i] = values[row * dimension + i]! - mean[i]!;
    for (let i = 0; i < dimension; i++) {
      const factor = centred[i]! / (count - 1);
      for (let j = 0; j <= i; j++) covariance[i * dimension + j]! += factor * centred[j]!;
    }
  }
  for (let i = 0; i < dimension; i++)
    for (let j = 0; j < i; j++) covariance[j * dimension + i] = covariance[i * dimension + j]!;
  return { mean, covariance };
}

/** Symmetric root of a symmetric matrix without negative eigenvalues but for rounding. */
function squareRoot(matrix: Float64Array, size: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, size);
  const scaled = vectors.map((component, index) => component * Math.max(0, values[Math.floor(index / size)]!) ** 0.25);
  return multiply(transpose(scaled, size), scaled, size);
}

function multiply(left: Float64Array, right: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++)
    for (let k = 0; k < size; k++) {
      const factor = left[i * size + k]!;
      for (let j = 0; j < size; j++) product[i * size + j]! += factor * right[k * size + j]!;
    }
  return product;
}

function transpose(matrix: Float64Array, size: number): Float64Array {
  return matrix.map((_, index) => matrix[(index % size) * size + Math.floor(index / size)]!);
}

function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * size + i]!;
  return sum;
}
