import { readRegion } from '../../main/imaging/slide/region.ts';
import { levelAt, type Slide } from '../../main/imaging/slide/slide.ts';

/** Mean squared difference of RGB between each column of level 0 and the one before it, and the same of rows; element 0 is 0. */
export interface GradientEnergy {
  columns: Float64Array;
  rows: Float64Array;
}

const stripHeight = 256;
/** JPEG codes squares of 8: across their edges there is always another gradient than inside. */
const codingSide = 8;

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
 * Gradient energy across the borders of squares over that across lines inside them which lie on the same grid of JPEG squares, over both
 * directions; the standard error by the spread of the lines.
 */
export function seamRatio({ columns, rows }: GradientEnergy, side: number): { ratio: number; standardError: number } {
  const borders: number[] = [];
  const inside: number[] = [];
  for (const lines of [columns, rows]) {
    for (let at = codingSide; at < lines.length; at += codingSide) {
      // Borders of smaller squares are no inside of larger ones.
      if (at % side === 0) borders.push(lines[at] ?? 0);
      else if (at % 256 !== 0) inside.push(lines[at] ?? 0);
    }
  }
  const [across, within] = [mean(borders), mean(inside)];
  const spread = Math.sqrt(mean(inside.map((value) => (value - within) ** 2)));
  return { ratio: across / within, standardError: spread / within / Math.sqrt(borders.length) };
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
