import type { StainNormalisation } from '../../preload/slides.ts';
import { cubicResize } from './cubic-resize.ts';

/**
 * How a case is shown, the same for real and synthetic; part of the frozen design.
 *
 * What would give a real image away is not its anatomy but its path: native matrix, own sharpness and noise correlation,
 * 16 bits, a vendor's window, its borders. So every case starts on the model's grid. A real slice gets there by
 * `fitToGrid`, the one way in which images reach the model (same window, same padding to a square in mm, same reduction);
 * a synthetic image is made on that grid. From there on both pass through one path, this function: percentile window,
 * enlargement by one kernel and one factor, rounding to 8 bits. No kernel is applied to one class alone after the grid,
 * and neither the source's matrix nor its bit depth reaches the reader. No smoothing is added: grain or blur that the
 * model leaves on its own grid is what a review is to find.
 */
export const equalisation = {
  windowPercentiles: [1, 99],
  kernel: 'catmull-rom',
  border: 'repeat-edge',
  bitDepth: 8,
} as const;

/**
 * The same for colour. There is no window, as colours are what a stain is judged by: they stay as they are, or, where the plan says so, those of
 * each set are brought to one reference (`stain`). Where the squares of JPEG stand
 * out in one set, both pass through one coding more on the study's grid (`jpeg`), of the quality at which the squares stand out alike; then
 * all are enlarged by one kernel and one factor.
 */
export interface ColourEqualisation {
  stain: StainNormalisation;
  jpeg: { quality: number; chroma: '4:2:0' } | null;
  kernel: 'catmull-rom';
  border: 'repeat-edge';
  bitDepth: 8;
}

export function colourEqualisation(stain: StainNormalisation, jpegQuality: number | null): ColourEqualisation {
  const jpeg = jpegQuality === null ? null : { quality: jpegQuality, chroma: '4:2:0' as const };
  return { stain, jpeg, kernel: 'catmull-rom', border: 'repeat-edge', bitDepth: 8 };
}

export interface EqualisedCase {
  /** 8-bit grey or interleaved RGB, rows top down. */
  pixels: Uint8Array;
  width: number;
  height: number;
}

/**
 * Windows, enlarges and rounds one case. `pixels` are on the model's grid (`grid`), in any linear unit; `size` is the
 * longer side of the result in pixels, at least that of the grid. An image of one value becomes black.
 * Throws RangeError when the pixels do not fill the grid or `size` would shrink it.
 */
export function equaliseCase(options: {
  pixels: Float32Array;
  grid: { width: number; height: number };
  size: number;
}): EqualisedCase {
  const { pixels, grid, size } = options;
  if (pixels.length !== grid.width * grid.height)
    throw new RangeError(`The image has ${pixels.length} pixels where the grid has ${grid.width} by ${grid.height}.`);
  const { width, height } = shownSize(grid, size);
  const [low, high] = percentiles(pixels, equalisation.windowPercentiles);
  const windowed = pixels.map((value) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0));
  const enlarged = cubicResize(windowed, grid, { width, height });
  // A clamped array rounds (half to even) and limits to 0…255.
  const grey = new Uint8ClampedArray(enlarged.map((value) => 255 * value));
  return { pixels: new Uint8Array(grey.buffer), width, height };
}

/** Enlarges one colour case, interleaved RGB on the study's grid; `size` as of `equaliseCase`. Throws RangeError as it does. */
export function equaliseColourCase(options: {
  rgb: Uint8Array;
  grid: { width: number; height: number };
  size: number;
}): EqualisedCase {
  const { rgb, grid, size } = options;
  const count = grid.width * grid.height;
  if (rgb.length !== 3 * count)
    throw new RangeError(`The image has ${rgb.length / 3} pixels where the grid has ${grid.width} by ${grid.height}.`);
  const shown = shownSize(grid, size);
  const pixels = new Uint8ClampedArray(3 * shown.width * shown.height);
  const one = new Float32Array(count);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < count; i++) one[i] = rgb[3 * i + channel]!;
    const enlarged = cubicResize(one, grid, shown);
    for (let i = 0; i < enlarged.length; i++) pixels[3 * i + channel] = enlarged[i]!;
  }
  return { ...shown, pixels: new Uint8Array(pixels.buffer) };
}

function shownSize(grid: { width: number; height: number }, size: number): { width: number; height: number } {
  const longer = Math.max(grid.width, grid.height);
  if (size < longer) throw new RangeError(`A case is shown at ${longer} pixels or more, not ${size}.`);
  return { width: Math.round((grid.width * size) / longer), height: Math.round((grid.height * size) / longer) };
}

/** Percentiles with linear interpolation between the sorted values (definition 7 of Hyndman and Fan 1996). */
function percentiles(values: Float32Array, [lower, upper]: readonly [number, number]): [number, number] {
  const sorted = values.toSorted();
  const at = (percent: number) => {
    const place = (percent / 100) * (sorted.length - 1);
    const below = Math.floor(place);
    const above = Math.min(below + 1, sorted.length - 1);
    return sorted[below]! + (place - below) * (sorted[above]! - sorted[below]!);
  };
  return [at(lower), at(upper)];
}
