import type { Features } from './features.ts';

/** A number for every pair of rows of two sets, row-major. */
export interface PairMatrix {
  values: Float64Array;
  rows: number;
  columns: number;
}

/** Within the real set, within the synthetic set, and real × synthetic. */
export interface SetPairs {
  real: PairMatrix;
  synthetic: PairMatrix;
  across: PairMatrix;
}

type PairTable = (left: Features, right: Features) => PairMatrix;

/** Both sets as one for a comparison of the real set with itself: the same matrix thrice. */
export function pairsOf(table: PairTable, real: Features, synthetic: Features): SetPairs {
  const within = table(real, real);
  if (real === synthetic) return { real: within, synthetic: within, across: within };
  return { real: within, synthetic: table(synthetic, synthetic), across: table(real, synthetic) };
}

/** Squared Euclidean distances, summed from differences, so that equal rows are exactly 0 apart. */
export function squaredDistances(left: Features, right: Features): PairMatrix {
  return tabulate(left, right, (a, b, tile) => {
    const { dimension } = left;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < dimension; k++) {
      const x = a[k]!;
      const d0 = x - b[k]!;
      const d1 = x - b[dimension + k]!;
      const d2 = x - b[2 * dimension + k]!;
      const d3 = x - b[3 * dimension + k]!;
      s0 += d0 * d0;
      s1 += d1 * d1;
      s2 += d2 * d2;
      s3 += d3 * d3;
    }
    tile[0] = s0;
    tile[1] = s1;
    tile[2] = s2;
    tile[3] = s3;
  });
}

export function innerProducts(left: Features, right: Features): PairMatrix {
  return tabulate(left, right, (a, b, tile) => {
    const { dimension } = left;
    let [s0, s1, s2, s3] = [0, 0, 0, 0];
    for (let k = 0; k < dimension; k++) {
      const x = a[k]!;
      s0 += x * b[k]!;
      s1 += x * b[dimension + k]!;
      s2 += x * b[2 * dimension + k]!;
      s3 += x * b[3 * dimension + k]!;
    }
    tile[0] = s0;
    tile[1] = s1;
    tile[2] = s2;
    tile[3] = s3;
  });
}

const tileRows = 4;

/**
 * Four rows of the right set at a time, so that each value of the left row is read once for four sums. The rows beyond the
 * last are zeros, whose sums are dropped. Of a set with itself only one half is computed.
 */
function tabulate(
  left: Features,
  right: Features,
  sums: (row: Float64Array, tile: Float64Array, out: Float64Array) => void,
): PairMatrix {
  const { dimension } = left;
  const rows = Float64Array.from(left.values);
  const padded = new Float64Array(Math.ceil(right.count / tileRows) * tileRows * dimension);
  padded.set(right.values);
  const values = new Float64Array(left.count * right.count);
  const tile = new Float64Array(tileRows);
  const isSame = left === right;
  for (let start = 0; start < right.count; start += tileRows) {
    const block = padded.subarray(start * dimension, (start + tileRows) * dimension);
    const width = Math.min(tileRows, right.count - start);
    for (let i = isSame ? start : 0; i < left.count; i++) {
      sums(rows.subarray(i * dimension, (i + 1) * dimension), block, tile);
      for (let t = 0; t < width; t++) {
        values[i * right.count + start + t] = tile[t]!;
        if (isSame) values[(start + t) * right.count + i] = tile[t]!;
      }
    }
  }
  return { values, rows: left.count, columns: right.count };
}
