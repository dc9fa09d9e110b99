import type { ImagePair } from './similarity.ts';
import { ssimWindowSize, structuralSimilarity } from './similarity.ts';

/** Exponents of the five scales, finest first (Wang, Simoncelli and Bovik 2003). */
const exponents = [0.0448, 0.2856, 0.3001, 0.2363, 0.1333];

/**
 * Multi-scale SSIM (Wang, Simoncelli and Bovik 2003) with the Gaussian window: the contrast-structure factor of four
 * scales and the SSIM of the coarsest, each scale the 2 × 2 mean of the one before. Negative factors count as 0. The
 * coarsest scale is mirrored beyond its border, as torchmetrics does, so that all of its few pixels count.
 * With fewer than five scales the exponents of the finest ones are scaled to sum 1. Throws RangeError when a side is
 * shorter than 11 · 2^(scales − 1) pixels: 176 for five scales, 88 for four.
 */
export function multiScaleSsim(pair: ImagePair, dataRange = 1, scales = exponents.length): number {
  const shortest = ssimWindowSize.gaussian * 2 ** (scales - 1);
  if (Math.min(pair.width, pair.height) < shortest)
    throw new RangeError(
      `Multi-scale SSIM needs images of at least ${shortest} by ${shortest} pixels; these have ${pair.width} by ${pair.height}.`,
    );
  const used = exponents.slice(0, scales);
  const sum = scales === exponents.length ? 1 : used.reduce((total, exponent) => total + exponent, 0);
  let current = pair;
  let product = 1;
  for (const [scale, exponent] of used.entries()) {
    const isCoarsest = scale === used.length - 1;
    const factor = isCoarsest
      ? structuralSimilarity(mirrored(current, (ssimWindowSize.gaussian - 1) / 2), { dataRange }).similarity
      : structuralSimilarity(current, { dataRange }).contrastStructure;
    product *= Math.max(0, factor) ** (exponent / sum);
    current = halve(current);
  }
  return product;
}

/** The most scales, at most five, that images of this size allow; 0 where they are too small for one. */
export function scalesFor({ width, height }: { width: number; height: number }): number {
  const fitting = Math.floor(Math.log2(Math.min(width, height) / ssimWindowSize.gaussian)) + 1;
  return Math.max(0, Math.min(exponents.length, fitting));
}

function halve({ left, right, width, height }: ImagePair): ImagePair {
  const size = { width: Math.floor(width / 2), height: Math.floor(height / 2) };
  const means = (image: ArrayLike<number>) => {
    const halved = new Float64Array(size.width * size.height);
    for (let y = 0; y < size.height; y++)
      for (let x = 0; x < size.width; x++) {
        const at = 2 * y * width + 2 * x;
        halved[y * size.width + x] = (image[at]! + image[at + 1]! + image[at + width]! + image[at + width + 1]!) / 4;
      }
    return halved;
  };
  return { left: means(left), right: means(right), ...size };
}

/** Reflects about the outermost pixels, which are not repeated. */
function mirrored({ left, right, width, height }: ImagePair, margin: number): ImagePair {
  const size = { width: width + 2 * margin, height: height + 2 * margin };
  const inside = (place: number, length: number) => length - 1 - Math.abs(length - 1 - Math.abs(place));
  const extend = (image: ArrayLike<number>) =>
    Float64Array.from({ length: size.width * size.height }, (_, index) => {
      const x = inside((index % size.width) - margin, width);
      const y = inside(Math.floor(index / size.width) - margin, height);
      return image[y * width + x]!;
    });
  return { left: extend(left), right: extend(right), ...size };
}
