import type { Picture } from '../slide.ts';

/** What the mask is decided by, one byte a pixel; computed once a slide, so that a slider only compares. */
export interface TissueFeatures {
  width: number;
  height: number;
  /** Of HSV, averaged over 3 × 3 pixels. */
  saturation: Uint8Array;
  /** Standard deviation of the brightness over 5 × 5 pixels. */
  texture: Uint8Array;
  /** 1 where ink of a pen or the dark edge of a scan is seen rather than tissue. */
  ink: Uint8Array;
}

export function tissueFeatures({ width, height, rgb }: Picture): TissueFeatures {
  const pixels = width * height;
  const saturation = new Float32Array(pixels);
  const brightness = new Float32Array(pixels);
  const ink = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    const [red, green, blue] = [rgb[3 * i]!, rgb[3 * i + 1]!, rgb[3 * i + 2]!];
    const most = Math.max(red, green, blue);
    const spread = most - Math.min(red, green, blue);
    saturation[i] = most === 0 ? 0 : (255 * spread) / most;
    brightness[i] = 0.299 * red + 0.587 * green + 0.114 * blue;
    ink[i] = isInk({ red, green, blue, most, spread }) ? 1 : 0;
  }
  const scratch = new Float32Array(pixels);
  boxMean(saturation, scratch, { width, height, radius: 1 });
  const smooth = Uint8Array.from(saturation);
  const squares = saturation;
  for (let i = 0; i < pixels; i++) squares[i] = brightness[i]! ** 2;
  boxMean(squares, scratch, { width, height, radius: 2 });
  boxMean(brightness, scratch, { width, height, radius: 2 });
  const texture = new Uint8Array(pixels);
  for (let i = 0; i < pixels; i++) {
    texture[i] = Math.min(255, Math.sqrt(Math.max(0, squares[i]! - brightness[i]! ** 2)));
  }
  return { width, height, saturation: smooth, texture, ink };
}

/**
 * Haematoxylin and eosin lie between blue-violet and pink. Green ink lies opposite, blue ink is purer than haematoxylin, and black
 * ink or the edge of the glass is dark without colour.
 */
function isInk(pixel: { red: number; green: number; blue: number; most: number; spread: number }): boolean {
  const { red, green, blue, most, spread } = pixel;
  if (most < 60) return true;
  if (most < 110 && spread < 25) return true;
  const purity = spread / most;
  if (green > red && green >= blue && purity > 0.2) return true;
  return blue > red && blue > green && purity > 0.55 && green >= red;
}

/** Mean over a square of 2 · radius + 1 pixels, in place, by running sums; at the border over what is there. */
function boxMean(
  values: Float32Array,
  scratch: Float32Array,
  { width, height, radius }: { width: number; height: number; radius: number },
): void {
  for (let y = 0; y < height; y++) runningMean(values, scratch, { from: y * width, step: 1, count: width, radius });
  for (let x = 0; x < width; x++) runningMean(scratch, values, { from: x, step: width, count: height, radius });
}

function runningMean(
  values: Float32Array,
  out: Float32Array,
  { from, step, count, radius }: { from: number; step: number; count: number; radius: number },
): void {
  let sum = 0;
  for (let i = 0; i < Math.min(radius, count); i++) sum += values[from + i * step]!;
  for (let i = 0; i < count; i++) {
    if (i + radius < count) sum += values[from + (i + radius) * step]!;
    if (i - radius - 1 >= 0) sum -= values[from + (i - radius - 1) * step]!;
    const many = Math.min(count - 1, i + radius) - Math.max(0, i - radius) + 1;
    out[from + i * step] = sum / many;
  }
}
