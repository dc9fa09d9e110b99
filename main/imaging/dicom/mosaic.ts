import type { DataSet } from 'dicom-parser';
import type { Vector3 } from '../../../preload/domain.ts';
import { readNumber, readNumbers, readText } from './element-values.ts';
import type { FrameHeader } from './frames.ts';

/** Slices that a Siemens scanner laid out as tiles of one image, row by row from the top left. */
export interface Mosaic {
  tileColumns: number;
  tileRows: number;
  tilesAcross: number;
  count: number;
  /** Unit vector from one tile to the next, LPS; null where the file does not say. */
  normal: Vector3 | null;
}

/**
 * The layout of a mosaic (Image Type … MOSAIC): the number of its tiles stands in the private element (0019,xx0A) or in the
 * CSA header. Null for any other image, and where the number does not fit the image. Source: nibabel's notes on
 * Siemens mosaics ("DICOM mosaic").
 */
export function readMosaic(dataSet: DataSet, image: { rows: number; columns: number }): Mosaic | null {
  if (!readText(dataSet, 'x00080008').split('\\').includes('MOSAIC')) return null;
  const csa = readCsa(dataSet);
  const count = privateCount(dataSet) ?? Number(csa.get('NumberOfImagesInMosaic')?.[0] ?? 0);
  if (!Number.isInteger(count) || count < 1) return null;
  const tilesAcross = Math.ceil(Math.sqrt(count));
  const tileColumns = image.columns / tilesAcross;
  const tileRows = image.rows / tilesAcross;
  if (!Number.isInteger(tileColumns) || !Number.isInteger(tileRows)) return null;
  const [x, y, z] = (csa.get('SliceNormalVector') ?? []).map(Number);
  const hasNormal = x !== undefined && y !== undefined && z !== undefined && Math.abs(Math.hypot(x, y, z) - 1) < 1e-2;
  return { tileColumns, tileRows, tilesAcross, count, normal: hasNormal ? [x, y, z] : null };
}

/**
 * One frame for each tile. Image Position of the file is that of the whole layout as if it were one large slice: half of
 * what the layout is larger than a tile is taken back along rows and columns.
 */
export function mosaicFrames(whole: FrameHeader, mosaic: Mosaic, dataSet: DataSet): FrameHeader[] {
  const { positionLps: p, orientation: o, pixelSpacingMm: spacing } = whole;
  const step = readNumber(dataSet, 'x00180088') ?? readNumbers(dataSet, 'x00180050')[0] ?? 1;
  return Array.from({ length: mosaic.count }, (_, tile) => {
    const order = [...whole.order, 0];
    if (p === null || o === null || spacing === null) return { ...whole, order: [...order, tile] };
    const across = ((mosaic.tilesAcross - 1) * mosaic.tileColumns * spacing[0]) / 2;
    const down = ((mosaic.tilesAcross - 1) * mosaic.tileRows * spacing[1]) / 2;
    const normal = mosaic.normal ?? [o[1] * o[5] - o[2] * o[4], o[2] * o[3] - o[0] * o[5], o[0] * o[4] - o[1] * o[3]];
    const at = (axis: 0 | 1 | 2) =>
      p[axis] + across * o[axis] + down * (o[(axis + 3) as 3 | 4 | 5] ?? 0) + tile * step * (normal[axis] ?? 0);
    return { ...whole, order, positionLps: [at(0), at(1), at(2)], sliceThicknessMm: step };
  });
}

/** The tile `index` of a decoded layout, rows top down. */
export function cutTile(values: ArrayLike<number>, mosaic: Mosaic, index: number): Float64Array {
  const { tileColumns, tileRows, tilesAcross } = mosaic;
  const width = tileColumns * tilesAcross;
  const start = Math.floor(index / tilesAcross) * tileRows * width + (index % tilesAcross) * tileColumns;
  const tile = new Float64Array(tileColumns * tileRows);
  for (let y = 0; y < tileRows; y++) {
    for (let x = 0; x < tileColumns; x++) tile[y * tileColumns + x] = values[start + y * width + x] ?? 0;
  }
  return tile;
}

function privateCount(dataSet: DataSet): number | null {
  const tag = privateTag(dataSet, { group: '0019', creator: 'SIEMENS MR HEADER', element: '0a' });
  const element = tag === null ? undefined : dataSet.elements[tag];
  if (tag === null || element === undefined) return null;
  const text = Number(readText(dataSet, tag));
  if (element.vr !== 'US' && Number.isInteger(text) && text > 0 && text < 10_000) return text;
  return element.length === 2 ? (dataSet.uint16(tag) ?? null) : null;
}

/** The tag of a private element in the block that its creator reserved (PS3.5 §7.8.1). */
export function privateTag(
  dataSet: DataSet,
  wanted: { group: string; creator: string; element: string },
): string | null {
  for (let block = 0x10; block <= 0x1f; block++) {
    const hex = block.toString(16);
    const reserved = dataSet.elements[`x${wanted.group}00${hex}`];
    if (reserved === undefined) continue;
    if (readText(dataSet, reserved.tag).trim() === wanted.creator) return `x${wanted.group}${hex}${wanted.element}`;
  }
  return null;
}

const mostCsaTags = 1000;
const mostCsaItems = 100;

/** Values of the "SV10" image header: names of 64 bytes, then items with their lengths, padded to four bytes. */
function readCsa(dataSet: DataSet): Map<string, string[]> {
  const result = new Map<string, string[]>();
  const tag = privateTag(dataSet, { group: '0029', creator: 'SIEMENS CSA HEADER', element: '10' });
  const element = tag === null ? undefined : dataSet.elements[tag];
  if (element === undefined || element.length < 16) return result;
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  if (Buffer.from(bytes.subarray(0, 4)).toString('latin1') !== 'SV10') return result;
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = (from: number, length: number) =>
    Buffer.from(bytes.subarray(from, from + length))
      .toString('latin1')
      .split('\0')[0]
      ?.trim() ?? '';
  const tags = Math.min(view.getUint32(8, true), mostCsaTags);
  for (let at = 16, index = 0; index < tags && at + 84 <= bytes.length; index++) {
    const name = text(at, 64);
    const items = Math.min(view.getUint32(at + 76, true), mostCsaItems);
    at += 84;
    const values: string[] = [];
    for (let item = 0; item < items && at + 16 <= bytes.length; item++) {
      const length = view.getUint32(at + 4, true);
      at += 16;
      if (length > 0) values.push(text(at, Math.min(length, bytes.length - at)));
      at += Math.ceil(length / 4) * 4;
    }
    result.set(name, values.filter(Boolean));
  }
  return result;
}
