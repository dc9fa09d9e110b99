import { multiScaleSsim, scalesFor } from './multi-scale-similarity.ts';
import { permutation, randomFrom } from './random.ts';

/**
 * Mean multi-scale SSIM of random pairs of one set, no image in two pairs: low = diverse. Pairs are independent, so the
 * interval is that of a mean (normal, 95 %). With as many scales as the size allows, `scales`; null where not one fits or
 * there are fewer than 20 pairs. Images in 0…1 on one grid.
 */
export function pairwiseSimilarity(
  images: readonly Float32Array[],
  {
    width,
    height,
    most,
    seed,
    onPair,
  }: { width: number; height: number; most: number; seed: number; onPair?: () => void },
): { value: number; low: number; high: number; pairs: number; scales: number } | null {
  const scales = scalesFor({ width, height });
  const pairs = Math.min(most, Math.floor(images.length / 2));
  if (scales === 0 || pairs < fewestPairs) return null;
  const order = permutation(images.length, randomFrom(seed));
  const found = Array.from({ length: pairs }, (_, pair) => {
    onPair?.();
    const [left, right] = [images[order[2 * pair]!]!, images[order[2 * pair + 1]!]!];
    return multiScaleSsim({ left, right, width, height }, 1, scales);
  });
  const value = found.reduce((sum, one) => sum + one, 0) / pairs;
  const variance = found.reduce((sum, one) => sum + (one - value) ** 2, 0) / (pairs - 1);
  const margin = 1.959964 * Math.sqrt(variance / pairs);
  return { value, low: value - margin, high: value + margin, pairs, scales };
}

const fewestPairs = 20;
