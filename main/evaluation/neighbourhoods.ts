import type { Features } from './features.ts';
import { requireComparable } from './features.ts';

/** What precision, recall, density and coverage are made of. */
export interface Neighbourhoods {
  /** Euclidean distances, real.count × synthetic.count, row-major. */
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
  return {
    distances: distancesBetween(real, synthetic),
    realRadii: radii(real, k),
    syntheticRadii: radii(synthetic, k),
    realCount: real.count,
    syntheticCount: synthetic.count,
    k,
  };
}

function radii(features: Features, k: number): Float64Array {
  const distances = distancesBetween(features, features);
  // Its own distance of 0 comes first, so place k holds the k-th other image.
  return Float64Array.from(
    { length: features.count },
    (_, row) => distances.slice(row * features.count, (row + 1) * features.count).sort()[k]!,
  );
}

function distancesBetween(left: Features, right: Features): Float64Array {
  const { dimension } = left;
  const distances = new Float64Array(left.count * right.count);
  for (let i = 0; i < left.count; i++)
    for (let j = 0; j < right.count; j++) {
      let sum = 0;
      for (let k = 0; k < dimension; k++) {
        const difference = left.values[i * dimension + k]! - right.values[j * dimension + k]!;
        sum += difference * difference;
      }
      distances[i * right.count + j] = Math.sqrt(sum);
    }
  return distances;
}
