import { readRegion } from '../../main/imaging/slide/region.ts';
import { levelAt, type Slide } from '../../main/imaging/slide/slide.ts';

/** Mean squared difference of RGB between each column of level 0 and the one before it, and the same of rows; element 0 is 0. */
export interface GradientEnergy {
  columns: Float64Array;
  rows: Float64Array;
}

const stripHeight = 256;

/** Reads the slide strip by strip. Throws what reading a tile throws. */
export async function gradientEnergy(slide: Slide): Promise<GradientEnergy> {
  const { width, height } = levelAt(slide, 0);
  const [columns, rows] = [new Float64Array(width), new Float64Array(height)];
  let above: Uint8Array | null = null;
  for (let top = 0; top < height; top += stripHeight) {
    const many = Math.min(stripHeight, height - top);
    const { rgb } = await readRegion(slide, { level: 0, x: 0, y: top, width, height: many });
    for (let y = 0; y < many; y++) {
      const row = rgb.subarray(y * width * 3, (y + 1) * width * 3);
      for (let i = 3; i < row.length; i++) {
        const x = Math.floor(i / 3);
        columns[x] = (columns[x] ?? 0) + ((row[i] ?? 0) - (row[i - 3] ?? 0)) ** 2 / height;
      }
      const before = above;
      if (before !== null) {
        let sum = 0;
        for (let i = 0; i < row.length; i++) sum += ((row[i] ?? 0) - (before[i] ?? 0)) ** 2;
        rows[top + y] = sum / width;
      }
      above = row;
    }
  }
  return { columns, rows };
}

/**
 * Gradient energy across each border of squares over the mean of the lines within `reach` pixels of it, which see the same tissue; the mean
 * over the borders of both directions and its standard error. A picture whose structures repeat at some distance takes a smaller reach. `every` 8 takes only lines on the grid of JPEG squares (and of the wavelet,
 * whose squares divide it), `every` 1 takes all.
 */
export function seamRatio(
  { columns, rows }: GradientEnergy,
  { side, every, reach = 64 }: { side: number; every: number; reach?: number },
): { ratio: number; standardError: number } {
  const ratios: number[] = [];
  for (const lines of [columns, rows]) {
    for (let border = side; border < lines.length; border += side) {
      const inside: number[] = [];
      for (let away = -reach; away <= reach; away += every) {
        const value = lines[border + away];
        // Borders of smaller squares are no inside of larger ones.
        if (value !== undefined && (border + away) % 256 !== 0) inside.push(value);
      }
      ratios.push((lines[border] ?? 0) / mean(inside));
    }
  }
  const ratio = mean(ratios);
  const variance = ratios.reduce((sum, one) => sum + (one - ratio) ** 2, 0) / (ratios.length - 1);
  return { ratio, standardError: Math.sqrt(variance / ratios.length) };
}

/** JPEG codes squares of 8: across their edges there is another gradient than inside. */
export const codingSide = 8;

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
