import type { VoiWindow } from '../../preload/domain.ts';
import type { SliceImage } from '../imaging/slice.ts';

/** The image through its window, clipped to 0…1. */
export function toUnitRange({ pixels }: SliceImage, { centre, width }: VoiWindow): Float32Array {
  const low = centre - width / 2;
  return pixels.map((value) => Math.min(1, Math.max(0, (value - low) / width)));
}

/**
 * `values`, on the grid of `from`, laid over the grid of `onto`: centre on centre, and the square that just holds the
 * one (in millimetres) on the square that just holds the other, which is how a model sees a slice. Between pixels bilinear;
 * where pixels get larger, the mean of evenly spread samples. Outside of `from` 0.
 */
export function alignTo(
  values: Float32Array,
  from: Omit<SliceImage, 'pixels'>,
  onto: Omit<SliceImage, 'pixels'>,
): Float32Array {
  if (sameGrid(from, onto)) return values;
  const scale = sideMm(from) / sideMm(onto);
  const stepX = (onto.spacingMm[0] * scale) / from.spacingMm[0];
  const stepY = (onto.spacingMm[1] * scale) / from.spacingMm[1];
  const across = Math.max(1, Math.ceil(stepX));
  const down = Math.max(1, Math.ceil(stepY));
  const result = new Float32Array(onto.width * onto.height);
  for (let y = 0; y < onto.height; y++) {
    for (let x = 0; x < onto.width; x++) {
      let sum = 0;
      for (let v = 0; v < down; v++) {
        for (let u = 0; u < across; u++) {
          const atX = from.width / 2 + (x + (u + 0.5) / across - onto.width / 2) * stepX - 0.5;
          const atY = from.height / 2 + (y + (v + 0.5) / down - onto.height / 2) * stepY - 0.5;
          sum += bilinear(values, from, atX, atY);
        }
      }
      result[y * onto.width + x] = sum / (across * down);
    }
  }
  return result;
}

function sideMm({ width, height, spacingMm }: Omit<SliceImage, 'pixels'>): number {
  return Math.max(width * spacingMm[0], height * spacingMm[1]);
}

/** Two square grids of one size cover each other whatever their spacing. */
function sameGrid(a: Omit<SliceImage, 'pixels'>, b: Omit<SliceImage, 'pixels'>): boolean {
  const ratio = (image: Omit<SliceImage, 'pixels'>): number => image.spacingMm[0] / image.spacingMm[1];
  return a.width === b.width && a.height === b.height && Math.abs(ratio(a) - ratio(b)) < 1e-6;
}

/** At whole coordinates the pixel itself; coordinates count from the centre of the first pixel. */
function bilinear(values: Float32Array, { width, height }: Omit<SliceImage, 'pixels'>, x: number, y: number): number {
  const x0 = Math.floor(x);
  const y0 = Math.floor(y);
  const at = (i: number, j: number): number =>
    i < 0 || j < 0 || i >= width || j >= height ? 0 : (values[j * width + i] ?? 0);
  const top = at(x0, y0) * (x0 + 1 - x) + at(x0 + 1, y0) * (x - x0);
  const bottom = at(x0, y0 + 1) * (x0 + 1 - x) + at(x0 + 1, y0 + 1) * (x - x0);
  return top * (y0 + 1 - y) + bottom * (y - y0);
}
