import type { ScalarType, Volume } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { readWholeFile } from '../read-file.ts';
import { voxelRange } from '../statistics.ts';
import { VoxelStore } from '../voxel-store.ts';
import { arrangeFrames } from './arrange.ts';
import type { FrameEntry } from './arrange.ts';
import { assertReadable, prepareCodecs } from './codecs.ts';
import { decodeFrame } from './decode-frame.ts';
import { frameReader } from './frame-bytes.ts';
import { entriesOf } from './group-series.ts';
import { readHeader } from './header.ts';
import type { PixelFormat } from './header.ts';
import { readModalityTable } from './modality-table.ts';
import { cutTile } from './mosaic.ts';
import type { Mosaic } from './mosaic.ts';
import { tryParse } from './read-head.ts';
import { toUptake } from './suv.ts';

/**
 * Decodes a DICOM series into one volume; `summary.warnings` are carried over. Throws FileNotReadable, DicomInvalid,
 * UnsupportedTransferSyntax, UnsupportedPixelData, TooLarge.
 */
export async function loadDicomVolume(series: IndexedSeries, options: ImagingOptions = {}): Promise<Volume> {
  const { signal, onProgress } = options;
  const entries: FrameEntry[] = [];
  for (const file of series.files) {
    signal?.throwIfAborted();
    const all = entriesOf(await readHeader(file.path));
    entries.push(
      ...(file.frames === undefined ? all : all.filter(({ frameIndex }) => file.frames?.includes(frameIndex))),
    );
  }
  const arrangement = arrangeFrames(toUptake(entries).entries);
  const first = arrangement.entries[0];
  if (first === undefined) throw noFrames(series);
  const { format } = first.header;
  const samplesPerVoxel = isColour(first) ? 3 : 1;
  const frameLength = format.rows * format.columns * samplesPerVoxel;
  const store = new VoxelStore(firstType(first), frameLength * arrangement.entries.length, first.header.path);
  await prepareCodecs(new Set(entries.map(({ header }) => header.format.transferSyntaxUid)));
  const placesByPath = Map.groupBy(
    arrangement.entries.map((entry, k) => ({ entry, k })),
    ({ entry }) => entry.header.path,
  );
  let done = 0;
  for (const [path, places] of placesByPath) {
    await decodeFile(path, places, (values, k) => store.put(values, k * frameLength), signal);
    done += places.length;
    onProgress?.({ done, total: arrangement.entries.length, phase: 'Reading images' });
  }
  return {
    id: series.summary.id,
    dimensions: [format.columns, format.rows, arrangement.entries.length],
    spacingMm: arrangement.spacingMm,
    originLps: arrangement.originLps,
    directionLps: arrangement.directionLps,
    scalarType: store.scalarType,
    samplesPerVoxel,
    range: voxelRange(store.array, samplesPerVoxel === 3 ? null : paddingOf(first)),
    windows: samplesPerVoxel === 3 ? [] : first.header.windows,
    modality: first.header.modality,
    unit: first.header.unit,
    inverted: format.photometric === 'MONOCHROME1',
    frameOfReferenceUid: first.header.frameOfReferenceUid,
    synthetic: arrangement.entries.some(({ header }) => header.synthetic),
    warnings: series.summary.warnings,
    voxels: store.array,
  };
}

/** Decodes chosen frames of one file; the file is let go of before the next. */
export async function decodeFile(
  path: string,
  places: { entry: FrameEntry; k: number }[],
  put: (values: ArrayLike<number>, k: number) => void,
  signal?: AbortSignal,
): Promise<void> {
  const header = places[0]?.entry.header;
  if (header === undefined) return;
  assertReadable(header.format, path);
  const bytes = await readWholeFile(path, signal);
  const parsed = tryParse(bytes, path, true);
  if (parsed === null) return;
  const { mosaic } = header;
  const format = mosaic === null ? header.format : layoutFormat(header.format, mosaic);
  const read = frameReader(parsed, format, path);
  const table = readModalityTable(parsed.dataSet, format.signed);
  const decode = (entry: FrameEntry) =>
    decodeFrame(read(mosaic === null ? entry.frameIndex : 0), {
      header: { path, format },
      frame: entry.frame,
      dataSet: parsed.dataSet,
      table,
    });
  const layout = mosaic === null || places[0] === undefined ? null : decode(places[0].entry);
  for (const { entry, k } of places) {
    signal?.throwIfAborted();
    put(mosaic === null || layout === null ? decode(entry) : cutTile(layout, mosaic, entry.frameIndex), k);
  }
}

function layoutFormat(tile: PixelFormat, mosaic: Mosaic): PixelFormat {
  return { ...tile, rows: mosaic.tileRows * mosaic.tilesAcross, columns: mosaic.tileColumns * mosaic.tilesAcross };
}

/** Padding in rescaled values; those of the first frame, as scanners pad all frames alike. */
function paddingOf({ header, frame }: FrameEntry): readonly [number, number] | null {
  if (header.padding === null) return null;
  const ends = header.padding.map((value) => value * frame.rescaleSlope + frame.rescaleIntercept);
  return [Math.min(...ends), Math.max(...ends)];
}

export function isColour({ header }: FrameEntry): boolean {
  return header.format.samplesPerPixel === 3 || header.format.photometric === 'PALETTE COLOR';
}

/** Where the values start; the store widens as they need. */
function firstType(entry: FrameEntry): ScalarType {
  const { format } = entry.header;
  if (isColour(entry)) return 'uint8';
  if (format.isFloat) return 'float32';
  const { rescaleSlope: slope, rescaleIntercept: intercept } = entry.frame;
  if (!Number.isInteger(slope) || !Number.isInteger(intercept)) return 'float32';
  return format.bitsAllocated <= 8 && !format.signed && slope === 1 && intercept === 0 ? 'uint8' : 'int16';
}

function noFrames(series: IndexedSeries): VerisimError {
  const path = series.files[0]?.path ?? '';
  return new VerisimError('DicomInvalid', `The series of "${path}" has no images any more; open the folder again.`, {
    path,
  });
}
