import { VerisimError } from '../../../preload/errors.ts';
import type { PixelFormat } from './header.ts';

export type StoredValues =
  Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array | Float64Array;

/**
 * Samples of one uncompressed frame, without rescale, in file order: byte order, High Bit, Bits Stored and the sign
 * are applied (PS3.5 §8.1.1). Overlay bits above High Bit are masked away.
 */
export function readStoredValues(bytes: Uint8Array, format: PixelFormat, path: string): StoredValues {
  const samples = format.rows * format.columns * format.samplesPerPixel;
  if (format.bitsAllocated === 1) return unpackBits(bytes, samples);
  const shift = format.highBit + 1 - format.bitsStored;
  const unused = format.bitsAllocated - format.bitsStored;
  const raw = readWords(bytes, samples, { format, isChanged: unused > 0 });
  if (raw === null) {
    throw new VerisimError(
      'UnsupportedPixelData',
      `"${path}" stores ${format.bitsAllocated} bits for a pixel in a form that Verisim does not read.`,
      {
        path,
        expected: '1, 8, 16 or 32-bit integers, 32 or 64-bit floats',
        found: `${format.bitsAllocated} bits`,
      },
    );
  }
  if (raw instanceof Float32Array || raw instanceof Float64Array || unused <= 0 || shift < 0) return raw;
  // Up to the top of 32 bits and back: brings the sign along and drops what lies above High Bit.
  const up = 32 - format.bitsStored - shift;
  const down = 32 - format.bitsStored;
  for (let i = 0; i < raw.length; i++) {
    const value = (raw[i] ?? 0) << up;
    raw[i] = format.signed ? value >> down : value >>> down;
  }
  return raw;
}

/** Host order; of its own where it will be changed, else a view of the bytes where they lie right for one. */
function readWords(
  bytes: Uint8Array,
  samples: number,
  { format, isChanged }: { format: PixelFormat; isChanged: boolean },
): StoredValues | null {
  const width = format.bitsAllocated / 8;
  const isSwapped = format.bigEndian && width > 1;
  const isView = !isChanged && !isSwapped && bytes.length >= samples * width && bytes.byteOffset % width === 0;
  const words = isView ? bytes.subarray(0, samples * width) : new Uint8Array(samples * width);
  if (!isView) words.set(bytes.subarray(0, words.length));
  if (isSwapped) swapBytes(words, width);
  const { buffer, byteOffset } = words;
  if (format.isFloat) {
    return width === 8 ? new Float64Array(buffer, byteOffset, samples) : new Float32Array(buffer, byteOffset, samples);
  }
  if (width === 1) return format.signed ? new Int8Array(buffer, byteOffset, samples) : words;
  if (width === 2) {
    return format.signed ? new Int16Array(buffer, byteOffset, samples) : new Uint16Array(buffer, byteOffset, samples);
  }
  if (width !== 4) return null;
  return format.signed ? new Int32Array(buffer, byteOffset, samples) : new Uint32Array(buffer, byteOffset, samples);
}

export function swapBytes(bytes: Uint8Array, width: number): void {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  if (width === 2) buffer.swap16();
  else if (width === 4) buffer.swap32();
  else if (width === 8) buffer.swap64();
}

/** Least significant bit first. */
function unpackBits(bytes: Uint8Array, samples: number): Uint8Array {
  return Uint8Array.from({ length: samples }, (_, i) => ((bytes[i >> 3] ?? 0) >> (i & 7)) & 1);
}
