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
  const rgb = isCopy ? source.rgb : filterAcross(filterDown(source, down), across, source.width);
  return { width: window.columns, height: window.rows, rgb };
}

/** A level is fine enough where it is not coarser than what is asked for by more than a hundredth. */
export function coarsestLevel(
  { levels }: Pick<Slide, 'levels'>,
  wanted: number,
): { index: number; downsample: number } {
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
    const starts = Int32Array.from({ length: count }, (_, i) => first + i);
    return { first, last: first + count, starts, weights: new Float32Array(count).fill(1), width: 1, isCopy };
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

let scratch = new Float32Array(0);

/** Rows of the result at the source's width, interleaved and not yet rounded. The next call overwrites them. */
function filterDown({ width, rgb }: Picture, { first, starts, weights, width: many }: Taps): Float32Array {
  const rowLength = width * 3;
  const length = starts.length * rowLength;
  if (scratch.length < length) scratch = new Float32Array(length);
  for (let y = 0; y < starts.length; y++) {
    const to = y * rowLength;
    const from = (starts[y]! - first) * rowLength;
    const start = weights[y * many]!;
    for (let i = 0; i < rowLength; i++) scratch[to + i] = start * rgb[from + i]!;
    for (let k = 1; k < many; k++) {
      const weight = weights[y * many + k]!;
      if (weight === 0) continue;
      const row = from + k * rowLength;
      for (let i = 0; i < rowLength; i++) scratch[to + i] = scratch[to + i]! + weight * rgb[row + i]!;
    }
  }
  return scratch.subarray(0, length);
}

function filterAcross(rows: Float32Array, { first, starts, weights, width: many }: Taps, width: number): Uint8Array {
  const columns = starts.length;
  const height = rows.length / (width * 3);
  const out = Buffer.allocUnsafe(height * columns * 3);
  for (let x = 0; x < columns; x++) {
    const from = (starts[x]! - first) * 3;
    let used = many;
    while (used > 1 && weights[x * many + used - 1] === 0) used--;
    for (let y = 0; y < height; y++) {
      const to = (y * columns + x) * 3;
      let at = y * width * 3 + from;
      // A sum of weights is 1 within rounding; a byte cuts the half that is added.
      let red = 0.5;
      let green = 0.5;
      let blue = 0.5;
      for (let k = 0; k < used; k++, at += 3) {
        const weight = weights[x * many + k]!;
        red += weight * rows[at]!;
        green += weight * rows[at + 1]!;
        blue += weight * rows[at + 2]!;
      }
      out[to] = red;
      out[to + 1] = green;
      out[to + 2] = blue;
    }
  }
  return out;
}
