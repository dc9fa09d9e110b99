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

export interface EqualisedCase {
  /** 8-bit grey, rows top down. */
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
  const longer = Math.max(grid.width, grid.height);
  if (size < longer) throw new RangeError(`A case is shown at ${longer} pixels or more, not ${size}.`);

  const [low, high] = percentiles(pixels, equalisation.windowPercentiles);
  const width = Math.round((grid.width * size) / longer);
  const height = Math.round((grid.height * size) / longer);
  const windowed = pixels.map((value) => (high > low ? Math.min(1, Math.max(0, (value - low) / (high - low))) : 0));
  const enlarged = cubicResize(windowed, grid, { width, height });
  // A clamped array rounds (half to even) and limits to 0…255.
  const grey = new Uint8ClampedArray(enlarged.map((value) => 255 * value));
  return { pixels: new Uint8Array(grey.buffer), width, height };
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
