/**
 * Correlates rows and then columns with one symmetric kernel, only where it lies wholly inside:
 * the result has (width − kernel + 1) × (height − kernel + 1) values, rows top down.
 */
export function filterSeparable(
  values: Float64Array,
  { width, height, kernel }: { width: number; height: number; kernel: Float64Array },
): Float64Array {
  const outWidth = width - kernel.length + 1;
  const outHeight = height - kernel.length + 1;
  const rows = new Float64Array(outWidth * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * values[y * width + x + k]!;
      rows[y * outWidth + x] = sum;
    }
  const filtered = new Float64Array(outWidth * outHeight);
  for (let y = 0; y < outHeight; y++)
    for (let x = 0; x < outWidth; x++) {
      let sum = 0;
      for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * rows[(y + k) * outWidth + x]!;
      filtered[y * outWidth + x] = sum;
    }
  return filtered;
}

/** Samples of a Gaussian at whole pixels round the centre, scaled to sum 1. `size` is odd. */
export function gaussianKernel(size: number, sigma: number): Float64Array {
  const weights = Float64Array.from({ length: size }, (_, k) =>
    Math.exp(-((k - (size - 1) / 2) ** 2) / (2 * sigma ** 2)),
  );
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

export function uniformKernel(size: number): Float64Array {
  return new Float64Array(size).fill(1 / size);
}
