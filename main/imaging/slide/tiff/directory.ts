import { open, type FileHandle } from 'node:fs/promises';
import { VerisimError } from '../../../../preload/errors.ts';

/**
 * Directories of TIFF 6.0 and BigTIFF. What the file says of itself is believed only as far as the file reaches: no array is
 * allocated by a count of the file (as general readers do, which lets forty bytes ask for gigabytes), no directory is read twice.
 */
export interface TiffFile {
  path: string;
  size: number;
  littleEndian: boolean;
  big: boolean;
  /** Hamamatsu's NDPI: a classic TIFF beyond 4 GB, whose directories are chained by 64 bits and whose other places lack their high bits. */
  isNdpi: boolean;
  /** Exactly these bytes. Throws SlideInvalid where the file ends before. */
  read(position: number, length: number): Promise<Buffer>;
  close(): Promise<void>;
}

interface Field {
  type: number;
  count: number;
  /** Of the first value in the file. */
  position: number;
}

export interface Directory {
  /** Place in the chain of main directories; −1 for sub-directories. */
  index: number;
  offset: number;
  fields: ReadonlyMap<number, Field>;
}

export const tag = {
  newSubfileType: 254,
  imageWidth: 256,
  imageLength: 257,
  bitsPerSample: 258,
  compression: 259,
  photometric: 262,
  imageDescription: 270,
  stripOffsets: 273,
  samplesPerPixel: 277,
  rowsPerStrip: 278,
  stripByteCounts: 279,
  xResolution: 282,
  yResolution: 283,
  planarConfiguration: 284,
  resolutionUnit: 296,
  software: 305,
  predictor: 317,
  colourMap: 320,
  tileWidth: 322,
  tileLength: 323,
  tileOffsets: 324,
  tileByteCounts: 325,
  subIfds: 330,
  sampleFormat: 339,
  jpegTables: 347,
  subsampling: 530,
  iccProfile: 34675,
  ndpiFormat: 65420,
  ndpiLens: 65421,
  ndpiFocalPlane: 65424,
  ndpiRestarts: 65426,
  ndpiRestartsHigh: 65432,
} as const;

/** Bytes of one value of each field type of TIFF 6.0 and BigTIFF. */
const sizes: Readonly<Record<number, number>> = {
  1: 1,
  2: 1,
  3: 2,
  4: 4,
  5: 8,
  6: 1,
  7: 1,
  8: 2,
  9: 4,
  10: 8,
  11: 4,
  12: 8,
  13: 4,
  16: 8,
  17: 8,
  18: 8,
};

const mostDirectories = 4096;
const mostFields = 4096;
/** A slide of 500,000 × 500,000 pixels in tiles of 256 has fewer. */
const mostValues = 1 << 22;

/** Throws FileNotReadable, SlideInvalid. */
export async function openTiff(path: string): Promise<TiffFile> {
  const handle = await openFile(path);
  try {
    const { size } = await handle.stat();
    const read = (position: number, length: number): Promise<Buffer> =>
      readBytes(handle, { path, size }, position, length);
    const head = await read(0, Math.min(16, size));
    const littleEndian = head.toString('latin1', 0, 2) === 'II';
    const version = head.length < 8 ? 0 : littleEndian ? head.readUInt16LE(2) : head.readUInt16BE(2);
    if (!/^(II|MM)$/.test(head.toString('latin1', 0, 2)) || (version !== 42 && version !== 43)) {
      throw invalid(path, 'a TIFF header', 'other bytes');
    }
    const file = { path, size, littleEndian, big: version === 43, isNdpi: false, read, close: () => handle.close() };
    return { ...file, isNdpi: !file.big && (await hasNdpiMark(file)) };
  } catch (error) {
    await handle.close();
    throw error;
  }
}

/** As OpenSlide tells them: by a field of the directory that eight bytes of the header lead to. */
async function hasNdpiMark(file: TiffFile): Promise<boolean> {
  try {
    const ndpi = { ...file, isNdpi: true };
    return (await readDirectory(ndpi, await readUint64(file, 4), 0)).directory.fields.has(tag.ndpiFormat);
  } catch {
    return false;
  }
}

async function openFile(path: string): Promise<FileHandle> {
  return open(path, 'r').catch((cause: unknown) => {
    const found = cause instanceof Error && 'code' in cause ? String(cause.code) : String(cause);
    throw new VerisimError('FileNotReadable', `"${path}" cannot be read (${found}).`, { path, found, cause });
  });
}

async function readBytes(
  handle: FileHandle,
  { path, size }: { path: string; size: number },
  position: number,
  length: number,
): Promise<Buffer> {
  if (!(position >= 0 && length >= 0 && position + length <= size)) {
    throw invalid(path, `${length} bytes at ${position}`, `a file of ${size} bytes`);
  }
  const bytes = Buffer.allocUnsafe(length);
  const { bytesRead } = await handle.read(bytes, 0, length, position);
  if (bytesRead < length) throw invalid(path, `${length} bytes at ${position}`, `${bytesRead} bytes`);
  return bytes;
}

/** The chain of main directories. Throws SlideInvalid where it runs in a circle, out of the file, or has no end. */
export async function readDirectories(file: TiffFile): Promise<Directory[]> {
  const first = file.big ? await readUint64(file, 8) : await readNext(file, 4);
  const directories: Directory[] = [];
  const seen = new Set<number>();
  for (let offset = first; offset !== 0;) {
    if (seen.has(offset)) throw invalid(file.path, 'directories that end', 'directories that run in a circle');
    if (directories.length === mostDirectories) throw invalid(file.path, `at most ${mostDirectories} images`, 'more');
    seen.add(offset);
    const { directory, next } = await readDirectory(file, offset, directories.length);
    directories.push(directory);
    offset = next;
  }
  return directories;
}

/** The reduced copies of an image that its directory names (OME-TIFF); a chain that follows one is not read. */
export async function readSubDirectories(file: TiffFile, parent: Directory): Promise<Directory[]> {
  const offsets = await numbers(file, parent, tag.subIfds, 64);
  const found: Directory[] = [];
  for (const offset of new Set(offsets)) found.push((await readDirectory(file, offset, -1)).directory);
  return found;
}

async function readDirectory(
  file: TiffFile,
  offset: number,
  index: number,
): Promise<{ directory: Directory; next: number }> {
  const count = file.big ? await readUint64(file, offset) : await readUint16(file, offset);
  if (count === 0 || count > mostFields) throw invalid(file.path, `a directory at ${offset}`, `${count} fields there`);
  const entry = file.big ? 20 : 12;
  const start = offset + (file.big ? 8 : 2);
  const bytes = await file.read(start, count * entry);
  const fields = new Map<number, Field>();
  for (let i = 0; i < count; i++) {
    const at = i * entry;
    const type = uint(file, bytes, at + 2, 2);
    const values = uint(file, bytes, at + 4, file.big ? 8 : 4);
    const inline = start + at + (file.big ? 12 : 8);
    const length = values * (sizes[type] ?? Infinity);
    const isInline = length <= (file.big ? 8 : 4);
    const position = isInline ? inline : placeBelow(file, offset, uint(file, bytes, inline - start, file.big ? 8 : 4));
    fields.set(uint(file, bytes, at, 2), { type, count: values, position });
  }
  const next = await readNext(file, start + count * entry);
  return { directory: { index, offset, fields }, next };
}

/** Where the next directory lies. */
async function readNext(file: TiffFile, at: number): Promise<number> {
  return file.big || file.isNdpi ? readUint64(file, at) : readUint32(file, at);
}

/** NDPI writes a directory behind all that it names: the missing high bits of a place are those of the last one before it. */
export function placeBelow({ isNdpi }: TiffFile, directoryOffset: number, place: number): number {
  return isNdpi && place < directoryOffset ? place + Math.floor((directoryOffset - place) / 2 ** 32) * 2 ** 32 : place;
}

/** Whole, fractional and rational values as numbers; empty where the field is absent. Throws SlideInvalid, TooLarge. */
export async function numbers(
  file: TiffFile,
  { fields }: Directory,
  name: number,
  most = mostValues,
): Promise<number[]> {
  const field = fields.get(name);
  if (field === undefined) return [];
  const bytes = await fieldBytes(file, name, field, most);
  const size = sizes[field.type] ?? 1;
  return Array.from({ length: field.count }, (_, i) => valueAt(file, bytes, field.type, i * size));
}

/** One number, or what stands for an absent field. */
export async function number(file: TiffFile, directory: Directory, name: number, absent: number): Promise<number> {
  const [value] = await numbers(file, directory, name, 64);
  return value ?? absent;
}

/** ASCII (UTF-8 where the file breaks the rule, as OME does); empty where absent. */
export async function text(file: TiffFile, { fields }: Directory, name: number): Promise<string> {
  const field = fields.get(name);
  if (field === undefined) return '';
  return (await fieldBytes(file, name, field, 1 << 25)).toString('utf8').replace(/\0[\s\S]*$/, '');
}

export async function bytesOf(file: TiffFile, { fields }: Directory, name: number): Promise<Buffer | null> {
  const field = fields.get(name);
  return field === undefined ? null : fieldBytes(file, name, field, 1 << 24);
}

async function fieldBytes(
  file: TiffFile,
  name: number,
  { type, count, position }: Field,
  most: number,
): Promise<Buffer> {
  if (count > most) {
    throw new VerisimError(
      'TooLarge',
      `"${file.path}" states ${count} values in its field ${name}; a slide has at most ${most}.`,
      {
        path: file.path,
        expected: `at most ${most} values`,
        found: String(count),
      },
    );
  }
  const size = sizes[type];
  if (size === undefined) throw invalid(file.path, `a known type of field ${name}`, `type ${type}`);
  return file.read(position, count * size);
}

function valueAt(file: TiffFile, bytes: Buffer, type: number, at: number): number {
  const { littleEndian: little } = file;
  if (type === 5) return uint(file, bytes, at, 4) / uint(file, bytes, at + 4, 4);
  if (type === 11) return little ? bytes.readFloatLE(at) : bytes.readFloatBE(at);
  if (type === 12) return little ? bytes.readDoubleLE(at) : bytes.readDoubleBE(at);
  return uint(file, bytes, at, sizes[type] ?? 1);
}

function uint({ littleEndian }: TiffFile, bytes: Buffer, at: number, size: number): number {
  if (size === 8) return Number(littleEndian ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at));
  return littleEndian ? bytes.readUIntLE(at, size) : bytes.readUIntBE(at, size);
}

async function readUint16(file: TiffFile, at: number): Promise<number> {
  return uint(file, await file.read(at, 2), 0, 2);
}

async function readUint32(file: TiffFile, at: number): Promise<number> {
  return uint(file, await file.read(at, 4), 0, 4);
}

async function readUint64(file: TiffFile, at: number): Promise<number> {
  return uint(file, await file.read(at, 8), 0, 8);
}

export function invalid(path: string, expected: string, found: string, cause?: unknown): VerisimError {
  return new VerisimError('SlideInvalid', `The slide "${path}" is damaged: ${expected} expected, ${found} found.`, {
    path,
    expected,
    found,
    cause,
  });
}
