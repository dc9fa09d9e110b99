import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import type { Volume } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { groupSeries } from '../../main/imaging/dicom/group-series.ts';
import { readHeader } from '../../main/imaging/dicom/header.ts';
import { findSeries } from '../../main/imaging/find.ts';
import type { IndexedSeries } from '../../main/imaging/find.ts';
import { loadVolume } from '../../main/imaging/load.ts';
import { listFiles } from '../../main/imaging/walk.ts';
import { cornersOf } from './corners.ts';

/** Lossy JPEG and colour conversion differ between decoders by rounding; grey levels of 8 bits. */
export const lossyTolerance = 3;
const cornerToleranceMm = 1e-3;

/** One line of reference.py. */
interface Reference {
  path: string;
  error?: string;
  reader?: string;
  columns?: number;
  rows?: number;
  lossy?: boolean;
  hashes?: string[];
  values?: number[];
  corners?: number[][][];
}

export interface FileResult {
  path: string;
  /** 'read', or the tag of the error that Verisim gives. */
  outcome: string;
  size: string;
  /** What a third party makes of it. */
  compared: string;
  isFault: boolean;
}

export interface SeriesResult {
  files: string;
  size: string;
  /** Of the eight corners, the farthest from where the third party has it; null where it has none. */
  deviationMm: number | null;
  isFault: boolean;
}

/** Reads every file below a folder, alone and in its series, and holds the result against pydicom, DCMTK, GDCM and nibabel. */
export async function compareCorpus(
  folder: string,
  python: string,
): Promise<{ files: FileResult[]; series: SeriesResult[] }> {
  const references = readReferences(folder, python);
  const unpackFolder = await mkdtemp(join(tmpdir(), 'verisim-corpus-'));
  try {
    const { files } = await listFiles([folder]);
    const results: FileResult[] = [];
    for (const file of files) {
      const path = relative(folder, file);
      results.push({ path, ...(await compareFile(file, unpackFolder, references.get(path))) });
    }
    const { series } = await findSeries([folder], { unpackFolder });
    const compared: SeriesResult[] = [];
    for (const one of series) compared.push(...(await compareSeries(one, folder, references)));
    return { files: results, series: compared };
  } finally {
    await rm(unpackFolder, { recursive: true, force: true });
  }
}

function readReferences(folder: string, python: string): Map<string, Reference> {
  const script = join(import.meta.dirname, 'reference.py');
  const { stdout, status, stderr } = spawnSync(python, [script, folder], { encoding: 'utf8', maxBuffer: 2 ** 29 });
  if (status !== 0) throw new Error(stderr);
  const lines = stdout.trim().split('\n').filter(Boolean);
  return new Map(lines.map((line) => JSON.parse(line) as Reference).map((one) => [one.path, one]));
}

async function compareFile(
  file: string,
  unpackFolder: string,
  reference: Reference | undefined,
): Promise<Omit<FileResult, 'path'>> {
  const isReadElsewhere = reference !== undefined && reference.error === undefined;
  try {
    const volumes = await readAlone(file, unpackFolder);
    const size = volumes.map(({ dimensions }) => dimensions.join(' × ')).join(', ');
    if (!isReadElsewhere) return { outcome: 'read', size, compared: 'no other reader here', isFault: false };
    return { outcome: 'read', size, ...compareValues(volumes, reference) };
  } catch (error) {
    if (!(error instanceof VerisimError)) {
      return { outcome: 'FAULT', size: '', compared: String(error), isFault: true };
    }
    const compared = isReadElsewhere ? `${reference.reader} reads it` : 'not read elsewhere either';
    return { outcome: error.tag, size: '', compared, isFault: error.tag === 'Internal' };
  }
}

/** The file without its neighbours. */
async function readAlone(file: string, unpackFolder: string): Promise<Volume[]> {
  const header = await readHeader(file).catch((error: unknown) => error as Error);
  if (!(header instanceof Error)) return Promise.all(groupSeries([header]).map((one) => loadVolume(one)));
  const { series, skipped } = await findSeries([file], { unpackFolder });
  if (series.length > 0) return Promise.all(series.map((one) => loadVolume(one)));
  const [problem] = skipped;
  throw problem === undefined ? header : new VerisimError(problem.error.tag as 'NotRecognised', problem.error.message);
}

function compareValues(volumes: Volume[], reference: Reference): Pick<FileResult, 'compared' | 'isFault'> {
  const { reader = '', hashes = [], values = [], lossy = false } = reference;
  const hashesHere =
    reader === 'nibabel' ? volumes.map(({ voxels }) => digest(Float32Array.from(voxels))) : frameHashes(volumes);
  if (hashesHere.toSorted().join() === hashes.toSorted().join())
    return { compared: `identical to ${reader}`, isFault: false };
  if (volumes[0] !== undefined && volumes[0].dimensions[0] !== reference.columns) {
    return { compared: 'a mosaic, cut into its slices: held against nibabel in breadth.test.ts', isFault: false };
  }
  const [first] = volumes;
  const frame = first === undefined ? new Float32Array(0) : (framesOf(first)[0] ?? new Float32Array(0));
  const own64 = values.map((_, i) => frame[(i * 2654435761) % frame.length] ?? NaN);
  if (first?.unit === 'SUVbw' && isOneFactor(own64, values)) {
    return { compared: `identical to ${reader}, as SUV`, isFault: false };
  }
  const differences = values.map((value, i) => Math.abs(value - (own64[i] ?? NaN)));
  const farthest = Math.max(...differences);
  if (lossy && farthest <= lossyTolerance)
    return { compared: `within ${farthest} of ${reader} (lossy)`, isFault: false };
  return { compared: `DIFFERS from ${reader} (by ${farthest})`, isFault: true };
}

/** The values of the file times one number, as uptake is. */
function isOneFactor(own: number[], values: number[]): boolean {
  const factors = own.flatMap((value, i) => (values[i] === 0 ? [] : [value / (values[i] ?? NaN)]));
  const [first = NaN] = factors;
  return factors.every((factor) => Math.abs(factor / first - 1) < 1e-5);
}

async function compareSeries(
  series: IndexedSeries,
  folder: string,
  references: Map<string, Reference>,
): Promise<SeriesResult[]> {
  const { slices, frames, columns, rows } = series.summary;
  const paths = series.files.map(({ path }) => relative(folder, path));
  const known = paths.flatMap((path) => references.get(path)?.corners ?? []);
  const size = `${columns} × ${rows} × ${slices}${frames > 1 ? ` × ${frames}` : ''}`;
  const files = paths.length === 1 ? (paths[0] ?? '') : `${paths[0]} and ${paths.length - 1} more`;
  if (known.length === 0 || series.summary.format === 'nrrd' || series.summary.format === 'metaimage') {
    return [{ files, size, deviationMm: null, isFault: false }];
  }
  const volume = await loadVolume(series).catch((error: unknown) => error as Error);
  if (volume instanceof Error) return [];
  const [first, last] = cornersOf(volume, slices);
  const deviationMm = Math.max(nearest(first, known), nearest(last, known));
  // A mosaic's file gives the place of the whole layout, which is none of its slices'.
  const isLayout = paths.length * (references.get(paths[0] ?? '')?.corners?.length ?? 1) < slices && frames === 1;
  return [
    {
      files,
      size,
      deviationMm: isLayout ? null : deviationMm,
      isFault: !isLayout && !(deviationMm <= cornerToleranceMm),
    },
  ];
}

/** How far the four corners of a slice lie from those of the frame that fits best. */
function nearest(slice: number[][], frames: number[][][]): number {
  return Math.min(
    ...frames.map((frame) =>
      Math.max(
        ...slice.map((corner, i) => Math.hypot(...corner.map((value, axis) => value - (frame[i]?.[axis] ?? NaN)))),
      ),
    ),
  );
}

function frameHashes(volumes: Volume[]): string[] {
  return volumes.flatMap(framesOf).map(digest);
}

function framesOf(volume: Volume): Float32Array[] {
  const [columns, rows, frames] = volume.dimensions;
  const size = columns * rows * volume.samplesPerVoxel;
  return Array.from({ length: frames }, (_, k) => Float32Array.from(volume.voxels.subarray(k * size, (k + 1) * size)));
}

function digest(values: Float32Array): string {
  return createHash('sha256').update(values).digest('hex').slice(0, 32);
}
