/** An image on a grid, rows top down. */
export interface Grid {
  pixels: Float64Array;
  width: number;
  height: number;
}

/**
 * Laplacian of Gaussian, normalised by the scale (σ²; Lindeberg 1998), as second derivatives of a sampled Gaussian along rows and columns;
 * the border is mirrored. Both derivative kernels sum to 0, so that a constant image gives 0. σ in pixels.
 */
export function laplacianOfGaussian(grid: Grid, sigma: number): Grid {
  const reach = Math.ceil(4 * sigma);
  const places = Array.from({ length: 2 * reach + 1 }, (_, i) => i - reach);
  const gaussian = places.map((x) => Math.exp(-(x * x) / (2 * sigma * sigma)));
  const total = gaussian.reduce((sum, value) => sum + value, 0);
  const smooth = gaussian.map((value) => value / total);
  const raw = places.map((x, i) => ((x * x) / sigma ** 4 - 1 / sigma ** 2) * smooth[i]!);
  const excess = raw.reduce((sum, value) => sum + value, 0);
  const second = raw.map((value, i) => (value - excess * smooth[i]!) * sigma * sigma);
  const across = convolve(convolve(grid, second, 'rows'), smooth, 'columns');
  const down = convolve(convolve(grid, smooth, 'rows'), second, 'columns');
  return { ...grid, pixels: across.pixels.map((value, i) => value + down.pixels[i]!) };
}

/**
 * The four bands of one undecimated Haar level (orthonormal filters, border mirrored), each as large as the image: low and low, high along
 * width, high along height, high along both.
 */
export function undecimatedHaar(grid: Grid): Grid[] {
  const low = [Math.SQRT1_2, Math.SQRT1_2];
  const high = [Math.SQRT1_2, -Math.SQRT1_2];
  return [
    [low, low],
    [high, low],
    [low, high],
    [high, high],
  ].map(([rows, columns]) => convolve(convolve(grid, rows!, 'rows'), columns!, 'columns'));
}

/** The kernel's first value lies on the pixel itself for two values, its middle for an odd number of them. */
function convolve({ pixels, width, height }: Grid, kernel: readonly number[], along: 'rows' | 'columns'): Grid {
  const result = new Float64Array(pixels.length);
  const shift = Math.floor((kernel.length - 1) / 2);
  const [length, step] = along === 'rows' ? [width, 1] : [height, width];
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const own = along === 'rows' ? x : y;
      const start = y * width + x - own * step;
      const first = own - shift;
      let sum = 0;
      if (first >= 0 && first + kernel.length <= length) {
        const begin = start + first * step;
        for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * pixels[begin + k * step]!;
      } else
        for (let k = 0; k < kernel.length; k++) sum += kernel[k]! * pixels[start + mirrored(first + k, length) * step]!;
      result[y * width + x] = sum;
    }
  return { pixels: result, width, height };
}

/** … 1 0 0 1 … n−2 n−1 n−1 n−2 … */
function mirrored(place: number, length: number): number {
  const period = 2 * length;
  const within = ((place % period) + period) % period;
  return within < length ? within : period - 1 - within;
}
