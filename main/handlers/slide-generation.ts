import { mkdir, rename } from 'node:fs/promises';
import path from 'node:path';
import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import type { SlideGenerationResult } from '../../preload/slides.ts';
import { planBlocks, type RegionBlock } from '../diffusion/region-blocks.ts';
import { type BlockRequest, type BlockResult, regionFactor, regionSteps } from '../engine/generate-block.ts';
import { type InferenceLease, leaseInference } from '../engine/inference.ts';
import { type ModelPack, weightsSha256 } from '../engine/packs.ts';
import { summariseSlide } from '../imaging/slide/summary.ts';
import { writeError } from '../imaging/atomic-write.ts';
import { derivedXmp, syntheticXmp } from '../imaging/slide/synthetic-xmp.ts';
import { slideName } from '../imaging/slide/tiling/tile-slide.ts';
import { derivedSentences, syntheticSentence } from '../imaging/slide/tiff/metadata.ts';
import { createPyramid, type PyramidWriter, tileSide } from '../imaging/slide/write-pyramid.ts';
import type { Workspace } from './dependencies.ts';
import { loggedRun, type LoggedRunContext } from './logged-run.ts';
import { checkpointKey, readCheckpoint, removeCheckpoint, writeCheckpoint } from './slide-checkpoint.ts';
import { headHash, openSource, type SlideSource } from './slide-source.ts';
import { openStrips, removeStrips } from './slide-strips.ts';

export interface SlideGenerationInput {
  modelId: string;
  width: number;
  height: number;
  seed: number;
  classId: string | null;
  guidance: number;
  sampler: SamplerName;
  steps: number;
  provider: ProviderName;
  micronsPerPixel: number | null;
  /** Pixels along a block, a multiple of the file's tiles. */
  blockSide: number;
  /** A part of another slide that it is made from; null = from noise alone. */
  source: SlideSource | null;
}

/** Parts of a window that blocks share with finished neighbours, and that are made beyond their edge and thrown away. */
const [stripShare, marginShare] = [0.5, 0.5];

/**
 * A seamless synthetic region of any size as a slide, in memory that follows from the block. The bytes follow from the input alone. A job
 * that was cancelled or killed goes on with its next block when it is asked for again, and gives the bytes of an undisturbed one. `out` is
 * null for a file in the data folder. Throws UnknownModel, ModelDoesNotFit, InferenceFailed, OutputNotWritable, DiskFull, Cancelled, and
 * what reading the source throws.
 */
export async function generateSlide(
  workspace: Workspace,
  { out, ...input }: SlideGenerationInput & { out: string | null },
  { signal }: { signal: AbortSignal },
): Promise<SlideGenerationResult> {
  const pack = await workspace.packs.find(input.modelId);
  const { source } = input;
  const plan = planRegion(pack, input);
  const inputs = [{ name: pack.manifest.id, sha256: weightsSha256(pack), path: pack.folder }];
  if (source !== null)
    inputs.push({ name: path.basename(source.path), sha256: await headHash(source.path), path: source.path });
  const described = {
    kind: 'slide' as const,
    title: `${titles[source?.use ?? 'none']} of ${input.width} × ${input.height} pixels`,
    parameters: { ...input },
    modelId: input.modelId,
    provider: input.provider,
    inputs,
    total: plan.blocks.length,
    phase: 'Loading the model',
  };
  return loggedRun(workspace, described, {
    signal,
    async work({ runId, signal: cancelled, report }) {
      const started = performance.now();
      const lease = await leaseInference(cancelled);
      try {
        const { provider, warnings } = await lease.load(pack, { provider: input.provider, encoder: false });
        const key = checkpointKey({ ...factsOf(pack, input), provider, sources: inputs.map(({ sha256 }) => sha256) });
        const file = out ?? workspace.folder.slideInProgress(key);
        const kept = await writeBlocks(
          { pack, input, plan, key, file, sourceSha256: inputs[1]?.sha256 ?? null },
          {
            lease,
            report: progressFrom(started, report),
          },
        );
        const finished = out ?? path.join(workspace.folder.run(runId), fileName(input));
        if (finished !== file) await moveFile(file, finished);
        const slide = await summariseSlide(finished);
        workspace.slides.remember([slide]);
        const seconds = (performance.now() - started) / 1000;
        const peakRssMb = process.resourceUsage().maxRSS / 1024;
        const blocks = plan.blocks.length;
        const result: SlideGenerationResult = {
          ...{ runId, slide, file: finished, provider, seconds, peakRssMb, blocks, kept, warnings },
        };
        return { result, changes: { result, provider, peakRssMb, warnings, timings: { total: seconds } } };
      } finally {
        lease.release();
      }
    },
  });
}

const titles = { none: 'Synthetic slide', variant: 'Variant of a slide', detail: 'Wavelet super-resolution' } as const;

interface RegionPlan {
  /** In positions of the latent. */
  whole: { width: number; height: number };
  factor: number;
  strip: number;
  channels: number;
  blocks: RegionBlock[];
  settings: BlockRequest['settings'];
}

/** Throws ModelDoesNotFit, InvalidInput. */
function planRegion(pack: ModelPack, input: SlideGenerationInput): RegionPlan {
  const { manifest } = pack;
  const factor = regionFactor(manifest);
  const window = manifest.image.width / factor;
  const whole = {
    width: Math.max(window, Math.ceil(input.width / factor)),
    height: Math.max(window, Math.ceil(input.height / factor)),
  };
  const [strip, margin] = [Math.round(window * stripShare), Math.round(window * marginShare)];
  const { blocks } = planBlocks(whole, { side: input.blockSide / factor, strip, margin, window });
  const { sampler, steps, guidance } = input;
  const settings = { sampler, steps, guidance, label: labelOf(pack, input.classId) };
  return { whole, factor, strip, channels: manifest.image.channels * factor * factor, blocks, settings };
}

interface BlockWork {
  pack: ModelPack;
  input: SlideGenerationInput;
  plan: RegionPlan;
  key: string;
  file: string;
  sourceSha256: string | null;
}

/** Makes what is missing and finishes the file; returns how many blocks were there. What is made stays for the next time where this throws. */
async function writeBlocks(
  { pack, input, plan, key, file, sourceSha256 }: BlockWork,
  { lease, report }: { lease: InferenceLease; report: (block: number, blocks: number, step: [number, number]) => void },
): Promise<number> {
  const { blocks, whole, factor, strip, channels, settings } = plan;
  const before = await readCheckpoint(file, key);
  const kept = before?.blocks ?? 0;
  const source = input.source === null ? null : await openSource(input.source, { ...input, factor });
  const [sourceMpp, across] = [source?.slide.micronsPerPixel?.x, (input.source?.width ?? 1) / input.width];
  const writer = await createPyramid({
    file,
    width: input.width,
    height: input.height,
    micronsPerPixel: input.micronsPerPixel ?? (sourceMpp === undefined ? null : sourceMpp * across),
    description: descriptionOf(pack, input, sourceSha256),
    xmp: source === null ? syntheticXmp : derivedXmp,
    resumeAt: before?.end ?? null,
  });
  const strips = await openStrips(file, {
    width: whole.width,
    depth: strip,
    channels,
    steps: regionSteps(pack.manifest, settings),
    last: blocks[kept - 1] ?? null,
  });
  try {
    for (const [index, block] of blocks.entries()) {
      if (index < kept) continue;
      const request = {
        block,
        settings,
        seed: input.seed,
        source: source === null ? null : await source.read(block.region),
        known: await strips.known(block),
        wanted: strips.wanted(block),
      };
      const onStep = (done: number, total: number): void => report(index, blocks.length, [done, total]);
      const made = await lease.block(request, { onStep });
      await strips.keep(block, made.strips);
      await addTiles(writer, made, { block, factor, size: input });
      await writeCheckpoint(file, key, { blocks: index + 1, end: await writer.checkpoint() });
    }
    await writer.finish();
  } finally {
    await writer.leave();
    await strips.close();
    await source?.close();
  }
  await removeStrips(file);
  await removeCheckpoint(file);
  return kept;
}

/** Time left from the blocks of this process. */
function progressFrom(
  started: number,
  report: LoggedRunContext['report'],
): Parameters<typeof writeBlocks>[1]['report'] {
  let first: number | null = null;
  return (block, blocks, [done, total]) => {
    first ??= block;
    const [share, all] = [block - first + done / total, blocks - first];
    const elapsed = (performance.now() - started) / 1000;
    report({
      done: block,
      total: blocks,
      secondsLeft: share > 0 ? (elapsed / share) * (all - share) : null,
      phase: `Block ${block + 1} of ${blocks}, step ${done} of ${total}`,
    });
  };
}

/** The tiles of a block; what lies beyond the slide is white. */
async function addTiles(
  writer: PyramidWriter,
  { rgb, width, height }: BlockResult,
  { block, factor, size }: { block: RegionBlock; factor: number; size: { width: number; height: number } },
): Promise<void> {
  const [x0, y0] = [block.inner.x * factor, block.inner.y * factor];
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

/** Everything that decides the bytes but the source's content. */
function factsOf(pack: ModelPack, { source, ...input }: SlideGenerationInput): object {
  // Without the path: names of files tell of patients.
  const { path: _path, ...part } = source ?? { path: null };
  return {
    ...input,
    ...(source === null ? {} : { source: part }),
    modelVersion: pack.manifest.version,
    modelSha256: weightsSha256(pack),
  };
}

/** After the sentence that people and machines read first. */
function descriptionOf(pack: ModelPack, input: SlideGenerationInput, sourceSha256: string | null): string {
  const { id, version } = pack.manifest;
  const sentence = input.source === null ? syntheticSentence : derivedSentences[input.source.use];
  const facts = { ...factsOf(pack, input), ...(sourceSha256 === null ? {} : { sourceSha256 }) };
  return `${sentence} Model ${id} ${version}.\n${JSON.stringify(facts)}`;
}

function fileName({ source, seed }: SlideGenerationInput): string {
  return source === null ? `synthetic-${seed}.tif` : `${source.use}-${seed}-of-${slideName(source.path)}.tif`;
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await mkdir(path.dirname(to), { recursive: true });
    await rename(from, to);
  } catch (error) {
    throw writeError(to, error);
  }
}

function labelOf({ manifest }: ModelPack, classId: string | null): number | null {
  if (classId === null) return null;
  const classes = manifest.conditioning?.classes ?? [];
  const label = classes.findIndex(({ id }) => id === classId);
  if (label >= 0) return label;
  const known = classes.map(({ id }) => id).join(', ') || 'none';
  throw new VerisimError('InvalidInput', `The model ${manifest.id} has no class ${classId}. Its classes: ${known}.`, {
    expected: known,
    found: classId,
  });
}
