import { decodePng, encodePng16, encodePng8 } from '../imaging/png.ts';
import { luminance } from '../imaging/slice.ts';
import type { PackManifest } from './pack-schema.ts';
import {
  fromEightBits,
  fromSixteenBits,
  type Intensity,
  toColourBytes,
  toEightBits,
  toSixteenBits,
} from './stored-units.ts';

/** What is needed to turn pixels into a file and back. */
type ImageFacts = Pick<PackManifest, 'image' | 'intensity'>;

/**
 * The file that a generated image is kept as; every other format is made of its values. Grey: 16 bits, so that nothing of
 * the model's range is lost. Colour: 8 bits for each of red, green and blue, which is what colour DICOM and NIfTI hold and
 * what the colour images that models learn from have; many programs drop half of a 16-bit colour PNG unasked.
 * `pixels` are stored units, channels first, rows top down.
 */
export function encodeCanonical(
  pixels: Float32Array,
  { image: { width, height, channels }, intensity }: ImageFacts,
  text: Record<string, string>,
): Uint8Array {
  if (channels === 3) return encodePng8({ width, height, channels, values: toColourBytes(pixels, intensity), text });
  return encodePng16({ width, height, values: toSixteenBits(pixels, intensity), text });
}

/** 8 bits for the window: grey through the pack's window, colour as it is. */
export function encodePreview(
  pixels: Float32Array,
  { image: { width, height, channels }, intensity }: ImageFacts,
): Uint8Array {
  const values = channels === 3 ? toColourBytes(pixels, intensity) : toEightBits(pixels, intensity);
  return encodePng8({ width, height, channels, values });
}

export interface CanonicalImage {
  width: number;
  height: number;
  text: Record<string, string>;
  /** Stored units; of colour images null. */
  grey: Float32Array | null;
  /** Interleaved; of grey images null. */
  rgb: Uint8Array | null;
}

/** What `encodeCanonical` wrote, up to its rounding. Throws InvalidInput for another file. */
export function decodeCanonical(bytes: Uint8Array, intensity: Intensity): CanonicalImage {
  const { width, height, channels, values, text } = decodePng(bytes);
  if (channels === 1) return { width, height, text, grey: fromSixteenBits(values, intensity), rgb: null };
  return { width, height, text, grey: null, rgb: Uint8Array.from(values) };
}

/** Luminance of interleaved RGB bytes, in stored units as for colour series. */
export function luminanceOf(rgb: Uint8Array, intensity: Intensity): Float32Array {
  return fromEightBits(luminance(rgb), intensity);
}
