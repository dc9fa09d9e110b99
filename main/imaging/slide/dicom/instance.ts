import { open } from 'node:fs/promises';
import type { DataSet } from 'dicom-parser';
import { VerisimError } from '../../../../preload/errors.ts';
import { firstItem, readItems, readNumber, readNumbers, readText, readUint16 } from '../../dicom/element-values.ts';
import { isSynthetic, type PixelFormat, readPixelFormat } from '../../dicom/header.ts';
import { tryParse } from '../../dicom/read-head.ts';
import { notOpened } from '../../read-file.ts';
import type { ParsedDataSet } from '../../dicom/data-set.ts';

export const wholeSlideClass = '1.2.840.10008.5.1.4.1.1.77.1.6';

/** One file of a whole slide (PS3.3 A.32.8): the whole of a resolution, or a part of one, or a label. */
export interface SlideInstance {
  path: string;
  seriesUid: string;
  /** VOLUME, LABEL, OVERVIEW or THUMBNAIL: the third value of Image Type. */
  flavour: string;
  format: PixelFormat;
  /** Of the whole resolution. */
  width: number;
  height: number;
  /** Frame number by column and row of its tile. */
  tiles: Map<string, number>;
  micronsPerPixel: { x: number; y: number } | null;
  magnification: number | null;
  icc: Buffer | null;
  synthetic: boolean;
  /** Of Pixel Data's value in the file. */
  pixelsAt: number;
  encapsulated: boolean;
  /** Extended Offset Table and its lengths, where there are. */
  extended: { offsets: number[]; lengths: number[] } | null;
  properties: Record<string, string>;
}

const firstChunkBytes = 256 * 1024;
const largestHeadBytes = 2 ** 29;

/** Null for a DICOM file of another kind. Reads the header only. Throws DicomInvalid, FileNotReadable, SlideInvalid, TooLarge. */
export async function readInstance(path: string): Promise<SlideInstance | null> {
  const parsed = await readHeader(path);
  const { dataSet } = parsed;
  if (readText(dataSet, 'x00080016') !== wholeSlideClass) return null;
  const format = readPixelFormat(parsed, path, 'a slide without pixels');
  const width = readUint32(dataSet, 'x00480006') ?? format.columns;
  const height = readUint32(dataSet, 'x00480007') ?? format.rows;
  const shared = firstItem(dataSet, 'x52009229');
  const measures = firstItem(shared, 'x00289110');
  const [down, across] = measures === undefined ? [] : readNumbers(measures, 'x00280030');
  const optics = firstItem(dataSet, 'x00480105');
  const element = dataSet.elements['x7fe00010'];
  if (element === undefined || parsed.fileOffset === null)
    throw damaged(path, 'Pixel Data that are not deflated', 'none');
  return {
    path,
    seriesUid: readText(dataSet, 'x0020000e'),
    flavour: readText(dataSet, 'x00080008').split('\\')[2] ?? 'VOLUME',
    format,
    width,
    height,
    tiles: placesOf(dataSet, { path, format, width, height }),
    micronsPerPixel: down && across ? { x: across * 1000, y: down * 1000 } : null,
    magnification: optics === undefined ? null : readNumber(optics, 'x00480112'),
    icc: optics === undefined ? null : bytesOf(optics, 'x00282000'),
    synthetic: isSynthetic(dataSet),
    pixelsAt: parsed.fileOffset + element.dataOffset,
    encapsulated: element.hadUndefinedLength === true,
    extended: extendedTable(parsed),
    properties: {
      manufacturer: readText(dataSet, 'x00080070'),
      model: readText(dataSet, 'x00081090'),
      container: readText(dataSet, 'x00400512'),
    },
  };
}

async function readHeader(path: string): Promise<ParsedDataSet> {
  const file = await open(path, 'r').catch((cause: unknown) => Promise.reject(notOpened(path, cause)));
  try {
    const { size } = await file.stat();
    for (let length = Math.min(size, firstChunkBytes); ; length = Math.min(size, length * 8)) {
      if (length > largestHeadBytes)
        throw damaged(path, `a header of at most ${largestHeadBytes} bytes`, 'a longer one');
      const bytes = new Uint8Array(length);
      await file.read(bytes, 0, length, 0);
      const parsed = tryParse(bytes, path, length === size);
      if (parsed !== null) return parsed;
    }
  } finally {
    await file.close();
  }
}

/** TILED_FULL: rows of tiles from the top, all of one focal plane first (PS3.3 C.7.6.17.3). Otherwise each frame says where it lies. */
function placesOf(
  dataSet: DataSet,
  { path, format, width, height }: { path: string; format: PixelFormat; width: number; height: number },
): Map<string, number> {
  const places = new Map<string, number>();
  const across = Math.ceil(width / format.columns);
  const perFrame = readItems(dataSet, 'x52009230');
  if (readText(dataSet, 'x00209311') === 'TILED_FULL' || perFrame.length === 0) {
    const first = readUint32(dataSet, 'x00209228') ?? 0;
    const tiles = across * Math.ceil(height / format.rows);
    for (let frame = 0; frame < format.frameCount && first + frame < tiles; frame++) {
      places.set(`${(first + frame) % across}_${Math.floor((first + frame) / across)}`, frame);
    }
    return places;
  }
  perFrame.slice(0, format.frameCount).forEach((item, frame) => {
    const position = firstItem(item, 'x0048021a');
    const x = (position?.int32('x0048021e') ?? NaN) - 1;
    const y = (position?.int32('x0048021f') ?? NaN) - 1;
    const [column, row] = [x / format.columns, y / format.rows];
    if (!(Number.isInteger(column) && Number.isInteger(row) && column >= 0 && row >= 0)) {
      throw damaged(path, 'frames that lie on a grid of tiles', `frame ${frame + 1} at ${x}, ${y}`);
    }
    // Further focal planes and optical paths come later and stay out.
    if (!places.has(`${column}_${row}`)) places.set(`${column}_${row}`, frame);
  });
  return places;
}

function extendedTable({ dataSet, bytes }: ParsedDataSet): SlideInstance['extended'] {
  const [offsets, lengths] = ['x7fe00001', 'x7fe00002'].map((tag) => {
    const element = dataSet.elements[tag];
    if (element === undefined) return [];
    const view = new DataView(bytes.buffer, bytes.byteOffset + element.dataOffset, element.length);
    return Array.from({ length: Math.floor(element.length / 8) }, (_, i) => Number(view.getBigUint64(8 * i, true)));
  });
  return offsets?.length && lengths?.length ? { offsets, lengths } : null;
}

function readUint32(dataSet: DataSet, tag: string): number | null {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length < 2) return null;
  return element.length < 4 ? readUint16(dataSet, tag) : (dataSet.uint32(tag) ?? null);
}

function bytesOf(dataSet: DataSet, tag: string): Buffer | null {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length <= 0) return null;
  return Buffer.from(dataSet.byteArray.slice(element.dataOffset, element.dataOffset + element.length));
}

export function damaged(path: string, expected: string, found: string, cause?: unknown): VerisimError {
  return new VerisimError('SlideInvalid', `The slide "${path}" is damaged: ${expected} expected, ${found} found.`, {
    path,
    expected,
    found,
    cause,
  });
}
