import type { SlideFeature } from '../../../../preload/slides.ts';
import type { Slide } from '../slide.ts';
import { levelAt } from '../slide.ts';
import { tissueFraction } from '../tissue/fraction.ts';
import type { TissueMask } from '../tissue/mask.ts';
import { readPlace } from './patch.ts';
import type { Place } from './plan.ts';

export interface FeatureGrid {
  columns: number;
  rows: number;
  /** Of a patch, in pixels of level 0. */
  side: number;
  /** Row by row; null where there is hardly any tissue. */
  values: (number | null)[];
}

/** Cells along the longer side where the side of a cell is not given. */
const usualCells = 48;
const smallestCell = 32;
const mostCells = 40_000;
/** A patch is read at this many pixels, from the coarsest level that has them. */
const patchPixels = 32;
const leastTissue = 0.1;

/** Optical densities of haematoxylin and eosin for red, green, blue, and of what is neither (Ruifrok and Johnston 2001). */
const haematoxylin = [0.65, 0.704, 0.286] as const;
const eosin = [0.072, 0.99, 0.105] as const;

/**
 * One number for each patch of a grid over the whole slide. `side` null: as many patches as can be taken in at once; cells are never so
 * small that there are more than 40,000. Throws what reading a tile throws.
 */
export async function mapFeature(
  slide: Slide,
  mask: TissueMask,
  { feature, side: wanted, signal }: { feature: SlideFeature; side: number | null; signal: AbortSignal },
): Promise<FeatureGrid> {
  const { width, height } = levelAt(slide, 0);
  const least = Math.max(smallestCell, Math.sqrt((width * height) / mostCells));
  const side = Math.max(least, wanted ?? Math.max(width, height) / usualCells);
  const [columns, rows] = [Math.ceil(width / side), Math.ceil(height / side)];
  const fraction = tissueFraction(mask, { width, height });
  const measure = measures[feature];
  const values: (number | null)[] = [];
  for (let row = 0; row < rows; row++) {
    signal.throwIfAborted();
    for (let column = 0; column < columns; column++) {
      // The last ones lie wholly in the slide, so that no white from beyond it is measured.
      const [x, y] = [Math.min(column * side, width - side), Math.min(row * side, height - side)];
      const place: Place = { index: 0, column, row, x: Math.max(0, x), y: Math.max(0, y), side, tissue: 1 };
      const tissue = fraction({ x: place.x, y: place.y, width: side, height: side });
      values.push(tissue < leastTissue ? null : measure((await readPlace(slide, place, patchPixels)).rgb));
    }
  }
  return { columns, rows, side, values };
}

const measures: Readonly<Record<SlideFeature, (rgb: Uint8Array) => number>> = {
  haematoxylin: (rgb) => meanOf(rgb, (r, g, b) => amounts(r, g, b)[0]),
  eosin: (rgb) => meanOf(rgb, (r, g, b) => amounts(r, g, b)[1]),
  brightness: (rgb) => meanOf(rgb, brightness),
  contrast: (rgb) => {
    const mean = meanOf(rgb, brightness);
    return Math.sqrt(meanOf(rgb, (r, g, b) => (brightness(r, g, b) - mean) ** 2));
  },
};

function meanOf(rgb: Uint8Array, value: (r: number, g: number, b: number) => number): number {
  let sum = 0;
  for (let i = 0; i + 2 < rgb.length; i += 3) sum += value(rgb[i] ?? 0, rgb[i + 1] ?? 0, rgb[i + 2] ?? 0);
  return sum / (rgb.length / 3);
}

function brightness(r: number, g: number, b: number): number {
  return 0.299 * r + 0.587 * g + 0.114 * b;
}

const residual = [
  haematoxylin[1] * eosin[2] - haematoxylin[2] * eosin[1],
  haematoxylin[2] * eosin[0] - haematoxylin[0] * eosin[2],
  haematoxylin[0] * eosin[1] - haematoxylin[1] * eosin[0],
] as const;

/** How much haematoxylin and eosin make this colour: densities = h · haematoxylin + e · eosin + rest · residual, by Cramer's rule. */
function amounts(r: number, g: number, b: number): [number, number] {
  const density = [r, g, b].map((value) => -Math.log10(Math.max(1, value) / 255)) as [number, number, number];
  const whole = determinant(haematoxylin, eosin, residual);
  return [determinant(density, eosin, residual) / whole, determinant(haematoxylin, density, residual) / whole];
}

type Vector = readonly [number, number, number];

function determinant([a, b, c]: Vector, [d, e, f]: Vector, [g, h, i]: Vector): number {
  return a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
}
