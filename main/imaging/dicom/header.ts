import type { DataSet } from 'dicom-parser';
import type { VoiWindow } from '../../../preload/windows.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { readNumber, readText, readUint16 } from './element-values.ts';
import { readFrames } from './frames.ts';
import type { FrameHeader } from './frames.ts';
import { mosaicFrames, readMosaic } from './mosaic.ts';
import type { Mosaic } from './mosaic.ts';
import { readPetFacts } from './suv.ts';
import type { PetFacts } from './suv.ts';
import { readWindows } from './windows.ts';
import type { ParsedDataSet } from './data-set.ts';
import { overlayGroupsOf } from './overlay-groups.ts';
import { readHead } from './read-head.ts';
import { mediaStorageDirectory, nameNonImage } from './uids.ts';

/** A frame count above this is taken for damage before anything is allocated for it. */
const mostFrames = 200_000;

/** How the stored pixels of a file are coded (PS3.3 C.7.6.3). */
export interface PixelFormat {
  transferSyntaxUid: string;
  bigEndian: boolean;
  rows: number;
  columns: number;
  samplesPerPixel: number;
  photometric: string;
  planar: boolean;
  bitsAllocated: number;
  bitsStored: number;
  highBit: number;
  signed: boolean;
  /** Float or Double Float Pixel Data. */
  isFloat: boolean;
  frameCount: number;
}

/** One DICOM image file without its pixels. Text is decoded; lengths in mm. */
export interface DicomHeader {
  path: string;
  size: number;
  modifiedMs: number;
  format: PixelFormat;
  frames: FrameHeader[];
  sopClassUid: string;
  sopInstanceUid: string;
  seriesUid: string;
  studyUid: string;
  frameOfReferenceUid: string;
  modality: string;
  description: string;
  patientName: string;
  patientId: string;
  studyDescription: string;
  studyDate: string;
  seriesNumber: number | null;
  windows: VoiWindow[];
  unit: string;
  imageType: string;
  /** Where one image of the file holds all slices; `format` then describes one tile, `frames` the tiles. */
  mosaic: Mosaic | null;
  pet: PetFacts | null;
  /** Groups 6000 to 601e that hold an overlay plane. */
  overlayGroups: string[];
  /** Stored values that stand for no measurement (Pixel Padding Value and Range Limit), from … to. */
  padding: readonly [number, number] | null;
  synthetic: boolean;
}

/**
 * Reads the header of one file; its pixels are only checked for being whole. Throws DicomInvalid for damaged or cut
 * files, NotRecognised for DICOM objects without an image, FileNotReadable.
 */
export async function readHeader(path: string): Promise<DicomHeader> {
  const { parsed, size, modifiedMs } = await readHead(path);
  return headerOf(parsed, { path, size, modifiedMs });
}

export function headerOf(parsed: ParsedDataSet, file: { path: string; size: number; modifiedMs: number }): DicomHeader {
  const { dataSet } = parsed;
  const characterSet = readText(dataSet, 'x00080005');
  const text = (tag: string) => readText(dataSet, tag, characterSet);
  const sopClassUid = text('x00080016');
  const modality = text('x00080060');
  const isDirectory = dataSet.elements['x00041220'] !== undefined;
  const format = readPixelFormat(
    parsed,
    file.path,
    nameNonImage(isDirectory ? mediaStorageDirectory : sopClassUid, modality),
  );
  const study = text('x0020000d');
  const mosaic = format.frameCount === 1 ? readMosaic(dataSet, format) : null;
  const frames = readFrames(dataSet, format.frameCount);
  const [whole] = frames;
  return {
    ...file,
    format: mosaic === null ? format : { ...format, rows: mosaic.tileRows, columns: mosaic.tileColumns },
    frames: mosaic === null || whole === undefined ? frames : mosaicFrames(whole, mosaic, dataSet),
    sopClassUid,
    sopInstanceUid: text('x00080018'),
    seriesUid: text('x0020000e') || `${study}/${text('x00200011')}`,
    studyUid: study,
    frameOfReferenceUid: text('x00200052'),
    modality: modality || 'OT',
    description: text('x0008103e') || text('x00181030'),
    patientName: text('x00100010').replace(/\^+$/, ''),
    patientId: text('x00100020'),
    studyDescription: text('x00081030'),
    studyDate: text('x00080020'),
    seriesNumber: readNumber(dataSet, 'x00200011'),
    windows: readWindows(dataSet, characterSet),
    unit: readUnit(dataSet, modality),
    imageType: text('x00080008'),
    mosaic,
    pet: readPetFacts(dataSet, modality),
    overlayGroups: overlayGroupsOf(dataSet),
    padding: readPadding(dataSet, format.signed),
    synthetic: isSynthetic(dataSet),
  };
}

/** Synthetic Data = YES, or a Contributing Equipment item with purpose (109100, DCM, "Synthesizing Equipment"). */
export function isSynthetic(dataSet: DataSet): boolean {
  if (readText(dataSet, 'x0008001c') === 'YES') return true;
  const items = dataSet.elements['x0018a001']?.items ?? [];
  return items.some((item) =>
    (item.dataSet?.elements['x0040a170']?.items ?? []).some(
      (code) =>
        code.dataSet !== undefined &&
        readText(code.dataSet, 'x00080100') === '109100' &&
        readText(code.dataSet, 'x00080102') === 'DCM',
    ),
  );
}

export function readPixelFormat({ dataSet, ...parsed }: ParsedDataSet, path: string, otherwise: string): PixelFormat {
  const rows = readUint16(dataSet, 'x00280010');
  const columns = readUint16(dataSet, 'x00280011');
  const float = dataSet.elements['x7fe00008'];
  const double = dataSet.elements['x7fe00009'];
  const hasPixels = (dataSet.elements['x7fe00010'] ?? float ?? double) !== undefined;
  if (!hasPixels || rows === null || columns === null) {
    throw new VerisimError('NotRecognised', `"${path}" is ${otherwise}; only images can be opened.`, {
      path,
      expected: 'a DICOM image',
      found: otherwise,
    });
  }
  const bitsAllocated = double ? 64 : float ? 32 : (readUint16(dataSet, 'x00280100') ?? 16);
  const bitsStored = double || float ? bitsAllocated : readUint16(dataSet, 'x00280101') || bitsAllocated;
  const samplesPerPixel = readUint16(dataSet, 'x00280002') ?? 1;
  const frameCount = Math.max(1, Math.floor(readNumber(dataSet, 'x00280008') ?? 1));
  const damaged =
    frameCount > mostFrames ||
    rows * columns === 0 ||
    bitsStored > bitsAllocated ||
    ![1, 8, 16, 32, 64].includes(bitsAllocated);
  if (damaged) {
    throw new VerisimError(
      'DicomInvalid',
      `"${path}" describes its pixels in a way that cannot be: ${rows} rows, ${columns} columns, ${bitsStored} of ${bitsAllocated} bits, ${frameCount} frames.`,
      {
        path,
        expected: 'rows, columns and bits of an image',
        found: `${rows} × ${columns}, ${bitsStored} of ${bitsAllocated} bits`,
      },
    );
  }
  return {
    transferSyntaxUid: parsed.transferSyntaxUid,
    bigEndian: parsed.bigEndian,
    rows,
    columns,
    samplesPerPixel,
    photometric: readText(dataSet, 'x00280004') || (samplesPerPixel === 3 ? 'RGB' : 'MONOCHROME2'),
    planar: readUint16(dataSet, 'x00280006') === 1,
    bitsAllocated,
    bitsStored,
    highBit: readUint16(dataSet, 'x00280102') ?? bitsStored - 1,
    signed: readUint16(dataSet, 'x00280103') === 1,
    isFloat: (float ?? double) !== undefined,
    frameCount,
  };
}

function readUnit(dataSet: DataSet, modality: string): string {
  const rescaleType = readText(dataSet, 'x00281054');
  if (rescaleType !== '' && rescaleType !== 'US') return rescaleType;
  if (modality === 'CT' && dataSet.elements['x00281052'] !== undefined) return 'HU';
  if (modality === 'RTDOSE') return readText(dataSet, 'x30040002') === 'GY' ? 'Gy' : '';
  if (modality !== 'PT') return '';
  const unit = readText(dataSet, 'x00541001');
  return petUnits[unit] ?? unit;
}

/** Units (0054,1001) as people write them; GML is the SUV by body weight. */
const petUnits: Record<string, string> = { BQML: 'Bq/mL', GML: 'SUVbw', CNTS: 'counts', PROPCPS: 'counts/s' };

function readPadding(dataSet: DataSet, signed: boolean): readonly [number, number] | null {
  const read = (tag: string) => {
    const element = dataSet.elements[tag];
    if (element === undefined || element.length < 2) return null;
    return (signed ? dataSet.int16(tag) : dataSet.uint16(tag)) ?? null;
  };
  const value = read('x00280120');
  if (value === null) return null;
  const limit = read('x00280121') ?? value;
  return [Math.min(value, limit), Math.max(value, limit)];
}
