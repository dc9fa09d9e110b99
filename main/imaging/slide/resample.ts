import { readRegion } from './region.ts';
import { levelAt, type Picture, type Slide } from './slide.ts';

/** A window on level 0 in fractions of its pixels, and the size of the picture that is made of it. */
export interface Window {
  x: number;
  y: number;
  /** Sides on level 0. */
  width: number;
  height: number;
  /** Sides of the picture, in pixels: exactly these. */
  columns: number;
  rows: number;
}

/**
 * The picture of a window at any resolution, from the coarsest level that is fine enough. Its corner and sides may lie between
 * pixels, so that a row of windows keeps its step and never gains or loses a pixel. The filter is a triangle that widens
 * with the reduction, which is Pillow's BILINEAR with a box. Throws what reading a tile throws.
 */
export async function readWindow(slide: Slide, window: Window): Promise<Picture> {
  const { index, downsample } = coarsestLevel(slide, window.width / window.columns);
  const level = levelAt(slide, index);
  const across = taps({
    from: window.x / downsample,
    length: window.width / downsample,
    count: window.columns,
    limit: level.width,
  });
  const down = taps({
    from: window.y / downsample,
    length: window.height / downsample,
    count: window.rows,
    limit: level.height,
  });
  const region = {
    level: index,
    x: across.first,
    y: down.first,
    width: across.last - across.first,
    height: down.last - down.first,
  };
  const source = await readRegion(slide, region);
  const isCopy = across.isCopy && down.isCopy;
  const rgb = isCopy ? source.rgb : filterDown(filterAcross(source, across), down, window.columns);
  return { width: window.columns, height: window.rows, rgb };
}

/** A level is fine enough where it is not coarser than what is asked for by more than a hundredth. */
export function coarsestLevel({ levels }: Slide, wanted: number): { index: number; downsample: number } {
  let best = { index: 0, downsample: 1 };
  levels.forEach(({ downsample }, index) => {
    if (downsample <= wanted * 1.01 && downsample > best.downsample) best = { index, downsample };
  });
  return best;
}

/** For each pixel of the result the first source pixel and its weights; weights of one result pixel sum to 1. */
interface Taps {
  /** Bounds of all source pixels that are needed. */
  first: number;
  last: number;
  starts: Int32Array;
  weights: Float32Array;
  /** Weights per result pixel. */
  width: number;
  isCopy: boolean;
}

function taps({ from, length, count, limit }: { from: number; length: number; count: number; limit: number }): Taps {
  const scale = length / count;
  const isCopy = Math.abs(scale - 1) < 1e-9 && Math.abs(from - Math.round(from)) < 1e-6;
  if (isCopy) {
    const first = Math.round(from);
    return { first, last: first + count, starts: new Int32Array(0), weights: new Float32Array(0), width: 1, isCopy };
  }
  const support = Math.max(scale, 1);
  const width = Math.ceil(support) * 2 + 1;
  const starts = new Int32Array(count);
  const weights = new Float32Array(count * width);
  let [first, last] = [limit, 0];
  for (let i = 0; i < count; i++) {
    const centre = from + (i + 0.5) * scale;
    const start = Math.min(Math.max(0, Math.floor(centre - support + 0.5)), limit - 1);
    const end = Math.max(start + 1, Math.min(limit, Math.floor(centre + support + 0.5)));
    let sum = 0;
    for (let at = start; at < end; at++) {
      const weight = Math.max(0, 1 - Math.abs(at + 0.5 - centre) / support);
      weights[i * width + at - start] = weight;
      sum += weight;
    }
    if (sum === 0) weights[i * width] = sum = 1;
    for (let k = 0; k < width; k++) weights[i * width + k] = (weights[i * width + k] ?? 0) / sum;
    starts[i] = start;
    first = Math.min(first, start);
    last = Math.max(last, end);
  }
  return { first, last, starts, weights, width, isCopy };
}

/** Rows of the source, each at the result's width, interleaved and not yet rounded. */
function filterAcross(
  { width, height, rgb }: Picture,
  { first, last, starts, weights, width: many, isCopy }: Taps,
): Float32Array {
  const columns = isCopy ? last - first : starts.length;
  const out = new Float32Array(columns * height * 3);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < columns; x++) {
      const to = (y * columns + x) * 3;
      let from = (y * width + (isCopy ? x : (starts[x] ?? 0) - first)) * 3;
      let [red, green, blue] = [0, 0, 0];
      for (let k = 0; k < many; k++, from += 3) {
        const weight = isCopy ? 1 : weights[x * many + k]!;
        if (weight === 0) continue;
        red += weight * rgb[from]!;
        green += weight * rgb[from + 1]!;
        blue += weight * rgb[from + 2]!;
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  }
  return out;
}

function filterDown(
  rows: Float32Array,
  { first, last, starts, weights, width: many, isCopy }: Taps,
  columns: number,
): Uint8Array {
  const height = isCopy ? last - first : starts.length;
  const rowLength = columns * 3;
  const out = new Uint8Array(height * rowLength);
  const sum = new Float32Array(rowLength);
  for (let y = 0; y < height; y++) {
    sum.fill(0.5);
    const start = isCopy ? y : (starts[y] ?? 0) - first;
    for (let k = 0; k < many; k++) {
      const weight = isCopy ? 1 : weights[y * many + k]!;
      if (weight === 0) continue;
      const from = (start + k) * rowLength;
      for (let i = 0; i < rowLength; i++) sum[i] = sum[i]! + weight * rows[from + i]!;
    }
    // A sum of weights is 1 within rounding; a typed array cuts the half that was added.
    for (let i = 0; i < rowLength; i++) out[y * rowLength + i] = sum[i]!;
  }
  return out;
}
