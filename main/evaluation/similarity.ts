/** Similarity of two images of one grid. Images are rows top down; `dataRange` is the span of possible values. */
import { filterSeparable, gaussianKernel, uniformKernel } from './window-filter.ts';

export interface ImagePair {
  left: ArrayLike<number>;
  right: ArrayLike<number>;
  width: number;
  height: number;
}

/** Peak signal-to-noise ratio in dB, 10·log10(dataRange² / MSE); Infinity for identical images. */
export function psnr(left: ArrayLike<number>, right: ArrayLike<number>, dataRange = 1): number {
  return 10 * Math.log10(dataRange ** 2 / meanSquaredError(left, right));
}

/** Mean of |right − left|. Throws RangeError when the lengths differ or are zero. */
export function meanAbsoluteError(left: ArrayLike<number>, right: ArrayLike<number>): number {
  requireSameLength(left, right);
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += Math.abs(right[index]! - left[index]!);
  return sum / left.length;
}

/** Mean of (right − left)². Throws RangeError when the lengths differ or are zero. */
export function meanSquaredError(left: ArrayLike<number>, right: ArrayLike<number>): number {
  requireSameLength(left, right);
  let sum = 0;
  for (let index = 0; index < left.length; index++) sum += (right[index]! - left[index]!) ** 2;
  return sum / left.length;
}

/** Shape of the local window: Gaussian 11 × 11 with σ 1.5 and population covariance, or uniform 7 × 7 with sample covariance. */
export type SsimWindow = 'gaussian' | 'uniform';

/** Width of the local window in pixels; neither side of the images may be shorter. */
export const ssimWindowSize: Record<SsimWindow, number> = { gaussian: 11, uniform: 7 };

/**
 * Structural similarity (Wang et al. 2004, equations 6 and 13; K1 = 0.01, K2 = 0.03), averaged where the window
 * lies wholly inside the image. Throws RangeError when an image is smaller than the window.
 */
export function ssim(pair: ImagePair, options: { window?: SsimWindow; dataRange?: number } = {}): number {
  return structuralSimilarity(pair, options).similarity;
}

/** SSIM and its contrast-structure factor (the second factor of equation 12), both as means. */
export function structuralSimilarity(
  { left, right, width, height }: ImagePair,
  { window = 'gaussian', dataRange = 1 }: { window?: SsimWindow; dataRange?: number } = {},
): { similarity: number; contrastStructure: number } {
  requireSameLength(left, right);
  const size = ssimWindowSize[window];
  if (left.length !== width * height)
    throw new RangeError(`The images hold ${left.length} values, not ${width * height}.`);
  if (width < size || height < size)
    throw new RangeError(`SSIM needs images of at least ${size} by ${size} pixels; these have ${width} by ${height}.`);

  const kernel = window === 'gaussian' ? gaussianKernel(size, 1.5) : uniformKernel(size);
  const local = (at: (index: number) => number) => {
    const values = new Float64Array(width * height);
    for (let index = 0; index < values.length; index++) values[index] = at(index);
    return filterSeparable(values, { width, height, kernel });
  };
  const meanLeft = local((i) => left[i]!);
  const meanRight = local((i) => right[i]!);
  const squareLeft = local((i) => left[i]! ** 2);
  const squareRight = local((i) => right[i]! ** 2);
  const product = local((i) => left[i]! * right[i]!);

  const covarianceScale = window === 'uniform' ? size ** 2 / (size ** 2 - 1) : 1;
  const c1 = (0.01 * dataRange) ** 2;
  const c2 = (0.03 * dataRange) ** 2;
  let similarity = 0;
  let contrastStructure = 0;
  for (let index = 0; index < product.length; index++) {
    const a = meanLeft[index]!;
    const b = meanRight[index]!;
    const variances = covarianceScale * (squareLeft[index]! - a * a + squareRight[index]! - b * b);
    const covariance = covarianceScale * (product[index]! - a * b);
    const contrast = (2 * covariance + c2) / (variances + c2);
    contrastStructure += contrast;
    similarity += (contrast * (2 * a * b + c1)) / (a * a + b * b + c1);
  }
  return { similarity: similarity / product.length, contrastStructure: contrastStructure / product.length };
}

function requireSameLength(left: ArrayLike<number>, right: ArrayLike<number>): void {
  if (left.length !== right.length || left.length === 0)
    throw new RangeError(
      `The images must have the same number of pixels; they have ${left.length} and ${right.length}.`,
    );
}
