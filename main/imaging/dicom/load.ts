import { open } from 'node:fs/promises';
import type { ScalarArray, ScalarType, Volume, VolumeDescription } from '../../../preload/domain.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { notOpened } from '../read-file.ts';
import { placesOf } from '../slice-origins.ts';
import { rangeOfCounts, voxelRange } from '../statistics.ts';
import { inThreads, threadCount } from '../threads.ts';
import { allocateShared, voxelsOver } from '../voxel-store.ts';
import type { FrameEntry } from './arrange.ts';
import { assertReadable } from './codecs.ts';
import { decodeWork } from './decode-work.ts';
import type { DecodeWork, VolumeTarget } from './decode-work.ts';
import { planLoad } from './load-plan.ts';
import { isEncapsulatedSyntax } from './read-head.ts';
import type { LoadPlan } from './load-plan.ts';
import { allocateCounts, sumCounts } from './store-values.ts';
import type { StoredFit } from './store-values.ts';

/** Less than this is copied sooner than a thread is asked. */
const threadsFromBytes = 2 * 2 ** 20;
/** Narrowest first: the types that whole numbers are kept in. */
const wholeTypes: readonly ScalarType[] = ['uint8', 'int16', 'uint16', 'int32'];

/**
 * Decodes a DICOM series into one volume, on every core, in the smallest scalar type that holds all rescaled values exactly:
 * uint8 only for 8-bit data, then int16, uint16, int32; float32 as soon as one value is not whole. `summary.warnings` are carried
 * over. Throws FileNotReadable, DicomInvalid, UnsupportedTransferSyntax, UnsupportedPixelData, TooLarge.
 */
export async function loadDicomVolume(series: IndexedSeries, options: ImagingOptions = {}): Promise<Volume> {
  const plan = await planLoad(series, options);
  const { first, count } = plan;
  const { format } = first.header;
  assertReadable(format, first.header.path);
  const samplesPerVoxel = isColour(first) ? 3 : 1;
  const { voxels, type, range } = await decodeVolume(plan, options);
  return {
    id: series.summary.id,
    dimensions: [format.columns, format.rows, count],
    spacingMm: plan.spacingMm,
    originLps: plan.originLps,
    directionLps: plan.directionLps,
    ...placesOf(plan),
    scalarType: type,
    samplesPerVoxel,
    range,
    windows: samplesPerVoxel === 3 ? [] : first.header.windows,
    modality: first.header.modality,
    unit: first.header.unit,
    inverted: format.photometric === 'MONOCHROME1',
    frameOfReferenceUid: first.header.frameOfReferenceUid,
    synthetic: plan.synthetic,
    warnings: series.summary.warnings,
    voxels,
  };
}

/** Begins anew with a wider type where values do not fit, which most series never need. */
async function decodeVolume(
  plan: LoadPlan,
  options: ImagingOptions,
): Promise<{ voxels: ScalarArray; type: ScalarType; range: VolumeDescription['range'] }> {
  const { first, count } = plan;
  const { rows, columns } = first.header.format;
  const frameLength = rows * columns * (isColour(first) ? 3 : 1);
  for (let type = firstType(first); ;) {
    const voxels = allocateShared(type, frameLength * count, first.header.path);
    const counts = allocateCounts(type, threadCount);
    const fit = await decodeInto({ voxels, type, frameLength, counts }, plan, options);
    if (fit === 'all') {
      const scalars = voxelsOver(voxels, type);
      const padding = isColour(first) ? null : paddingOf(first);
      const sum = sumCounts(counts, type);
      const range = sum === null ? voxelRange(scalars, padding) : rangeOfCounts(sum, padding);
      return { voxels: scalars, type, range };
    }
    type = fit === 'not whole' ? 'float32' : (wholeTypes[wholeTypes.indexOf(type) + 1] ?? 'float32');
  }
}

async function decodeInto(target: VolumeTarget, plan: LoadPlan, options: ImagingOptions): Promise<StoredFit> {
  const { signal, onProgress } = options;
  const pieces = await cut(plan, target);
  let fit: StoredFit = 'all';
  let done = 0;
  const take = (answer: StoredFit, { wanted }: DecodeWork): boolean => {
    if (answer !== 'all') fit = answer;
    done += wanted.length;
    onProgress?.({ done, total: plan.count, phase: 'Reading images' });
    return answer === 'all';
  };
  // A decoder may go on for ever over damaged bytes: there only a thread can be given up.
  const isCompressed = isEncapsulatedSyntax(plan.first.header.format.transferSyntaxUid);
  if (isCompressed || target.voxels.byteLength >= threadsFromBytes) await inThreads(pieces, { signal, take });
  else {
    for (const piece of pieces) {
      signal?.throwIfAborted();
      if (!take(await decodeWork(piece, 0), piece)) break;
    }
  }
  return fit;
}

/** One piece for each file, or several for a file with many frames, whose bytes the threads then share. */
async function cut(plan: LoadPlan, target: VolumeTarget): Promise<DecodeWork[]> {
  const { rows, columns } = plan.first.header.format;
  const pieces: DecodeWork[] = [];
  for (const { path, size, wanted } of plan.files) {
    const isShared =
      wanted.length > 1 && plan.files.length < threadCount && target.voxels.byteLength >= threadsFromBytes;
    const bytes = isShared ? await readShared(path, size) : null;
    const length = isShared ? Math.ceil(wanted.length / (2 * threadCount)) : wanted.length;
    for (let at = 0; at < wanted.length; at += length) {
      pieces.push({
        kind: 'decode',
        path,
        bytes,
        wanted: wanted.slice(at, at + length),
        shape: { rows, columns },
        target,
      });
    }
  }
  return pieces;
}

async function readShared(path: string, size: number): Promise<SharedArrayBuffer> {
  try {
    const file = await open(path, 'r');
    try {
      const shared = new SharedArrayBuffer(size);
      await file.read(new Uint8Array(shared), 0, size, 0);
      return shared;
    } finally {
      await file.close();
    }
  } catch (cause) {
    throw notOpened(path, cause);
  }
}

/** Padding in rescaled values; those of the first frame, as scanners pad all frames alike. */
function paddingOf({ header, frame }: FrameEntry): readonly [number, number] | null {
  if (header.padding === null) return null;
  const ends = header.padding.map((value) => value * frame.rescaleSlope + frame.rescaleIntercept);
  return [Math.min(...ends), Math.max(...ends)];
}

function isColour({ header }: FrameEntry): boolean {
  return header.format.samplesPerPixel === 3 || header.format.photometric === 'PALETTE COLOR';
}

/** Where the values start. */
function firstType(entry: FrameEntry): ScalarType {
  const { format } = entry.header;
  if (isColour(entry)) return 'uint8';
  if (format.isFloat) return 'float32';
  const { rescaleSlope: slope, rescaleIntercept: intercept } = entry.frame;
  if (!Number.isInteger(slope) || !Number.isInteger(intercept)) return 'float32';
  return format.bitsAllocated <= 8 && !format.signed && slope === 1 && intercept === 0 ? 'uint8' : 'int16';
}
