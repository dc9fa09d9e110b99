import type { ParsedDataSet } from './data-set.ts';
import type { PixelFormat } from './header.ts';
import { swapBytes } from './stored-values.ts';
import { cutOff, isEncapsulatedSyntax } from './read-head.ts';

/**
 * Gives the coded bytes of each frame of one file: slices of native Pixel Data, or the joined fragments of
 * encapsulated Pixel Data by the basic or extended offset table (PS3.5 A.4). Throws DicomInvalid where bytes lack.
 */
export function frameReader(parsed: ParsedDataSet, format: PixelFormat, path: string): (frame: number) => Uint8Array {
  const { elements } = parsed.dataSet;
  const element = elements['x7fe00010'] ?? elements['x7fe00008'] ?? elements['x7fe00009'];
  if (element === undefined) throw cutOff(path, 1, 0);
  const isEncapsulated = element.hadUndefinedLength === true && isEncapsulatedSyntax(format.transferSyntaxUid);
  const raw = parsed.bytes.subarray(element.dataOffset);
  // 8-bit samples in big-endian words (OW) lie in swapped pairs (PS3.5 annex D).
  const isSwapped = parsed.bigEndian && element.vr === 'OW' && format.bitsAllocated <= 8;
  const pixels = isSwapped ? swappedPairs(raw.subarray(0, element.length)) : raw;
  if (isEncapsulated) return encapsulatedReader(parsed, pixels, { format, path });
  const bits = frameBits(format);
  return (frame) => {
    // 1-bit frames follow each other without padding: a frame may begin inside a byte.
    const startBit = frame * bits;
    const end = Math.ceil((startBit + bits) / 8);
    if (end > pixels.length) throw cutOff(path, end, pixels.length);
    const bytes = pixels.subarray(Math.floor(startBit / 8), end);
    return startBit % 8 === 0 ? bytes : shiftBits(bytes, startBit % 8);
  };
}

function swappedPairs(bytes: Uint8Array): Uint8Array {
  const swapped = Uint8Array.from(bytes);
  swapBytes(swapped, 2);
  return swapped;
}

/** Of one uncompressed frame in the file. */
export function frameBits(format: PixelFormat): number {
  return format.rows * format.columns * storedSamples(format) * format.bitsAllocated;
}

/** 4:2:2 stores two chroma samples for two pixels. */
function storedSamples(format: PixelFormat): number {
  return format.photometric === 'YBR_FULL_422' || format.photometric === 'YBR_PARTIAL_422' ? 2 : format.samplesPerPixel;
}

interface Fragment {
  /** Of the item tag, from the first byte after the offset table. */
  offset: number;
  bytes: Uint8Array;
}

function encapsulatedReader(
  parsed: ParsedDataSet,
  pixels: Uint8Array,
  { format, path }: { format: PixelFormat; path: string },
): (frame: number) => Uint8Array {
  const { offsets: basic, fragments } = readFragments(pixels, path);
  const offsets = basic.length > 0 ? basic : extendedOffsets(parsed);
  return (frame) => {
    const members = fragmentsOf(frame, { fragments, offsets, frameCount: format.frameCount });
    if (members.length === 0) throw cutOff(path, format.frameCount, fragments.length);
    if (members.length === 1 && members[0] !== undefined) return members[0].bytes;
    return new Uint8Array(Buffer.concat(members.map(({ bytes }) => bytes)));
  };
}

/** Those that a frame is coded in; none where they cannot be told apart. */
export function fragmentsOf(
  frame: number,
  layout: { fragments: Fragment[]; offsets: number[]; frameCount: number },
): Fragment[] {
  const { fragments, offsets, frameCount } = layout;
  if (frameCount === 1) return fragments;
  if (fragments.length === frameCount) return fragments.slice(frame, frame + 1);
  const start = offsets[frame];
  if (start !== undefined) {
    const end = offsets[frame + 1] ?? Infinity;
    return fragments.filter(({ offset }) => offset >= start && offset < end);
  }
  // Without a table a frame begins where a fragment begins as the images of its coding do.
  const starts = fragments.flatMap(({ bytes }, index) => (isImageStart(bytes) ? [index] : []));
  return starts.length === frameCount ? fragments.slice(starts[frame], starts[frame + 1]) : [];
}

/** JPEG and JPEG-LS; JPEG 2000 and HTJ2K; JPEG XL, bare and in its container; the container of JPEG 2000. */
const imageStarts = ['ffd8ff', 'ff4fff', 'ff0a', '0000000c4a584c20', '0000000c6a502020'];

function isImageStart(bytes: Uint8Array): boolean {
  const start = Buffer.from(bytes.subarray(0, 8)).toString('hex');
  return imageStarts.some((known) => start.startsWith(known));
}

/** The basic offset table, and where each fragment lies. Throws DicomInvalid where bytes lack. */
export function readFragments(pixels: Uint8Array, path: string): { offsets: number[]; fragments: Fragment[] } {
  const view = new DataView(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  const items: { at: number; bytes: Uint8Array }[] = [];
  for (let at = 0; at + 8 <= pixels.length;) {
    if (view.getUint16(at, true) !== 0xfffe || view.getUint16(at + 2, true) !== 0xe000) break;
    const length = view.getUint32(at + 4, true);
    if (at + 8 + length > pixels.length) throw cutOff(path, at + 8 + length, pixels.length);
    items.push({ at, bytes: pixels.subarray(at + 8, at + 8 + length) });
    at += 8 + length;
  }
  const [table, ...rest] = items;
  if (table === undefined) throw cutOff(path, 8, pixels.length);
  const base = table.at + 8 + table.bytes.length;
  const offsets = Array.from({ length: Math.floor(table.bytes.length / 4) }, (_, i) =>
    view.getUint32(table.at + 8 + 4 * i, true),
  );
  return { offsets, fragments: rest.map(({ at, bytes }) => ({ offset: at - base, bytes })) };
}

/** Extended Offset Table (7FE0,0001), 64-bit offsets. */
function extendedOffsets(parsed: ParsedDataSet): number[] {
  const element = parsed.dataSet.elements['x7fe00001'];
  if (element === undefined) return [];
  const view = new DataView(parsed.bytes.buffer, parsed.bytes.byteOffset + element.dataOffset, element.length);
  return Array.from({ length: Math.floor(element.length / 8) }, (_, i) => Number(view.getBigUint64(8 * i, true)));
}

function shiftBits(bytes: Uint8Array, shift: number): Uint8Array {
  return bytes.map((byte, i) => (byte >> shift) | ((bytes[i + 1] ?? 0) << (8 - shift)));
}
