import { jpegGrid } from './jpeg-grid.ts';

/** The pixels of a case: 8 bits, grey or interleaved RGB, rows top down; of colour on the study's grid, before it is enlarged. */
export interface CasePixels {
  pixels: Uint8Array;
  channels: 1 | 3;
  width: number;
  height: number;
}

/** What a property that tells points at, and so what can be done about it. */
export type LeakKind = 'file' | 'size' | 'depth' | 'border' | 'jpeg' | 'colour';

interface PixelProperty {
  property: string;
  kind: LeakKind;
  measure: (one: CasePixels) => number;
}

const ofEvery: readonly PixelProperty[] = [
  { property: 'width', kind: 'size', measure: ({ width }) => width },
  { property: 'height', kind: 'size', measure: ({ height }) => height },
  { property: 'smallest value', kind: 'depth', measure: ({ pixels }) => pixels.reduce((a, b) => Math.min(a, b)) },
  { property: 'largest value', kind: 'depth', measure: ({ pixels }) => pixels.reduce((a, b) => Math.max(a, b)) },
  { property: 'share of white', kind: 'depth', measure: shareOfWhite },
  { property: 'step at the border', kind: 'border', measure: borderStep },
];

export const greyProperties: readonly PixelProperty[] = [
  ...ofEvery,
  { property: 'number of grey levels', kind: 'depth', measure: ({ pixels }) => new Set(pixels).size },
];

/** A window makes the brightness of grey cases equal; colours are shown as they are, and may tell a stain or a scanner. */
export const colourProperties: readonly PixelProperty[] = [
  ...ofEvery,
  { property: 'number of levels of a channel', kind: 'depth', measure: levelsOfChannels },
  { property: 'JPEG squares', kind: 'jpeg', measure: (one) => jpegGrid(luminance(one), one).aligned },
  { property: 'shifted JPEG squares', kind: 'jpeg', measure: (one) => jpegGrid(luminance(one), one).shifted },
  { property: 'brightness', kind: 'colour', measure: (one) => mean(luminance(one)) },
  { property: 'brightest tenth', kind: 'colour', measure: (one) => luminance(one).sort()[brightTenth(one)]! },
  { property: 'saturation', kind: 'colour', measure: saturation },
  { property: 'red against blue', kind: 'colour', measure: redAgainstBlue },
];

/** Rec. 601, in 0…255. */
export function luminance({ pixels, width, height, channels }: CasePixels): Float32Array {
  if (channels === 1) return Float32Array.from(pixels);
  return Float32Array.from(
    { length: width * height },
    (_, i) => 0.299 * pixels[3 * i]! + 0.587 * pixels[3 * i + 1]! + 0.114 * pixels[3 * i + 2]!,
  );
}

const brightTenth = ({ width, height }: CasePixels) => Math.floor(0.9 * (width * height - 1));

function shareOfWhite({ pixels, channels }: CasePixels): number {
  let white = 0;
  for (let i = 0; i < pixels.length; i += channels)
    white += Number(pixels.subarray(i, i + channels).every((value) => value === 255));
  return (white * channels) / pixels.length;
}

function levelsOfChannels({ pixels }: CasePixels): number {
  const seen = [new Set<number>(), new Set<number>(), new Set<number>()];
  pixels.forEach((value, i) => seen[i % 3]!.add(value));
  return seen.reduce((sum, { size }) => sum + size, 0) / 3;
}

function saturation({ pixels }: CasePixels): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) {
    const [red, green, blue] = [pixels[i]!, pixels[i + 1]!, pixels[i + 2]!];
    const most = Math.max(red, green, blue);
    sum += most === 0 ? 0 : (most - Math.min(red, green, blue)) / most;
  }
  return (3 * sum) / pixels.length;
}

function redAgainstBlue({ pixels }: CasePixels): number {
  let sum = 0;
  for (let i = 0; i < pixels.length; i += 3) sum += pixels[i]! - pixels[i + 2]!;
  return (3 * sum) / pixels.length;
}

/** Mean difference of the outermost pixels from those beside them: a drawn edge stands out, anatomy goes on. */
function borderStep(one: CasePixels): number {
  const { width, height } = one;
  const grey = luminance(one);
  let sum = 0;
  for (let x = 0; x < width; x++) {
    sum += Math.abs(grey[x]! - grey[width + x]!);
    sum += Math.abs(grey[(height - 1) * width + x]! - grey[(height - 2) * width + x]!);
  }
  for (let y = 0; y < height; y++) {
    sum += Math.abs(grey[y * width]! - grey[y * width + 1]!);
    sum += Math.abs(grey[y * width + width - 1]! - grey[y * width + width - 2]!);
  }
  return sum / (2 * (width + height));
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
