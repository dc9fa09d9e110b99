import { symmetricEigen } from './symmetric-eigen.ts';

/** Square matrices, row-major, size × size, float64. */
export function multiply(left: Float64Array, right: Float64Array, size: number): Float64Array {
  const product = new Float64Array(size * size);
  const whole = size - (size % 4);
  for (let i = 0; i < size; i++) {
    const row = product.subarray(i * size, (i + 1) * size);
    // Four rows of the right matrix at a time: the row of the product is passed over a quarter as often.
    for (let k = 0; k < whole; k += 4) {
      const at = i * size + k;
      const [x, y, z, w] = [left[at]!, left[at + 1]!, left[at + 2]!, left[at + 3]!];
      const [a, b, c, d] = [k * size, (k + 1) * size, (k + 2) * size, (k + 3) * size];
      for (let j = 0; j < size; j++)
        row[j]! += x * right[a + j]! + y * right[b + j]! + z * right[c + j]! + w * right[d + j]!;
    }
    for (let k = whole; k < size; k++) {
      const factor = left[i * size + k]!;
      for (let j = 0; j < size; j++) row[j]! += factor * right[k * size + j]!;
    }
  }
  return product;
}

/** Symmetric root of a symmetric matrix without negative eigenvalues but for rounding. */
export function symmetricRoot(matrix: Float64Array, size: number): Float64Array {
  const { values, vectors } = symmetricEigen(matrix, size);
  const scaled = vectors.map((component, index) => component * Math.max(0, values[Math.floor(index / size)]!) ** 0.25);
  return multiply(transposed(scaled, size), scaled, size);
}

/** Lower triangular L with L Lᵀ = matrix; null where the matrix is singular or nearly so (pivots below 1e-10 of the largest). */
export function choleskyFactor(matrix: Float64Array, size: number): Float64Array | null {
  const factor = new Float64Array(size * size);
  let largest = 0;
  for (let i = 0; i < size; i++) largest = Math.max(largest, matrix[i * size + i]!);
  for (let i = 0; i < size; i++)
    for (let j = 0; j <= i; j++) {
      const [a, b] = [i * size, j * size];
      let sum = matrix[a + j]!;
      for (let k = 0; k < j; k++) sum -= factor[a + k]! * factor[b + k]!;
      if (i !== j) factor[a + j] = sum / factor[b + j]!;
      else if (!(sum > 1e-10 * largest)) return null;
      else factor[a + i] = Math.sqrt(sum);
    }
  return factor;
}

export function trace(matrix: Float64Array, size: number): number {
  let sum = 0;
  for (let i = 0; i < size; i++) sum += matrix[i * size + i]!;
  return sum;
}

export function transposed(matrix: Float64Array, size: number): Float64Array {
  const result = new Float64Array(size * size);
  for (let i = 0; i < size; i++) for (let j = 0; j < size; j++) result[j * size + i] = matrix[i * size + j]!;
  return result;
}
