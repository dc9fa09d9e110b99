import { stat } from 'node:fs/promises';
import type { Vector3, Direction9 } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import type { ImagingOptions, IndexedSeries } from '../indexed-series.ts';
import { placesOf } from '../slice-origins.ts';
import { arrangeFrames } from './arrange.ts';
import type { FrameEntry } from './arrange.ts';
import type { WantedFrame } from './decode-file.ts';
import { entriesOf } from './group-series.ts';
import { readHeader } from './header.ts';
import { toUptake } from './suv.ts';

/** What is decoded into which place of a volume. */
export interface LoadPlan {
  first: FrameEntry;
  files: { path: string; size: number; wanted: (WantedFrame & { k: number })[] }[];
  count: number;
  spacingMm: Vector3;
  originLps: Vector3;
  directionLps: Direction9;
  sliceOriginsLps?: readonly Vector3[];
  synthetic: boolean;
}

/** Where the index still holds, it says the order; else the headers are read and arranged again. Throws what reading throws. */
export async function planLoad(series: IndexedSeries, options: ImagingOptions): Promise<LoadPlan> {
  return (await indexedPlan(series)) ?? (await arrangedPlan(series, options));
}

/**
 * Files of one image each lie in the index in the order of the volume; unless one has changed, only the first header is
 * needed. PET is left out: its rescale follows from all headers.
 */
async function indexedPlan({ files, summary }: IndexedSeries): Promise<LoadPlan | null> {
  const isPlain = files.length > 1 && files.every(({ frameCount, frames }) => frameCount === 1 && frames === undefined);
  if (!isPlain || summary.modality === 'PT' || files.length !== summary.slices * summary.frames) return null;
  if (!(await areAsIndexed(files))) return null;
  const header = await readHeader(files[0]?.path ?? '');
  const [frame] = header.frames;
  if (frame === undefined || header.frames.length !== 1) return null;
  return {
    first: { header, frame, frameIndex: 0 },
    files: files.map(({ path, size }, k) => ({ path, size, wanted: [{ frameIndex: 0, frame: null, k }] })),
    count: files.length,
    spacingMm: summary.spacingMm,
    originLps: summary.originLps,
    directionLps: summary.directionLps,
    ...placesOf(summary),
    synthetic: summary.synthetic,
  };
}

async function areAsIndexed(files: IndexedSeries['files']): Promise<boolean> {
  const found = await Promise.all(files.map(({ path }) => stat(path).catch(() => null)));
  return found.every((now, i) => now !== null && now.size === files[i]?.size && now.mtimeMs === files[i].modifiedMs);
}

async function arrangedPlan(series: IndexedSeries, { signal }: ImagingOptions): Promise<LoadPlan> {
  const entries: FrameEntry[] = [];
  for (const file of series.files) {
    signal?.throwIfAborted();
    const all = entriesOf(await readHeader(file.path));
    entries.push(...(file.frames === undefined ? all : all.filter((one) => file.frames?.includes(one.frameIndex))));
  }
  const arrangement = arrangeFrames(toUptake(entries).entries);
  const [first] = arrangement.entries;
  if (first === undefined) throw noFrames(series);
  const byHeader = Map.groupBy(
    arrangement.entries.map((entry, k) => ({ ...entry, k })),
    ({ header }) => header,
  );
  return {
    first,
    files: [...byHeader].map(([{ path, size }, places]) => ({ path, size, wanted: places.map(wantedOf) })),
    count: arrangement.entries.length,
    spacingMm: arrangement.spacingMm,
    originLps: arrangement.originLps,
    directionLps: arrangement.directionLps,
    ...placesOf(arrangement),
    synthetic: arrangement.entries.some(({ header }) => header.synthetic),
  };
}

function wantedOf({ frameIndex, frame, k }: FrameEntry & { k: number }): WantedFrame & { k: number } {
  return { frameIndex, frame, k };
}

function noFrames(series: IndexedSeries): VerisimError {
  const path = series.files[0]?.path ?? '';
  return new VerisimError('DicomInvalid', `The series of "${path}" has no images any more; open the folder again.`, {
    path,
  });
}
