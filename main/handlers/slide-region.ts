import type { InferenceLease } from '../engine/inference.ts';
import { regionSteps } from '../engine/generate-block.ts';
import type { ModelPack } from '../engine/packs.ts';
import type { RegionPicture } from '../engine/region-picture.ts';
import { createPyramid, type PyramidWriter, tileSide } from '../imaging/slide/write-pyramid.ts';
import { readCheckpoint, removeCheckpoint, writeCheckpoint } from './slide-checkpoint.ts';
import type { SlideGenerationInput } from './slide-facts.ts';
import { type Latents, openLatents, removeLatents } from './slide-latents.ts';
import type { RegionPlan, RegionTask } from './slide-plan.ts';
import type { TaskWatcher } from './slide-progress.ts';
import { openSource, type OpenSource } from './slide-source.ts';
import { openStrips, removeStrips, type Strips } from './slide-strips.ts';

/** One file of a job. */
export interface RegionWork {
  pack: ModelPack;
  input: SlideGenerationInput;
  plan: RegionPlan;
  /** Of everything that decides the bytes. */
  key: string;
  file: string;
  description: string;
  xmp: string;
  /** Of a source whose detail is made: pixels along a square that the source says something of; null = as the pack's wavelet does. */
  cell: number | null;
}

/**
 * Makes what is missing of a region and finishes its file; returns how many blocks were there. What is made stays for the next time where
 * this throws: what the model, the source or the disk throws, and Cancelled.
 */
export async function writeRegion(
  work: RegionWork,
  { lease, watch }: { lease: InferenceLease; watch: TaskWatcher },
): Promise<number> {
  const { input, plan, key, file } = work;
  const before = await readCheckpoint(file, key);
  const finished = plan.tasks.slice(0, before?.tasks ?? 0);
  const open = await openWork(work, { resumeAt: before?.end ?? null, finished });
  try {
    for (const [place, task] of plan.tasks.entries()) {
      if (place < finished.length) continue;
      const onStep = (done: number, total: number): void => watch(place, { done, total });
      const picture = await (task.kind === 'denoise'
        ? denoised(task, work, { open, lease, onStep })
        : decoded(task, work, { open, lease, onStep }));
      if (picture !== null) {
        const { factor } = plan.space;
        const corner = { x: task.block.inner.x * factor, y: task.block.inner.y * factor };
        await addTiles(open.writer, picture, { corner, size: input });
      }
      await writeCheckpoint(file, key, { tasks: place + 1, end: await open.writer.checkpoint() });
    }
    await open.writer.finish();
  } finally {
    await open.close();
  }
  await removeStrips(file);
  await removeLatents(file);
  await removeCheckpoint(file);
  return finished.filter(({ kind }) => kind === 'denoise').length;
}

interface OpenWork {
  writer: PyramidWriter;
  source: OpenSource | null;
  strips: Strips;
  /** Null where nothing is decoded. */
  latents: Latents | null;
  close(): Promise<void>;
}

async function openWork(
  { pack, input, plan, file, description, xmp, cell }: RegionWork,
  { resumeAt, finished }: { resumeAt: number | null; finished: RegionTask[] },
): Promise<OpenWork> {
  const { factor, channels } = plan.space;
  const source = input.source === null ? null : await openSource(input.source, { ...input, factor, cell });
  const [sourceMpp, across] = [source?.slide.micronsPerPixel?.x, (input.source?.width ?? 1) / input.width];
  const writer = await createPyramid({
    file,
    width: input.width,
    height: input.height,
    micronsPerPixel: input.micronsPerPixel ?? (sourceMpp === undefined ? null : sourceMpp * across),
    description,
    xmp,
    resumeAt,
  });
  const strips = await openStrips(file, {
    width: plan.whole.width,
    depth: plan.strip,
    channels,
    steps: regionSteps(pack.manifest, plan.settings),
    last: finished.findLast(({ kind }) => kind === 'denoise')?.block ?? null,
  });
  const latents =
    plan.latents === null ? null : await openLatents(file, { ...plan.latents, resumes: finished.length > 0 });
  return {
    ...{ writer, source, strips, latents },
    async close() {
      await writer.leave();
      await strips.close();
      await latents?.close();
      await source?.close();
    },
  };
}

interface TaskContext {
  open: OpenWork;
  lease: InferenceLease;
  onStep: (done: number, total: number) => void;
}

/** Null where the pixels are made later, by decoding. */
async function denoised(
  { block }: RegionTask,
  { input, plan }: RegionWork,
  { open: { source, strips, latents }, lease, onStep }: TaskContext,
): Promise<RegionPicture | null> {
  const request = {
    block,
    settings: plan.settings,
    seed: input.seed,
    source: source === null ? null : await source.read(block.region),
    known: await strips.known(block),
    wanted: strips.wanted(block),
  };
  const { made, strips: own } = await lease.block(request, { onStep });
  await strips.keep(block, own);
  if (made.kind === 'picture') return made.picture;
  await latents?.keep(made.latent);
  return null;
}

async function decoded(
  { inner, sight }: Extract<RegionTask, { kind: 'decode' }>,
  { plan }: RegionWork,
  { open: { latents }, lease, onStep }: TaskContext,
): Promise<RegionPicture | null> {
  if (latents === null || plan.latents === null) return null;
  return lease.decodeRegion({ latent: await latents.read(sight), inner, whole: plan.latents }, { onStep });
}

/** The tiles of a block; what lies beyond the slide is white. */
async function addTiles(
  writer: PyramidWriter,
  { rgb, width, height }: RegionPicture,
  { corner, size }: { corner: { x: number; y: number }; size: { width: number; height: number } },
): Promise<void> {
  const { x: x0, y: y0 } = corner;
  for (let top = 0; top < height && y0 + top < size.height; top += tileSide) {
    for (let left = 0; left < width && x0 + left < size.width; left += tileSide) {
      const tile = new Uint8Array(tileSide * tileSide * 3).fill(255);
      const columns = Math.min(tileSide, width - left, size.width - x0 - left);
      const rows = Math.min(tileSide, height - top, size.height - y0 - top);
      for (let y = 0; y < rows; y++) {
        const from = ((top + y) * width + left) * 3;
        tile.set(rgb.subarray(from, from + columns * 3), y * tileSide * 3);
      }
      await writer.addTile((x0 + left) / tileSide, (y0 + top) / tileSide, tile);
    }
  }
}
