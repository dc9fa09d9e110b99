import type { PackManifest } from './pack-schema.ts';

export type Intensity = PackManifest['intensity'];

const sixteenBits = 65_535;
const eightBits = 255;

/** Stored units → the 16-bit values of a grey canonical PNG: [storedMin, storedMax] onto 0 … 65535, clipped. */
export function toSixteenBits(pixels: Float32Array, intensity: Intensity): Uint16Array {
  const { storedMin, scale } = quantiser(intensity, sixteenBits);
  return Uint16Array.from(pixels, (value) =>
    Math.round(Math.min(sixteenBits, Math.max(0, (value - storedMin) * scale))),
  );
}

/** The inverse of `toSixteenBits`, up to its rounding. */
export function fromSixteenBits(values: ArrayLike<number>, intensity: Intensity): Float32Array {
  return dequantised(values, intensity, sixteenBits);
}

/** Red, green and blue planes in stored units → interleaved bytes: [storedMin, storedMax] onto 0 … 255, clipped. */
export function toColourBytes(pixels: Float32Array, intensity: Intensity): Uint8Array<ArrayBuffer> {
  const { storedMin, scale } = quantiser(intensity, eightBits);
  const plane = pixels.length / 3;
  const bytes = new Uint8Array(pixels.length);
  for (let channel = 0; channel < 3; channel++) {
    for (let i = 0; i < plane; i++) {
      const value = ((pixels[channel * plane + i] ?? 0) - storedMin) * scale;
      bytes[3 * i + channel] = Math.round(Math.min(eightBits, Math.max(0, value)));
    }
  }
  return bytes;
}

/** Bytes, or their luminance, → stored units. */
export function fromEightBits(values: ArrayLike<number>, intensity: Intensity): Float32Array {
  return dequantised(values, intensity, eightBits);
}

/** Stored units → 8 bits through the pack's window. */
export function toEightBits(pixels: Float32Array, { windowCentre, windowWidth }: Intensity): Uint8Array {
  const low = windowCentre - windowWidth / 2;
  return Uint8Array.from(pixels, (value) =>
    Math.round(Math.min(255, Math.max(0, ((value - low) / windowWidth) * 255))),
  );
}

function quantiser({ storedMin, storedMax }: Intensity, steps: number): { storedMin: number; scale: number } {
  return { storedMin, scale: steps / (storedMax - storedMin) };
}

function dequantised(values: ArrayLike<number>, { storedMin, storedMax }: Intensity, steps: number): Float32Array {
  const scale = (storedMax - storedMin) / steps;
  return Float32Array.from(values, (value) => storedMin + value * scale);
}
