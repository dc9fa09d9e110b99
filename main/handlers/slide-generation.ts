import { mkdir, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { SlideGenerationResult } from '../../preload/slides.ts';
import { type InferenceLease, leaseInference } from '../engine/inference.ts';
import { weightsSha256 } from '../engine/packs.ts';
import { writeError } from '../imaging/atomic-write.ts';
import { summariseSlide } from '../imaging/slide/summary.ts';
import { derivedXmp, syntheticXmp } from '../imaging/slide/synthetic-xmp.ts';
import type { Workspace } from './dependencies.ts';
import { loggedRun } from './logged-run.ts';
import { checkpointKey } from './slide-checkpoint.ts';
import { coarsePictureOf, refuseCoarseToFine, sourceOfDetail } from './slide-coarse.ts';
import {
  descriptionOf,
  factsOf,
  fileName,
  modalityWarnings,
  type SlideGenerationInput,
  titleOf,
} from './slide-facts.ts';
import { planRegion } from './slide-plan.ts';
import { type ProgressPart, slideProgress } from './slide-progress.ts';
import { writeRegion } from './slide-region.ts';
import { headHash } from './slide-source.ts';

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
  refuseCoarseToFine(pack, input);
  const { source } = input;
  const coarse = coarsePictureOf(input);
  const region = { name: coarse === null ? '' : 'Detail', plan: planRegion(pack, input) };
  const coarsePart = coarse === null ? null : { name: 'Coarse picture', plan: planRegion(pack, coarse) };
  const parts: ProgressPart[] = coarsePart === null ? [region] : [coarsePart, region];
  const blocks = parts.reduce((sum, { plan }) => sum + plan.blocks.length, 0);
  const windows = parts.reduce((sum, { plan }) => sum + plan.windows, 0);
  const inputs = [{ name: pack.manifest.id, sha256: weightsSha256(pack), path: pack.folder }];
  if (source !== null)
    inputs.push({ name: path.basename(source.path), sha256: await headHash(source.path), path: source.path });
  const sources = inputs.map(({ sha256 }) => sha256);
  const described = {
    kind: 'slide' as const,
    title: titleOf(input),
    parameters: { ...input },
    modelId: input.modelId,
    provider: input.provider,
    inputs,
    total: blocks,
    phase: 'Loading the model',
  };

  /** The coarse picture has its place in the data folder, where a job that goes on finds it whole or in part. */
  async function drawCoarse(
    lease: InferenceLease,
    { provider, watch }: { provider: string; watch: ReturnType<typeof slideProgress> },
  ): Promise<{ file: string; kept: number } | null> {
    if (coarse === null || coarsePart === null) return null;
    const key = checkpointKey({ ...factsOf(pack, coarse), provider, sources });
    const file = workspace.folder.slideInProgress(key);
    const { plan } = coarsePart;
    if (await isThere(file)) return { file, kept: plan.blocks.length };
    const description = descriptionOf(pack, coarse, null);
    const work = { pack, input: coarse, plan, key, file, description, xmp: syntheticXmp, cell: null };
    return { file, kept: await writeRegion(work, { lease, watch: watch(0) }) };
  }

  return loggedRun(workspace, described, {
    signal,
    async work({ runId, signal: cancelled, report }) {
      const started = performance.now();
      const lease = await leaseInference(cancelled);
      try {
        const loaded = await lease.load(pack, { provider: input.provider, encoder: false });
        const { provider } = loaded;
        const watch = slideProgress(parts, report);
        const drawn = await drawCoarse(lease, { provider, watch });
        const key = checkpointKey({ ...factsOf(pack, input), provider, sources });
        const file = out ?? workspace.folder.slideInProgress(key);
        const work = {
          ...{ pack, plan: region.plan, key, file },
          input: drawn === null ? input : { ...input, source: sourceOfDetail(input, drawn.file) },
          description: descriptionOf(pack, input, inputs[1]?.sha256 ?? null),
          xmp: source === null ? syntheticXmp : derivedXmp,
          cell: input.coarseScale,
        };
        const kept = (drawn?.kept ?? 0) + (await writeRegion(work, { lease, watch: watch(parts.length - 1) }));
        const finished = out ?? path.join(workspace.folder.run(runId), fileName(input));
        if (finished !== file) await moveFile(file, finished);
        if (drawn !== null) await rm(drawn.file, { force: true });
        const slide = await summariseSlide(finished);
        workspace.slides.remember([slide]);
        const seconds = (performance.now() - started) / 1000;
        const peakRssMb = process.resourceUsage().maxRSS / 1024;
        const warnings = [...modalityWarnings(pack.manifest), ...loaded.warnings];
        const result: SlideGenerationResult = {
          ...{ runId, slide, file: finished, provider, seconds, peakRssMb, blocks, kept, windows, warnings },
        };
        return { result, changes: { result, provider, peakRssMb, warnings, timings: { total: seconds } } };
      } finally {
        lease.release();
      }
    },
  });
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

async function moveFile(from: string, to: string): Promise<void> {
  try {
    await mkdir(path.dirname(to), { recursive: true });
    await rename(from, to);
  } catch (error) {
    throw writeError(to, error);
  }
}
