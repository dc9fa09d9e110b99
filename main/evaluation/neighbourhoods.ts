import type { Features } from './features.ts';
import { requireComparable } from './features.ts';
import type { PairMatrix, SetPairs } from './pairwise.ts';
import { pairsOf, squaredDistances } from './pairwise.ts';

/** What precision, recall, density and coverage are made of. Distances are squared, which keeps their order. */
export interface Neighbourhoods {
  /** real.count × synthetic.count, row-major. */
  distances: Float64Array;
  /** Distance of each image to its k-th nearest other image of its own set. */
  realRadii: Float64Array;
  syntheticRadii: Float64Array;
  realCount: number;
  syntheticCount: number;
  k: number;
}

/** Throws RangeError unless each set has more than k images. */
export function neighbourhoods(real: Features, synthetic: Features, k: number): Neighbourhoods {
  requireComparable(real, synthetic, k + 1);
  return neighbourhoodsAmong(pairsOf(squaredDistances, real, synthetic), {
    real: everyRow(real.count),
    synthetic: everyRow(synthetic.count),
    k,
  });
}

/** Among some of the images, named by their rows; each list needs more than k. */
export function neighbourhoodsAmong(
  pairs: SetPairs,
  { real, synthetic, k }: { real: Int32Array; synthetic: Int32Array; k: number },
): Neighbourhoods {
  const distances = new Float64Array(real.length * synthetic.length);
  const { values, columns } = pairs.across;
  for (let i = 0; i < real.length; i++)
    for (let j = 0; j < synthetic.length; j++)
      distances[i * synthetic.length + j] = values[real[i]! * columns + synthetic[j]!]!;
  return {
    distances,
    realRadii: radii(pairs.real, real, k),
    syntheticRadii: radii(pairs.synthetic, synthetic, k),
    realCount: real.length,
    syntheticCount: synthetic.length,
    k,
  };
}

function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

/** The k smallest are kept in order while the others pass by. */
function radii({ values, columns }: PairMatrix, chosen: Int32Array, k: number): Float64Array {
  const nearest = new Float64Array(k);
  return Float64Array.from(chosen, (row) => {
    nearest.fill(Infinity);
    for (const other of chosen) {
      const distance = values[row * columns + other]!;
      if (other === row || distance >= nearest[k - 1]!) continue;
      let place = k - 1;
      for (; place > 0 && nearest[place - 1]! > distance; place--) nearest[place] = nearest[place - 1]!;
      nearest[place] = distance;
    }
    return nearest[k - 1]!;
  });
}
