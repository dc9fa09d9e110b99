import type { PackManifest } from './pack-schema.ts';

export type Intensity = PackManifest['intensity'];

const steps = 65_535;

/** Stored units → the 16-bit values of a canonical PNG: [storedMin, storedMax] onto 0 … 65535, clipped. */
export function toSixteenBits(pixels: Float32Array, { storedMin, storedMax }: Intensity): Uint16Array {
  const scale = steps / (storedMax - storedMin);
  return Uint16Array.from(pixels, (value) => Math.round(Math.min(steps, Math.max(0, (value - storedMin) * scale))));
}

/** The inverse of `toSixteenBits`, up to its rounding. */
export function fromSixteenBits(values: ArrayLike<number>, { storedMin, storedMax }: Intensity): Float32Array {
  const scale = (storedMax - storedMin) / steps;
  return Float32Array.from(values, (value) => storedMin + value * scale);
}

/** Stored units → 8 bits through the pack's window. */
export function toEightBits(pixels: Float32Array, { windowCentre, windowWidth }: Intensity): Uint8Array {
  const low = windowCentre - windowWidth / 2;
  return Uint8Array.from(pixels, (value) =>
    Math.round(Math.min(255, Math.max(0, ((value - low) / windowWidth) * 255))),
  );
}
