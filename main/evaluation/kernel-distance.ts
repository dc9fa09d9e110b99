import type { Features } from './features.ts';
import { requireComparable } from './features.ts';

/**
 * Squared maximum mean discrepancy with the kernel (x·y / dimension + 1)³, unbiased (KID, Bińkowski et al. 2018), over the
 * whole sets as one subset. May be slightly negative. Throws RangeError for fewer than two images in a set.
 */
export function kernelDistance(real: Features, synthetic: Features): number {
  requireComparable(real, synthetic, 2);
  const across = kernelSum(real, synthetic) / (real.count * synthetic.count);
  return within(real) + within(synthetic) - 2 * across;
}

/** Mean kernel of distinct images of one set. */
function within(features: Features): number {
  return kernelSum(features, features, true) / (features.count * (features.count - 1));
}

function kernelSum(left: Features, right: Features, distinct = false): number {
  const { dimension } = left;
  let sum = 0;
  for (let i = 0; i < left.count; i++)
    for (let j = 0; j < right.count; j++) {
      if (distinct && i === j) continue;
      let product = 0;
      for (let k = 0; k < dimension; k++) product += left.values[i * dimension + k]! * right.values[j * dimension + k]!;
      sum += (product / dimension + 1) ** 3;
    }
  return sum;
}
