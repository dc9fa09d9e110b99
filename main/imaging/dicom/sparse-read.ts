import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { notOpened } from '../read-file.ts';
import { fragmentsOf, frameBits, readFragments } from './frame-bytes.ts';
import { readPixelFormat } from './header.ts';
import { firstChunkBytes, isEncapsulatedSyntax, tryParse } from './read-head.ts';
import type { ParsedDataSet } from './data-set.ts';

/**
 * A file of which only the header and some frames are read, each in its place; the rest is memory that nobody has touched. Null
 * where the place of a frame does not follow from the header or the heads of fragments: swapped or single frames, and several fragments
 * a frame without a basic offset table. Throws FileNotReadable.
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
    if (parsed === null) return null;
    const format = readPixelFormat(parsed, path, 'an object without an image');
    if (format.frameCount === 1) return null;
    const start = nativePixels(parsed);
    if (start === null)
      return readFrames(file, bytes, { parsed, path, frames, frameCount: format.frameCount }) ? bytes : null;
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

interface WantedFragments {
  parsed: ParsedDataSet;
  path: string;
  frames: readonly number[];
  frameCount: number;
}

/** Reads the eight-byte heads of all fragments (PS3.5 A.4), the offset table, and the fragments of some frames. */
function readFrames(file: number, bytes: Buffer, { parsed, path, frames, frameCount }: WantedFragments): boolean {
  const { dataSet, bigEndian, fileOffset, transferSyntaxUid } = parsed;
  const element = dataSet.elements['x7fe00010'];
  if (element?.hadUndefinedLength !== true || bigEndian || fileOffset === null) return false;
  if (!isEncapsulatedSyntax(transferSyntaxUid)) return false;
  const start = fileOffset + element.dataOffset;
  for (let at = start; at + 8 <= bytes.length;) {
    readSync(file, bytes, at, 8, at);
    if (bytes.readUInt32LE(at) !== itemTag) break;
    const length = bytes.readUInt32LE(at + 4);
    if (at + 8 + length > bytes.length) return false;
    // The first item is the offset table.
    if (at === start) readSync(file, bytes, at + 8, length, at + 8);
    at += 8 + length;
  }
  const { offsets, fragments } = readFragments(bytes.subarray(start), path);
  if (fragments.length !== frameCount && offsets.length < frameCount) return false;
  for (const frame of frames) {
    for (const { bytes: coded } of fragmentsOf(frame, { fragments, offsets, frameCount }))
      readSync(file, coded, 0, coded.length, coded.byteOffset - bytes.byteOffset);
  }
  return true;
}

/** (FFFE,E000), little endian. */
const itemTag = 0xe000fffe;
