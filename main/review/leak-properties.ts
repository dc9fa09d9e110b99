import { jpegSquares } from './jpeg-squares.ts';

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
];

/** The window and one kernel bring all grey cases to the same range, so that any other is a trace of the source. */
export const greyProperties: readonly PixelProperty[] = [
  ...ofEvery,
  { property: 'smallest value', kind: 'depth', measure: smallest },
  { property: 'largest value', kind: 'depth', measure: largest },
  { property: 'number of grey levels', kind: 'depth', measure: ({ pixels }) => new Set(pixels).size },
  { property: 'share of white', kind: 'depth', measure: shareOfWhite },
  { property: 'step at the border', kind: 'border', measure: borderStep },
];

/** Colours are shown as they are: they may tell a stain, a scanner or how a model saw them. */
export const colourProperties: readonly PixelProperty[] = [
  ...ofEvery,
  { property: 'levels left out', kind: 'depth', measure: levelsLeftOut },
  {
    property: 'step at the border against the steps within',
    kind: 'border',
    measure: (one) => borderStep(one) / meanStep(one),
  },
  { property: 'squares of JPEG', kind: 'jpeg', measure: (one) => jpegSquares(luminance(one), one) },
  { property: 'darkest value', kind: 'colour', measure: smallest },
  { property: 'brightest value', kind: 'colour', measure: largest },
  { property: 'share of white', kind: 'colour', measure: shareOfWhite },
  { property: 'brightness', kind: 'colour', measure: (one) => mean(luminance(one)) },
  { property: 'saturation', kind: 'colour', measure: saturation },
  { property: 'red against blue', kind: 'colour', measure: redAgainstBlue },
];

/** Rec. 601, in 0…255. */
export function luminance({ pixels, width, height, channels }: CasePixels): Float32Array {
  if (channels === 1) return Float32Array.from(pixels);
  const grey = new Float32Array(width * height);
  for (let i = 0, at = 0; i < grey.length; i++, at += 3)
    grey[i] = 0.299 * pixels[at]! + 0.587 * pixels[at + 1]! + 0.114 * pixels[at + 2]!;
  return grey;
}

function smallest({ pixels }: CasePixels): number {
  return pixels.reduce((a, b) => Math.min(a, b));
}

function largest({ pixels }: CasePixels): number {
  return pixels.reduce((a, b) => Math.max(a, b));
}

function shareOfWhite({ pixels, channels }: CasePixels): number {
  let white = 0;
  for (let i = 0; i < pixels.length; i += channels) {
    let channel = 0;
    while (channel < channels && pixels[i + channel] === 255) channel++;
    white += Number(channel === channels);
  }
  return (white * channels) / pixels.length;
}

/** Share of the levels between the first and the ninety-ninth percentile of a channel that no pixel has: a palette or fewer bits leave gaps. */
function levelsLeftOut({ pixels }: CasePixels): number {
  let [missing, all] = [0, 0];
  for (let channel = 0; channel < 3; channel++) {
    const counts = new Uint32Array(256);
    for (let i = channel; i < pixels.length; i += 3) counts[pixels[i]!]! += 1;
    const [low, high] = [levelAt(counts, 0.01), levelAt(counts, 0.99)];
    missing += counts.subarray(low, high + 1).filter((count) => count === 0).length;
    all += high - low + 1;
  }
  return missing / all;
}

function levelAt(counts: Uint32Array, share: number): number {
  const wanted = share * counts.reduce((sum, count) => sum + count, 0);
  let seen = 0;
  return counts.findIndex((count) => (seen += count) >= wanted);
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

/** Mean difference of neighbours, across and down; never 0. */
function meanStep(one: CasePixels): number {
  const { width, height } = one;
  const grey = luminance(one);
  let sum = 0;
  for (let y = 1; y < height; y++)
    for (let x = 1; x < width; x++) {
      const at = y * width + x;
      sum += Math.abs(grey[at]! - grey[at - 1]!) + Math.abs(grey[at]! - grey[at - width]!);
    }
  return Math.max(1e-9, sum / (2 * (width - 1) * (height - 1)));
}

function mean(values: Float32Array): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
