import { readdir, readFile, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { ImageDescription, ImageReference, RunDetail, VoiWindow } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { decodeCanonical, luminanceOf } from '../engine/canonical-png.ts';
import type { GenerationFacts } from '../engine/generation-facts.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { defaultWindow, extractSlice, type SliceImage } from '../imaging/slice.ts';
import type { Picture } from '../imaging/slide/slide.ts';
import type { Workspace } from './dependencies.ts';
import { checkSlice } from './studies.ts';

/** An image in memory, in the units of its source. */
export interface LoadedImage extends SliceImage {
  id: string;
  window: VoiWindow;
  synthetic: boolean;
  title: string;
}

const imageCacheBytes = 512 * 2 ** 20;

/** Writes the pixels to the cache as float32 (little endian), where app://verisim/images/<id> finds them. */
export async function describeImage(
  workspace: Workspace,
  reference: ImageReference,
  { signal }: { signal: AbortSignal },
): Promise<ImageDescription> {
  return cacheImage(workspace, await loadImage(workspace, reference, signal));
}

/** Throws UnknownSeries, UnknownRun, UnknownImage, and what reading a series throws. */
export async function loadImage(
  workspace: Workspace,
  reference: ImageReference,
  signal: AbortSignal,
): Promise<LoadedImage> {
  if (reference.kind === 'slice') return loadSlice(workspace, reference, signal);
  const { runId, index, kind } = reference;
  const run = workspace.log.runs.detail(runId);
  const output = workspace.log.runs.outputs(runId).find((candidate) => candidate.index === index);
  const fromImage = run.kind === 'generation' && run.parameters.source !== null;
  if (output === undefined || run.kind !== 'generation' || (kind === 'runInput' && !fromImage)) {
    const what = kind === 'output' ? 'output' : 'input image';
    throw new VerisimError('UnknownImage', `Run ${runId} has no ${what} ${index}.`, { found: String(index) });
  }
  const { folder } = workspace;
  const { intensity } = factsOf(run).model;
  const file = kind === 'output' ? folder.runOutput(runId, index) : folder.runInput(runId, index);
  const { width, height, grey, rgb } = decodeCanonical(await readImageFile(file), intensity);
  return {
    id: `${kind === 'output' ? 'output' : 'input'}-${runId}-${index}`,
    width,
    height,
    spacingMm: output.spacingMm ?? [1, 1],
    pixels: grey ?? luminanceOf(rgb ?? new Uint8Array(0), intensity),
    window: { centre: intensity.windowCentre, width: intensity.windowWidth },
    synthetic: kind === 'output',
    title: kind === 'output' ? `Image ${index + 1}, seed ${output.seed ?? 'unknown'}` : `Input of image ${index + 1}`,
  };
}

/** A colour image of a run as it is kept. Throws UnknownRun, UnknownImage. */
export async function loadPicture({ log, folder }: Workspace, runId: string, index: number): Promise<Picture> {
  const { model } = factsOf(log.runs.detail(runId));
  const { width, height, rgb } = decodeCanonical(await readImageFile(folder.runOutput(runId, index)), model.intensity);
  if (rgb !== null) return { width, height, rgb };
  throw new VerisimError('UnknownImage', `Image ${index + 1} of run ${runId} is grey.`, {
    expected: 'a colour image',
    found: 'a grey one',
  });
}

/** Writes the pixels and drops the images that were not looked at for longest. */
export async function cacheImage({ folder }: Workspace, image: LoadedImage): Promise<ImageDescription> {
  const { pixels, ...description } = image;
  const bytes = new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength);
  await writeFileAtomic(folder.imagePixels(image.id), bytes);
  await evict(folder.images);
  return { ...description, range: rangeOf(pixels) };
}

/** The facts of a generation that reading its images needs. Throws UnknownImage for another kind of run. */
export function factsOf(run: RunDetail): GenerationFacts {
  if (run.kind === 'generation' && run.result !== null) return run.result as GenerationFacts;
  throw new VerisimError('UnknownImage', `Run ${run.id} is a ${run.kind} and holds no generated images.`, {
    expected: 'a generation',
    found: run.kind,
  });
}

async function loadSlice(
  { log, volumes }: Workspace,
  { seriesId, sliceIndex }: { seriesId: string; sliceIndex: number },
  signal: AbortSignal,
): Promise<LoadedImage> {
  const series = log.series.get(seriesId);
  checkSlice(series, sliceIndex);
  const volume = await volumes.read(series, { signal });
  const { summary } = series;
  return {
    ...extractSlice(volume, sliceIndex),
    id: `slice-${seriesId}-${sliceIndex}`,
    window: defaultWindow(volume),
    synthetic: summary.synthetic,
    title: `${summary.description || summary.modality}, slice ${sliceIndex + 1} of ${volume.dimensions[2]}`,
  };
}

async function readImageFile(file: string): Promise<Uint8Array> {
  return readFile(file).catch((cause: unknown) =>
    Promise.reject(
      new VerisimError('UnknownImage', `The image ${file} of the run is gone. Retry or run the generation again.`, {
        path: file,
        expected: 'a PNG of the run',
        found: cause instanceof Error ? cause.message : String(cause),
        cause,
      }),
    ),
  );
}

/** NaN and infinities are left out. */
function rangeOf(pixels: Float32Array): ImageDescription['range'] {
  const sorted = pixels.filter(Number.isFinite).sort();
  const at = (share: number): number => sorted[Math.round(share * (sorted.length - 1))] ?? 0;
  return { min: at(0), max: at(1), p1: at(0.01), p99: at(0.99) };
}

async function evict(folder: string): Promise<void> {
  const names = await readdir(folder);
  if (names.length < 1_000) return;
  const entries = await Promise.all(
    names.map(async (name) => {
      const file = path.join(folder, name);
      const found = await stat(file).catch(() => null);
      return { file, size: found?.size ?? 0, mtimeMs: found?.mtimeMs ?? 0 };
    }),
  );
  let total = entries.reduce((sum, { size }) => sum + size, 0);
  for (const { file, size } of entries.sort((a, b) => a.mtimeMs - b.mtimeMs)) {
    if (total <= imageCacheBytes) return;
    await rm(file, { force: true });
    total -= size;
  }
}
