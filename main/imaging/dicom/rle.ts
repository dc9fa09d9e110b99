import { VerisimError } from '../../../preload/errors.ts';
import type { PixelFormat } from './header.ts';

/**
 * RLE Lossless (PS3.5 annex G): one PackBits segment for each byte plane of each sample, most significant first.
 * Returns little-endian samples, planes one after another (planar configuration 1).
 */
export function decodeRle(encoded: Uint8Array, format: PixelFormat, path: string): Uint8Array {
  const pixels = format.rows * format.columns;
  const bytesPerSample = Math.ceil(format.bitsAllocated / 8);
  const planeBytes = format.bitsAllocated === 1 ? Math.ceil(pixels / 8) : pixels;
  const view = new DataView(encoded.buffer, encoded.byteOffset, encoded.byteLength);
  const segments = encoded.length < 64 ? 0 : view.getUint32(0, true);
  const expected = bytesPerSample * format.samplesPerPixel;
  if (segments !== expected) throw damaged(path, `${expected} segments`, `${segments} segments`);
  const result = new Uint8Array(planeBytes * expected);
  for (let segment = 0; segment < segments; segment++) {
    const start = view.getUint32(4 + 4 * segment, true);
    const end = segment + 1 < segments ? view.getUint32(8 + 4 * segment, true) : encoded.length;
    const plane = unpack(encoded.subarray(start, end), planeBytes);
    if (plane === null) throw damaged(path, `${planeBytes} bytes in each segment`, 'fewer');
    const sample = Math.floor(segment / bytesPerSample);
    const byte = bytesPerSample - 1 - (segment % bytesPerSample);
    const offset = sample * planeBytes * bytesPerSample + byte;
    for (let i = 0; i < planeBytes; i++) result[offset + i * bytesPerSample] = plane[i] ?? 0;
  }
  return result;
}

/** PackBits; null where the segment ends before `length` bytes are out. */
function unpack(packed: Uint8Array, length: number): Uint8Array | null {
  const result = new Uint8Array(length);
  let out = 0;
  let at = 0;
  while (out < length && at < packed.length) {
    const control = packed[at++] ?? 128;
    if (control < 128) {
      const literal = packed.subarray(at, at + Math.min(control + 1, length - out));
      result.set(literal, out);
      out += literal.length;
      at += control + 1;
    } else if (control > 128) {
      const end = Math.min(out + 257 - control, length);
      result.fill(packed[at++] ?? 0, out, end);
      out = end;
    }
  }
  return out < length ? null : result;
}

function damaged(path: string, expected: string, found: string): VerisimError {
  return new VerisimError('DicomInvalid', `"${path}" has damaged RLE pixels: expected ${expected}, found ${found}.`, {
    path,
    expected,
    found,
  });
}
