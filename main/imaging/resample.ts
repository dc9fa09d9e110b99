import type { VoiWindow } from '../../preload/domain.ts';
import type { SliceImage } from './slice.ts';

/**
 * The slice as a model sees it: windowed linearly to storedMin…storedMax (clamped), padded in millimetres to the shape
 * of the grid with storedMin, then resized. Each target pixel is the mean of the source area it covers (separable
 * tent-box weights), which is bilinear when enlarging and area averaging when reducing. Returns height × width, rows top down.
 */
export function fitToGrid(
  slice: SliceImage,
  options: { width: number; height: number; window: VoiWindow; storedMin: number; storedMax: number },
): Float32Array {
  const { width, height, window, storedMin, storedMax } = options;
  const low = window.centre - window.width / 2;
  const scale = (storedMax - storedMin) / Math.max(window.width, Number.MIN_VALUE);
  const windowed = slice.pixels.map((value) => clamp(storedMin + (value - low) * scale, storedMin, storedMax));
  // One target pixel is this many millimetres, the same in both directions, so that the whole slice fits.
  const extentX = slice.width * slice.spacingMm[0];
  const extentY = slice.height * slice.spacingMm[1];
  const targetMm = Math.max(extentX / width, extentY / height);
  const across = axisWeights({ source: slice.width, target: width, ratio: targetMm / slice.spacingMm[0] });
  const down = axisWeights({ source: slice.height, target: height, ratio: targetMm / slice.spacingMm[1] });
  const narrowed = new Float64Array(slice.height * width);
  for (let y = 0; y < slice.height; y++) {
    for (let x = 0; x < width; x++) {
      narrowed[y * width + x] = weigh(across[x], (i) => windowed[y * slice.width + i] ?? storedMin, storedMin);
    }
  }
  const result = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const value = weigh(down[y], (i) => narrowed[i * width + x] ?? storedMin, storedMin);
      result[y * width + x] = clamp(value, storedMin, storedMax);
    }
  }
  return result;
}

interface Weights {
  first: number;
  weights: number[];
  /** The share of the kernel that lies outside the slice. */
  outside: number;
}

/** `ratio` = source pixels per target pixel; the grids share their centre. */
function axisWeights({ source, target, ratio }: { source: number; target: number; ratio: number }): Weights[] {
  const support = Math.max(ratio, 1);
  return Array.from({ length: target }, (_, t) => {
    const centre = source / 2 + (t + 0.5 - target / 2) * ratio;
    const first = Math.floor(centre - (ratio > 1 ? support / 2 : support));
    const last = Math.ceil(centre + (ratio > 1 ? support / 2 : support));
    const all: { index: number; weight: number }[] = [];
    for (let i = first; i <= last; i++) {
      const weight =
        ratio > 1
          ? Math.max(0, Math.min(i + 1, centre + ratio / 2) - Math.max(i, centre - ratio / 2))
          : Math.max(0, 1 - Math.abs(i + 0.5 - centre));
      if (weight > 0) all.push({ index: i, weight });
    }
    return normalise(all, source);
  });
}

function normalise(all: { index: number; weight: number }[], source: number): Weights {
  const total = all.reduce((sum, { weight }) => sum + weight, 0) || 1;
  const inside = all.filter(({ index }) => index >= 0 && index < source);
  const edge = { first: inside[0]?.index ?? 0, weights: inside.map(({ weight }) => weight / total) };
  return { ...edge, outside: 1 - edge.weights.reduce((sum, weight) => sum + weight, 0) };
}

function weigh(weights: Weights | undefined, at: (index: number) => number, outsideValue: number): number {
  if (weights === undefined) return outsideValue;
  let sum = weights.outside * outsideValue;
  for (let i = 0; i < weights.weights.length; i++) sum += (weights.weights[i] ?? 0) * at(weights.first + i);
  return sum;
}

function clamp(value: number, low: number, high: number): number {
  return value < low ? low : value > high ? high : value;
}
