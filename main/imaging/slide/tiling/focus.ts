import type { Picture } from '../slide.ts';

let grey = new Float32Array(0);

/** Variance of the Laplacian of the brightness (Pech-Pacheco et al. 2000): low where nothing is sharp. */
export function focusOf({ width, height, rgb }: Picture): number {
  if (grey.length < width * height) grey = new Float32Array(width * height);
  for (let i = 0; i < width * height; i++)
    grey[i] = 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!;
  let [sum, squares, count] = [0, 0, 0];
  for (let y = 1; y < height - 1; y++) {
    for (let x = 1; x < width - 1; x++) {
      const at = y * width + x;
      const value = grey[at - 1]! + grey[at + 1]! + grey[at - width]! + grey[at + width]! - 4 * grey[at]!;
      sum += value;
      squares += value * value;
      count++;
    }
  }
  return count === 0 ? 0 : squares / count - (sum / count) ** 2;
}
