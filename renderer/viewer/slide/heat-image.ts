import type { SlideFeatureMap } from '../../../preload/slides.ts';
import { colourTable } from '../image/colour-maps.ts';

/** A picture over a slide, in pixels of its level 0 from the upper left corner. */
export interface HeatImage {
  address: string;
  width: number;
  height: number;
}

const opacity = 165;

/** One pixel a patch, from `low` to `high`; clear where there is no value. */
export function heatImage(map: SlideFeatureMap, { low, high }: { low: number; high: number }): HeatImage {
  const { columns, rows, side, values } = map;
  const canvas = document.createElement('canvas');
  [canvas.width, canvas.height] = [columns, rows];
  const colours = colourTable('heat');
  const pixels = new Uint32Array(columns * rows);
  values.forEach((value, i) => {
    if (value === null) return;
    const entry = Math.round(255 * Math.min(1, Math.max(0, (value - low) / (high - low || 1))));
    pixels[i] = (((colours[entry] ?? 0) & 0xffffff) | (opacity << 24)) >>> 0;
  });
  canvas.getContext('2d')?.putImageData(new ImageData(new Uint8ClampedArray(pixels.buffer), columns, rows), 0, 0);
  return { address: canvas.toDataURL(), width: columns * side, height: rows * side };
}

/** The values between which 96 of 100 patches of all maps lie; null without any. */
export function heatRange(maps: readonly SlideFeatureMap[]): { low: number; high: number } | null {
  const sorted = maps.flatMap(({ values }) => values.filter((value) => value !== null)).toSorted((a, b) => a - b);
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return sorted.length === 0 ? null : { low: at(0.02), high: at(0.98) };
}
