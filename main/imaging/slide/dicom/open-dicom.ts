import { type FileHandle, open, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { VerisimError } from '../../../../preload/errors.ts';
import { assertReadable, decompress, prepareCodecs } from '../../dicom/codecs.ts';
import { expand422, toRgb } from '../../dicom/colour.ts';
import { readStart } from '../../nifti/read.ts';
import { sniff, sniffLength } from '../../sniff.ts';
import { jpegStream } from '../tiff/jpeg-stream.ts';
import { type Picture, type Slide, withDownsamples } from '../slide.ts';
import { createTileCache } from '../tile-cache.ts';
import { framePlaces, type FramePieces } from './frame-places.ts';
import { damaged, readInstance, type SlideInstance } from './instance.ts';

const cacheBytes = 96 * 2 ** 20;
const jpegBaseline = '1.2.840.10008.1.2.4.50';
const mostTileBytes = 1 << 28;

/** One resolution: the files that hold it share a size. */
interface Level {
  width: number;
  height: number;
  parts: OpenInstance[];
}

interface OpenInstance extends SlideInstance {
  handle: FileHandle;
  places: (frame: number) => FramePieces;
}

/**
 * VL Whole Slide Microscopy, full or sparse tiles, one file a level or several: `chosen` is one file of it, whose series is taken from
 * its folder, or the folder. Throws NotRecognised, DicomInvalid, SlideInvalid, UnsupportedTransferSyntax, FileNotReadable.
 */
export async function openDicomSlide(chosen: string): Promise<Slide> {
  const instances = await seriesOf(chosen);
  const opened: OpenInstance[] = [];
  try {
    for (const instance of instances) {
      check(instance);
      const handle = await open(instance.path, 'r');
      const places = await framePlaces(handle, instance).catch(async (error: unknown) => {
        await handle.close();
        throw error;
      });
      opened.push({ ...instance, handle, places });
    }
    for (const { format } of opened) await prepareCodecs(format.transferSyntaxUid);
    return slideOf(chosen, opened);
  } catch (error) {
    await closeAll(opened);
    throw error;
  }
}

async function seriesOf(chosen: string): Promise<SlideInstance[]> {
  const isFolder = (await stat(chosen).catch(() => null))?.isDirectory() === true;
  const folder = isFolder ? chosen : path.dirname(chosen);
  const first = isFolder ? null : await readInstance(chosen);
  if (!isFolder && first === null) throw notSlide(chosen);
  const found = first === null ? [] : [first];
  for (const name of (await readdir(folder)).toSorted()) {
    const file = path.join(folder, name);
    if (path.resolve(file) === path.resolve(chosen)) continue;
    const head = await readStart(file, sniffLength).catch(() => null);
    if (head === null || sniff(head) !== 'dicom') continue;
    const other = await readInstance(file).catch(() => null);
    if (other !== null && other.seriesUid === (found[0]?.seriesUid ?? other.seriesUid)) found.push(other);
  }
  if (found.length === 0) throw notSlide(chosen);
  return found;
}

function slideOf(chosen: string, opened: OpenInstance[]): Slide {
  const levels = levelsOf(opened.filter(({ flavour }) => flavour === 'VOLUME'));
  const beside = opened.filter(({ flavour }) => flavour !== 'VOLUME');
  const [largest] = levels;
  const [main] = largest?.parts ?? [];
  if (largest === undefined || main === undefined) throw damaged(chosen, 'an image of type VOLUME', 'none');
  const cache = createTileCache(cacheBytes);
  const nameOf = ({ flavour }: SlideInstance): string => (flavour === 'OVERVIEW' ? 'macro' : flavour.toLowerCase());
  return {
    path: chosen,
    format: 'dicom-wsm',
    levels: withDownsamples(
      levels.map(({ width, height, parts: [part] }) => ({
        width,
        height,
        tileWidth: part?.format.columns ?? width,
        tileHeight: part?.format.rows ?? height,
      })),
    ),
    micronsPerPixel: main.micronsPerPixel,
    magnification: main.magnification,
    compression: main.format.transferSyntaxUid,
    associated: beside.map((one) => ({ name: nameOf(one), width: one.width, height: one.height })),
    icc: main.icc,
    synthetic: opened.some(({ synthetic }) => synthetic),
    properties: main.properties,
    warnings: [],
    readTile: (level, column, row) =>
      cache.get(`${level}/${column}_${row}`, () => readTile(levels[level] ?? largest, column, row)),
    readAssociated: async (name) => {
      const found = beside.find((one) => nameOf(one) === name);
      if (found !== undefined) return readWhole(found);
      throw new VerisimError('UnknownImage', `"${chosen}" has no picture ${name}.`, { path: chosen, found: name });
    },
    close: () => closeAll(opened),
  };
}

/** Largest first. Files of one size are parts of one level. */
function levelsOf(volumes: OpenInstance[]): Level[] {
  const levels = new Map<string, Level>();
  for (const one of volumes) {
    const key = `${one.width}×${one.height}`;
    const level = levels.get(key) ?? { width: one.width, height: one.height, parts: [] };
    level.parts.push(one);
    levels.set(key, level);
  }
  return [...levels.values()].sort((a, b) => b.width - a.width);
}

/** White where a sparse slide has no tile and beyond the slide. */
async function readTile({ width, height, parts }: Level, column: number, row: number): Promise<Uint8Array> {
  const key = `${column}_${row}`;
  const part = parts.find(({ tiles }) => tiles.has(key));
  const { rows, columns } = (part ?? parts[0])?.format ?? { rows: 1, columns: 1 };
  if (part === undefined) return new Uint8Array(rows * columns * 3).fill(255);
  const rgb = Uint8Array.from(await decodeFrame(part, part.tiles.get(key) ?? 0));
  const right = Math.min(columns, width - column * columns);
  const bottom = Math.min(rows, height - row * rows);
  for (let line = 0; right < columns && line < bottom; line++)
    rgb.fill(255, (line * columns + right) * 3, (line + 1) * columns * 3);
  return rgb.fill(255, bottom * columns * 3);
}

async function decodeFrame(instance: OpenInstance, frame: number): Promise<Uint8Array> {
  const { format, path: file, places, handle } = instance;
  const coded = await readPieces(handle, places(frame), file);
  if (format.transferSyntaxUid === jpegBaseline) return decodeJpeg(coded, instance, frame);
  if (instance.encapsulated) {
    const decoded = decompress(coded, format, file);
    return colour(decoded.bytes, decoded.format);
  }
  if (format.photometric === 'YBR_FULL_422') {
    return toRgb(expand422(coded, format.rows * format.columns), { ...format, photometric: 'YBR_FULL', planar: false });
  }
  return colour(coded, format);
}

function colour(bytes: Uint8Array, format: OpenInstance['format']): Uint8Array {
  if (format.samplesPerPixel === 3) return toRgb(bytes, format);
  const rgb = new Uint8Array(bytes.length * 3);
  for (let i = 0; i < bytes.length; i++) rgb.fill(bytes[i] ?? 0, 3 * i, 3 * i + 3);
  return rgb;
}

async function decodeJpeg(coded: Buffer, { format, path: file }: OpenInstance, frame: number): Promise<Uint8Array> {
  const space = format.samplesPerPixel === 1 ? null : format.photometric === 'RGB' ? 'rgb' : 'ycbcr';
  try {
    const image = sharp(jpegStream(coded, null, space), {
      failOn: 'truncated',
      limitInputPixels: format.rows * format.columns,
    });
    const { data, info } = await image.toColourspace('srgb').raw().toBuffer({ resolveWithObject: true });
    if (info.width !== format.columns || info.height !== format.rows || info.channels !== 3) {
      throw new Error(`${info.width} × ${info.height} × ${info.channels}`);
    }
    return data;
  } catch (cause) {
    const found = cause instanceof Error ? (cause.message.split('\n')[0] ?? '') : String(cause);
    throw damaged(file, `a JPEG of ${format.columns} × ${format.rows} in frame ${frame + 1}`, found, cause);
  }
}

async function readPieces(handle: FileHandle, pieces: FramePieces, file: string): Promise<Buffer> {
  const { size } = await handle.stat();
  const parts: Buffer[] = [];
  for (const { at, length } of pieces) {
    if (at + length > size || length > mostTileBytes)
      throw damaged(file, `${length} bytes at ${at}`, `a file of ${size} bytes`);
    const bytes = Buffer.alloc(length);
    await handle.read(bytes, 0, length, at);
    parts.push(bytes);
  }
  return Buffer.concat(parts);
}

/** A label or overview: small, usually one frame. */
async function readWhole(instance: OpenInstance): Promise<Picture> {
  const { width, height, format } = instance;
  if (width * height > 1 << 27)
    throw damaged(instance.path, 'a small picture beside the slide', `${width} × ${height}`);
  const rgb = new Uint8Array(width * height * 3).fill(255);
  for (const [key, frame] of instance.tiles) {
    const [column = 0, row = 0] = key.split('_').map(Number);
    const tile = await decodeFrame(instance, frame);
    const columns = Math.min(format.columns, width - column * format.columns);
    for (let line = 0; line < format.rows && row * format.rows + line < height; line++) {
      const at = ((row * format.rows + line) * width + column * format.columns) * 3;
      rgb.set(tile.subarray(line * format.columns * 3, (line * format.columns + columns) * 3), at);
    }
  }
  return { width, height, rgb };
}

function check({ format, path: file }: SlideInstance): void {
  assertReadable(format, file);
  if (format.bitsAllocated === 8 && [1, 3].includes(format.samplesPerPixel) && format.photometric !== 'PALETTE COLOR')
    return;
  const found = `${format.samplesPerPixel} samples of ${format.bitsAllocated} bits, ${format.photometric}`;
  throw new VerisimError('UnsupportedPixelData', `The pixels of "${file}" cannot be shown: ${found}.`, {
    path: file,
    expected: 'grey or RGB of 8 bits',
    found,
  });
}

async function closeAll(opened: OpenInstance[]): Promise<void> {
  for (const { handle } of opened) await handle.close();
}

function notSlide(file: string): VerisimError {
  return new VerisimError('NotRecognised', `"${file}" is DICOM, but no whole slide image.`, {
    path: file,
    expected: 'VL Whole Slide Microscopy',
    found: 'other DICOM',
  });
}
