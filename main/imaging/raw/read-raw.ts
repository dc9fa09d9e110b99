import { basename, dirname, join } from 'node:path';
import { stat } from 'node:fs/promises';
import { promisify } from 'node:util';
import { unzip } from 'node:zlib';
import type { SeriesSummary, Volume } from '../../../preload/domain.ts';
import { shortHash } from '../dicom/short-hash.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { readStart } from '../nifti/read.ts';
import { readWholeFile } from '../read-file.ts';
import { placesOf } from '../slice-origins.ts';
import { voxelRange } from '../statistics.ts';
import { largestVolumeBytes } from '../voxel-store.ts';
import { parseMetaImage } from './metaimage.ts';
import { parseNrrd } from './nrrd.ts';
import { invalidRaw, rawTypeBytes } from './raw-header.ts';
import type { RawHeader } from './raw-header.ts';
import { arrangeSamples } from './samples.ts';

const headerBytes = 64 * 1024;
/** `unzip` takes gzip and zlib alike. */
const inflate = promisify(unzip);

/** One NRRD or MetaImage file (with its data file) is one series. Throws VolumeInvalid, FileNotReadable. */
export async function indexRaw(path: string): Promise<IndexedSeries> {
  const header = await readRawHeader(path);
  const { size, mtimeMs } = await stat(dataPath(path, header)).catch(() => {
    throw invalidRaw(path, `"${header.dataFile ?? ''}" beside it`, 'no such file');
  });
  const needed = neededBytes(header) + Math.max(0, header.offset);
  if (header.encoding === 'raw' && size < needed) throw invalidRaw(path, `${needed} bytes`, `${size}: it is cut off`);
  const [columns, rows, slices, frames] = header.dimensions;
  const name = basename(path).replace(/\.(nrrd|nhdr|mha|mhd)$/i, '');
  const summary: SeriesSummary = {
    id: shortHash(`${path}|${JSON.stringify(header)}`),
    format: header.format,
    modality: 'OT',
    description: name,
    patientName: '',
    patientId: '',
    studyId: shortHash(dirname(path)),
    studyDescription: basename(dirname(path)),
    studyDate: '',
    seriesNumber: null,
    columns,
    rows,
    slices,
    frames: frames * (header.isColour ? 1 : header.components),
    spacingMm: header.spacingMm,
    originLps: header.originLps,
    directionLps: header.directionLps,
    ...placesOf(header),
    unit: '',
    transferSyntax: header.version,
    synthetic: false,
    fileCount: header.dataFile === null ? 1 : 2,
    warnings: header.warnings,
  };
  return { summary, files: [{ path, frameCount: slices * summary.frames, modifiedMs: mtimeMs, size }] };
}

/** Throws VolumeInvalid, TooLarge, FileNotReadable. */
export async function loadRawVolume(series: IndexedSeries, options: ImagingOptions = {}): Promise<Volume> {
  const path = series.files[0]?.path ?? '';
  const header = await readRawHeader(path);
  options.onProgress?.({ done: 0, total: 1, phase: 'Reading the file' });
  const bytes = await readSamples(path, header, options.signal);
  const { voxels, scalarType, samplesPerVoxel } = arrangeSamples(bytes, header, path);
  options.onProgress?.({ done: 1, total: 1, phase: 'Reading the file' });
  const { summary } = series;
  return {
    id: summary.id,
    dimensions: [summary.columns, summary.rows, summary.slices * summary.frames],
    spacingMm: header.spacingMm,
    originLps: header.originLps,
    directionLps: header.directionLps,
    ...placesOf(header),
    scalarType,
    samplesPerVoxel,
    range: voxelRange(voxels),
    windows: [],
    modality: summary.modality,
    unit: '',
    inverted: false,
    frameOfReferenceUid: '',
    synthetic: summary.synthetic,
    warnings: summary.warnings,
    voxels,
  };
}

export async function readRawHeader(path: string): Promise<RawHeader> {
  const head = await readStart(path, headerBytes);
  return Buffer.from(head.subarray(0, 4)).toString('latin1') === 'NRRD'
    ? parseNrrd(head, path)
    : parseMetaImage(head, path);
}

/** Headers name files beside them; a path that leaves their folder is refused. */
export function dataPath(path: string, { dataFile }: RawHeader): string {
  if (dataFile === null) return path;
  const name = dataFile.replaceAll('\\', '/').replace(/^\.\//, '');
  if (name.startsWith('/') || name.split('/').includes('..')) {
    throw invalidRaw(path, 'a data file in the folder of its header', dataFile);
  }
  return join(dirname(path), name);
}

async function readSamples(path: string, header: RawHeader, signal?: AbortSignal): Promise<Uint8Array> {
  const file = dataPath(path, header);
  const needed = neededBytes(header);
  if (needed > largestVolumeBytes * 2) throw invalidRaw(path, 'at most 4 GiB of voxels', `${needed} bytes`);
  const whole = await readWholeFile(file, signal);
  const start = header.offset < 0 ? Math.max(0, whole.length - needed) : header.offset;
  const coded = whole.subarray(start);
  if (header.encoding === 'text') return parseText(coded, header, path);
  const bytes = header.encoding === 'raw' ? coded : await inflateSamples(coded, needed, path);
  if (bytes.length < needed) throw invalidRaw(path, `${needed} bytes of voxels`, `${bytes.length}`);
  return bytes.subarray(0, needed);
}

async function inflateSamples(coded: Uint8Array, needed: number, path: string): Promise<Uint8Array> {
  try {
    return await inflate(coded, { maxOutputLength: needed + 1024 });
  } catch (cause) {
    throw invalidRaw(path, 'a whole compressed stream', cause instanceof Error ? cause.message : String(cause));
  }
}

/** Text of numbers, as little-endian doubles. */
function parseText(coded: Uint8Array, header: RawHeader, path: string): Uint8Array {
  const count = neededBytes(header) / rawTypeBytes[header.type];
  const words = Buffer.from(coded)
    .toString('latin1')
    .trim()
    .split(/[\s,]+/);
  const values = Float64Array.from(words.slice(0, count), Number);
  if (values.length < count || values.some(Number.isNaN)) throw invalidRaw(path, `${count} numbers`, `${words.length}`);
  return new Uint8Array(values.buffer);
}

function neededBytes({ dimensions, components, type }: RawHeader): number {
  return dimensions.reduce((product, n) => product * n, components) * rawTypeBytes[type];
}
