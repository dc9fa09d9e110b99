import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { notOpened } from '../read-file.ts';
import { frameBits } from './frame-bytes.ts';
import { readPixelFormat } from './header.ts';
import { firstChunkBytes, tryParse } from './read-head.ts';
import type { ParsedDataSet } from './data-set.ts';

/**
 * A file of which only the header and some frames are read, each in its place; the rest is memory that nobody has touched. Null
 * where the place of a frame does not follow from the header: compressed, swapped or single frames. Throws FileNotReadable.
 */
export function readSomeFrames(path: string, frames: readonly number[]): Uint8Array | null {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch (cause) {
    throw notOpened(path, cause);
  }
  try {
    const bytes = Buffer.allocUnsafeSlow(fstatSync(file).size);
    const parsed = readStart(file, bytes, path);
    const start = parsed === null ? null : nativePixels(parsed);
    if (parsed === null || start === null) return null;
    const format = readPixelFormat(parsed, path, 'an object without an image');
    if (format.frameCount === 1) return null;
    for (const frame of frames) {
      const from = start + Math.floor((frame * frameBits(format)) / 8);
      const to = Math.min(bytes.length, start + Math.ceil(((frame + 1) * frameBits(format)) / 8));
      if (from < to) readSync(file, bytes, from, to - from, from);
    }
    return bytes;
  } finally {
    closeSync(file);
  }
}

function readStart(file: number, bytes: Buffer, path: string): ParsedDataSet | null {
  for (let length = firstChunkBytes; length < bytes.length; length *= 8) {
    readSync(file, bytes, 0, length, 0);
    const parsed = tryParse(bytes.subarray(0, length), path, false);
    if (parsed !== null) return parsed;
  }
  return null;
}

/** Where uncompressed pixels begin in the file. */
function nativePixels({ dataSet, bigEndian, fileOffset }: ParsedDataSet): number | null {
  const { elements } = dataSet;
  const element = elements['x7fe00010'] ?? elements['x7fe00008'] ?? elements['x7fe00009'];
  if (element === undefined || element.hadUndefinedLength === true || bigEndian || fileOffset === null) return null;
  return fileOffset + element.dataOffset;
}
