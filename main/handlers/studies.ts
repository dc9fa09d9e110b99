import { mkdtemp, readdir, rm, stat } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { OpenResult, TagElement, VolumeDescription } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { findSeries } from '../imaging/find.ts';
import type { ImagingProgress, IndexedSeries } from '../imaging/indexed-series.ts';
import { readTags } from '../imaging/tags.ts';
import { renderThumbnail } from '../imaging/thumbnail.ts';
import type { Workspace } from './dependencies.ts';

const thumbnailSize = 128;
const thumbnailsAtOnce = 4;

/** Indexes files, folders and archives, remembers what they hold, and draws thumbnails. */
export async function openStudies(
  workspace: Workspace,
  paths: string[],
  { signal }: { signal: AbortSignal },
): Promise<OpenResult> {
  const own = new AbortController();
  const mine = openings.get(workspace) ?? new Set();
  openings.set(workspace, mine.add(own));
  const until = AbortSignal.any([signal, own.signal]);
  try {
    const { series, slides, skipped } = await findAll(paths, {
      unpackFolder: workspace.folder.unpacked,
      known: workspace.log.series.list(),
      signal: until,
      onProgress: throttled((progress) => workspace.emit('studies.progress', progress)),
    });
    workspace.log.series.save(series);
    workspace.slides.remember(slides);
    await drawThumbnails(workspace, series, until);
    return { series: series.map(({ summary }) => summary), slides, skipped };
  } finally {
    mine.delete(own);
  }
}

const openings = new WeakMap<Workspace, Set<AbortController>>();
const progressEveryMs = 100;

/** At most ten a second, and always the last. */
function throttled(tell: (progress: ImagingProgress) => void): (progress: ImagingProgress) => void {
  let next = 0;
  return (progress) => {
    const now = performance.now();
    if (now < next && progress.done !== progress.total) return;
    next = now + progressEveryMs;
    tell(progress);
  };
}

/** Ends every opening of this process; what has been found by then is not remembered, unless previews are already drawn. */
export function cancelOpening(workspace: Workspace): Record<string, never> {
  for (const opening of openings.get(workspace) ?? []) opening.abort();
  return {};
}

/** A first look at a series: its middle slice, decoded alone and kept. Throws what decoding throws. */
export async function drawPreview({ log, folder }: Workspace, seriesId: string): Promise<Record<string, never>> {
  const file = folder.preview(seriesId);
  const series = log.series.get(seriesId);
  const drawn = await stat(file).catch(() => null);
  const isNew = drawn !== null && series.files.every(({ modifiedMs }) => modifiedMs < drawn.mtimeMs);
  if (!isNew) await writeFileAtomic(file, await renderThumbnail(series, previewSize));
  return {};
}

const previewSize = 512;

/** The embedded sample study. Throws FileNotReadable when the installation lacks it. */
export async function openSample(workspace: Workspace, context: { signal: AbortSignal }): Promise<OpenResult> {
  const file = path.join(workspace.applicationRoot, 'resources', 'sample', 'colin27-t1-dicom.zip');
  const result = await openStudies(workspace, [file], context);
  const [problem] = result.skipped;
  if (result.series.length > 0 || problem === undefined) return result;
  throw new VerisimError('FileNotReadable', `The sample study cannot be opened: ${problem.error.message}`, {
    path: file,
  });
}

/** What was opened earlier, newest first. */
export function listStudies({ log, slides }: Workspace): OpenResult {
  return { series: log.series.list().map(({ summary }) => summary), slides: slides.list(), skipped: [] };
}

/** Takes a series off the list. Its files stay; runs that used it stay in the log. */
export async function forgetStudy({ log, folder }: Workspace, seriesId: string): Promise<Record<string, never>> {
  log.series.get(seriesId);
  log.series.forget(seriesId);
  const { volumeDescription, volumeVoxels, thumbnail, preview } = folder;
  const cached = [volumeDescription, volumeVoxels, thumbnail, preview].map((fileOf) => fileOf(seriesId));
  await Promise.all(cached.map((file) => rm(file, { force: true })));
  return {};
}

export async function describeVolume(
  workspace: Workspace,
  seriesId: string,
  { signal }: { signal: AbortSignal },
): Promise<VolumeDescription> {
  const { volumes, emit } = workspace;
  const series = await currentSeries(workspace, seriesId, signal);
  return volumes.describe(series, { signal, onProgress: (progress) => emit('studies.progress', progress) });
}

/**
 * A series as its files are now: where one has changed since it was indexed, its headers are read and remembered again. A
 * series that its files no longer hold stays as it was, and reading it says what is wrong.
 */
async function currentSeries(workspace: Workspace, seriesId: string, signal: AbortSignal): Promise<IndexedSeries> {
  const { log, folder } = workspace;
  const series = log.series.get(seriesId);
  const changed = await Promise.all(
    series.files.map(async ({ path: file, size, modifiedMs }) => {
      const now = await stat(file).catch(() => null);
      return now !== null && (now.size !== size || now.mtimeMs !== modifiedMs);
    }),
  );
  if (!changed.includes(true)) return series;
  const paths = series.files.map((file) => file.path);
  const found = await findSeries(paths, { unpackFolder: folder.unpacked, known: [series], signal });
  const again = found.series.find(({ summary }) => summary.id === seriesId);
  if (again === undefined) return series;
  log.series.save([again]);
  return again;
}

/** Throws UnknownImage when the series has no such slice. */
export async function listTags(
  { log }: Workspace,
  { seriesId, sliceIndex }: { seriesId: string; sliceIndex: number },
): Promise<{ elements: TagElement[] }> {
  const series = log.series.get(seriesId);
  checkSlice(series, sliceIndex);
  return { elements: await readTags(series, sliceIndex) };
}

/** Throws UnknownImage when the series has no such slice. */
export function checkSlice({ summary }: IndexedSeries, sliceIndex: number): void {
  const count = Math.max(1, summary.slices) * Math.max(1, summary.frames);
  if (sliceIndex < count) return;
  const name = summary.description || summary.id;
  throw new VerisimError(
    'UnknownImage',
    `The series ${name} has slices 0 to ${count - 1}; there is no ${sliceIndex}.`,
    {
      expected: `0 to ${count - 1}`,
      found: String(sliceIndex),
    },
  );
}

/** Indexes without the log: nothing is remembered, archives are unpacked into a folder that is removed again. */
export async function inspectPaths(
  paths: string[],
  options: { signal: AbortSignal; onProgress?: (progress: { done: number; total: number | null }) => void },
): Promise<OpenResult> {
  const unpackFolder = await mkdtemp(path.join(os.tmpdir(), 'verisim-'));
  try {
    const { series, slides, skipped } = await findAll(paths, { unpackFolder, ...options });
    return { series: series.map(({ summary }) => summary), slides, skipped };
  } finally {
    await rm(unpackFolder, { recursive: true, force: true });
  }
}

/** As `findSeries`; an empty folder beside other paths is named like any path that holds nothing. */
async function findAll(paths: string[], options: Parameters<typeof findSeries>[1]): ReturnType<typeof findSeries> {
  const named = paths.map((one) => path.resolve(one));
  const { series, slides, skipped } = await findSeries(named, options);
  const contents = await Promise.all(named.map((one) => readdir(one).catch(() => null)));
  const empty = named.filter((_, i) => contents[i]?.length === 0);
  const reasons = empty.map((folder) => ({
    path: folder,
    error: { tag: 'EmptyFolder', message: `"${folder}" holds no files. Choose a folder with DICOM or NIfTI images.` },
  }));
  return { series, slides, skipped: [...skipped, ...reasons] };
}

/** A series whose picture cannot be drawn is listed without one; opening it says why. */
async function drawThumbnails(
  { folder, emit }: Workspace,
  series: IndexedSeries[],
  signal: AbortSignal,
): Promise<void> {
  let done = 0;
  const waiting = [...series];
  const draw = async (): Promise<void> => {
    for (let next = waiting.shift(); next !== undefined && !signal.aborted; next = waiting.shift()) {
      const file = folder.thumbnail(next.summary.id);
      await renderThumbnail(next, thumbnailSize).then(
        (bytes) => writeFileAtomic(file, bytes),
        () => rm(file, { force: true }),
      );
      emit('studies.progress', { done: ++done, total: series.length, phase: 'Drawing previews' });
    }
  };
  await Promise.all(Array.from({ length: thumbnailsAtOnce }, draw));
}
