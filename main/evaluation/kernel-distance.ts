import type { Features } from './features.ts';
import { requireComparable } from './features.ts';
import type { PairMatrix, SetPairs } from './pairwise.ts';
import { innerProducts, pairsOf, squaredDistances } from './pairwise.ts';
import { quantile } from './resampling.ts';

/**
 * Squared maximum mean discrepancy with the kernel (x·y / dimension + 1)³, unbiased (KID, Bińkowski et al. 2018), over the
 * whole sets as one subset. May be slightly negative. Throws RangeError for fewer than two images in a set.
 */
export function kernelDistance(real: Features, synthetic: Features): number {
  return discrepancy(polynomialKernels(real, synthetic));
}

/** Values of the kernel of KID for all pairs. Throws RangeError for fewer than two images in a set. */
export function polynomialKernels(real: Features, synthetic: Features): SetPairs {
  requireComparable(real, synthetic, 2);
  const { dimension } = real;
  return mapped(pairsOf(innerProducts, real, synthetic), (product) => (product / dimension + 1) ** 3);
}

/**
 * Gaussian kernel exp(−d² / 2h²) for all pairs; h is the median distance between real images (Gretton et al. 2012).
 * Throws RangeError for fewer than two images in a set.
 */
export function gaussianKernels(real: Features, synthetic: Features): SetPairs {
  requireComparable(real, synthetic, 2);
  const squares = pairsOf(squaredDistances, real, synthetic);
  const median = quantile(aboveDiagonal(squares.real).sort(), 0.5) || 1;
  return mapped(squares, (square) => Math.exp(-square / (2 * median)));
}

/** Unbiased squared discrepancy among some of the images, named by their rows; all where none are named. */
export function discrepancy(kernels: SetPairs, rows?: { real: Int32Array; synthetic: Int32Array }): number {
  const real = rows?.real ?? everyRow(kernels.real.rows);
  const synthetic = rows?.synthetic ?? everyRow(kernels.synthetic.rows);
  const across = total(kernels.across, real, synthetic) / (real.length * synthetic.length);
  return within(kernels.real, real) + within(kernels.synthetic, synthetic) - 2 * across;
}

/** Mean kernel of distinct images of one set. */
function within(kernels: PairMatrix, rows: Int32Array): number {
  let own = 0;
  for (const row of rows) own += kernels.values[row * kernels.columns + row]!;
  return (total(kernels, rows, rows) - own) / (rows.length * (rows.length - 1));
}

function total({ values, columns }: PairMatrix, left: Int32Array, right: Int32Array): number {
  let sum = 0;
  for (let i = 0; i < left.length; i++) {
    const start = left[i]! * columns;
    for (let j = 0; j < right.length; j++) sum += values[start + right[j]!]!;
  }
  return sum;
}

function mapped(pairs: SetPairs, kernel: (value: number) => number): SetPairs {
  const one = (matrix: PairMatrix): PairMatrix => ({ ...matrix, values: matrix.values.map(kernel) });
  const real = one(pairs.real);
  if (pairs.synthetic === pairs.real) return { real, synthetic: real, across: real };
  return { real, synthetic: one(pairs.synthetic), across: one(pairs.across) };
}

function aboveDiagonal({ values, columns }: PairMatrix): Float64Array {
  return values.filter((_, index) => index % columns > Math.floor(index / columns));
}

function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}
