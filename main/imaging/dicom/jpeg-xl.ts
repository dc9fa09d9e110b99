import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import createModule from '@cornerstonejs/codec-libjxl/decodewasmjs';
import type { PixelFormat } from './header.ts';

type JpegXl = Awaited<ReturnType<typeof createModule>>;

/** JPEG XL Lossless, Recompression and JPEG XL (PS3.5 A.4.12). */
export const jpegXlSyntaxes: ReadonlySet<string> = new Set([
  '1.2.840.10008.1.2.4.110',
  '1.2.840.10008.1.2.4.111',
  '1.2.840.10008.1.2.4.112',
]);

let loading: Promise<void> | null = null;
let codec: JpegXl | null = null;

/** Loads libjxl once; only series that need it do so. */
export function prepareJpegXl(): Promise<void> {
  loading ??= load();
  return loading;
}

async function load(): Promise<void> {
  const file = createRequire(import.meta.url).resolve('@cornerstonejs/codec-libjxl/decodewasm');
  const silent = (): void => undefined;
  codec = await createModule({ wasmBinary: await readFile(file), print: silent, printErr: silent });
}

/**
 * One frame as interleaved samples of `bitsAllocated`, little endian; `prepareJpegXl` has been awaited. Throws Error where the
 * stream is damaged or is of another size than the file says.
 */
export function decodeJpegXl(encoded: Uint8Array, format: PixelFormat): Uint8Array {
  if (codec === null) throw new Error('the JPEG XL decoder is not loaded');
  const decoder = new codec.JpegXLDecoder();
  try {
    decoder.getEncodedBuffer(encoded.length).set(encoded);
    decoder.decode();
    const { width, height, componentCount } = decoder.getFrameInfo();
    if (width !== format.columns || height !== format.rows || componentCount !== format.samplesPerPixel) {
      throw new Error(`${width} × ${height} × ${componentCount} samples`);
    }
    return Uint8Array.from(decoder.getDecodedBuffer());
  } finally {
    decoder.delete();
  }
}
