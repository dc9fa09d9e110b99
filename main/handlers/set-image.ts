import { createHash } from 'node:crypto';
import { spectralScores, type SpectralScores } from '../evaluation/spectrum.ts';
import { fitToGrid } from '../imaging/resample.ts';
import type { SliceImage } from '../imaging/slice.ts';

/** What images are brought to: pixels, and whether those in colour keep it. */
export interface SetGrid {
  width: number;
  height: number;
  channels: 1 | 3;
}

/** One image of a set, on the grid of what measures it. */
export interface SetImage {
  /** Path within the folder, with the slice where a file holds several. */
  name: string;
  /** SHA-256 of the pixels on the grid: equal pixels have equal features, whatever file they came from. */
  sha256: string;
  /** In 0…1, rows top down; luminance of an image in colour. */
  pixels: Float32Array;
  /** Red, green, blue, one plane after the other, 0…255, where the image is in colour and the grid keeps it. */
  colour: Uint8Array | null;
  /** Of the pixels at their own size; null where that is too small. */
  scores: SpectralScores | null;
  size: string;
  isColour: boolean;
  synthetic: boolean;
  /** The model that made it, where the file says so; '' otherwise. */
  modelId: string;
  /** '' where they are not known. */
  patient: string;
  label: string;
  /** The slide that a patch was cut from; '' for what is no patch. */
  slide: string;
}

export type ImageFacts = Pick<SetImage, 'name' | 'synthetic' | 'modelId' | 'patient' | 'label' | 'slide'>;

/** At the image's own size, values in 0…1: one plane in grey, three of red, green and blue in colour. */
export type DecodedImage = Omit<SliceImage, 'pixels'> & { planes: readonly Float32Array[] };

export function setImage(image: DecodedImage, facts: ImageFacts, grid: SetGrid): SetImage {
  const { width, height, spacingMm, planes } = image;
  const isColour = planes.length === 3;
  const own = isColour ? luminance(planes) : planes[0]!;
  const fitted = (pixels: Float32Array): Float32Array =>
    width === grid.width && height === grid.height
      ? pixels
      : fitToGrid({ width, height, spacingMm, pixels }, { ...grid, ...wholeRange });
  const colour = isColour && grid.channels === 3 ? inBytes(planes.map(fitted)) : null;
  const pixels = fitted(own);
  return {
    ...facts,
    ...{ pixels, colour, isColour },
    sha256: hashOf(pixels, colour),
    scores: Math.min(width, height) < 16 ? null : spectralScores(own, image),
    size: `${width}×${height}`,
  };
}

const wholeRange = { window: { centre: 0.5, width: 1 }, storedMin: 0, storedMax: 1 };

/** The same image seen in a mirror that stands upright beside it. */
export function mirrored({ pixels, colour }: Pick<SetImage, 'pixels' | 'colour'>, width: number): PixelsOnGrid {
  const turned = pixels.map((_, i) => pixels[mirrorPlace(i, width)]!);
  const turnedColour = colour?.map((_, i) => colour[mirrorPlace(i, width)]!) ?? null;
  return { pixels: turned, colour: turnedColour, sha256: hashOf(turned, turnedColour) };
}

export type PixelsOnGrid = Pick<SetImage, 'sha256' | 'pixels' | 'colour'>;

function mirrorPlace(i: number, width: number): number {
  const column = i % width;
  return i - column + width - 1 - column;
}

/** ITU-R BT.601. */
function luminance([red, green, blue]: readonly Float32Array[]): Float32Array {
  return red!.map((value, i) => 0.299 * value + 0.587 * green![i]! + 0.114 * blue![i]!);
}

function inBytes(planes: readonly Float32Array[]): Uint8Array {
  const bytes = new Uint8Array(planes.reduce((sum, { length }) => sum + length, 0));
  planes.forEach((plane, channel) => bytes.set(plane.map(eightBits), channel * plane.length));
  return bytes;
}

function hashOf(pixels: Float32Array, colour: Uint8Array | null): string {
  const hash = createHash('sha256').update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength));
  return (colour === null ? hash : hash.update(colour)).digest('hex');
}

/** 0…1 → 0…255. */
export function eightBits(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
