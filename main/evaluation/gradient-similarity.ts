/** (170 / 255²): keeps flat places from counting (Xue et al. 2014). */
const constant = 170 / 255 ** 2;

/**
 * Gradient magnitude similarity deviation (GMSD, Xue et al. 2014): the spread over the image of how alike its edges are; 0 = the same. For
 * images in 0…1 at their own size, Prewitt gradients, the border of one pixel left out. Throws RangeError below 3 × 3 pixels.
 */
export function gradientDeviation(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  { width, height }: { width: number; height: number },
): number {
  if (Math.min(width, height) < 3) throw new RangeError('Gradients need images of at least 3 × 3 pixels.');
  const similar: number[] = [];
  for (let y = 1; y < height - 1; y++)
    for (let x = 1; x < width - 1; x++) {
      const [a, b] = [gradient(left, width, x, y), gradient(right, width, x, y)];
      similar.push((2 * a * b + constant) / (a * a + b * b + constant));
    }
  const mean = similar.reduce((sum, value) => sum + value, 0) / similar.length;
  return Math.sqrt(similar.reduce((sum, value) => sum + (value - mean) ** 2, 0) / similar.length);
}

function gradient(pixels: ArrayLike<number>, width: number, x: number, y: number): number {
  const at = (dx: number, dy: number): number => pixels[(y + dy) * width + x + dx]!;
  const across = (at(1, -1) + at(1, 0) + at(1, 1) - at(-1, -1) - at(-1, 0) - at(-1, 1)) / 3;
  const down = (at(-1, 1) + at(0, 1) + at(1, 1) - at(-1, -1) - at(0, -1) - at(1, -1)) / 3;
  return Math.hypot(across, down);
}
