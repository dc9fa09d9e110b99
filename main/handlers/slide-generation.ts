import path from 'node:path';
import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import type { SlideGenerationResult } from '../../preload/slides.ts';
import { planBlocks, type RegionBlock } from '../diffusion/region-blocks.ts';
import { type BlockResult, regionFactor, regionSteps } from '../engine/generate-block.ts';
import { leaseInference } from '../engine/inference.ts';
import { type ModelPack, weightsSha256 } from '../engine/packs.ts';
import { summariseSlide } from '../imaging/slide/summary.ts';
import { syntheticXmp } from '../imaging/slide/synthetic-xmp.ts';
import { syntheticSentence } from '../imaging/slide/tiff/metadata.ts';
import { createPyramid, type PyramidWriter, tileSide } from '../imaging/slide/write-pyramid.ts';
import type { Workspace } from './dependencies.ts';
import { loggedRun } from './logged-run.ts';
import { openStrips } from './slide-strips.ts';

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
}

/** Parts of a window that blocks share with finished neighbours, and that are made beyond their edge and thrown away. */
const [stripShare, marginShare] = [0.5, 0.5];

/**
 * A seamless synthetic region of any size as a slide, in memory that follows from the block. The bytes follow from the input alone. `out` is null
 * for a file in the data folder. Throws UnknownModel, ModelDoesNotFit, InferenceFailed, OutputNotWritable, DiskFull, Cancelled.
 */
export async function generateSlide(
  workspace: Workspace,
  { out, ...input }: SlideGenerationInput & { out: string | null },
  { signal }: { signal: AbortSignal },
): Promise<SlideGenerationResult> {
  const pack = await workspace.packs.find(input.modelId);
  const { manifest } = pack;
  const label = labelOf(pack, input.classId);
  const factor = regionFactor(manifest);
  const window = manifest.image.width / factor;
  const whole = {
    width: Math.max(window, Math.ceil(input.width / factor)),
    height: Math.max(window, Math.ceil(input.height / factor)),
  };
  const [strip, margin] = [Math.round(window * stripShare), Math.round(window * marginShare)];
  const { blocks } = planBlocks(whole, { side: input.blockSide / factor, strip, margin, window });
  const settings = { sampler: input.sampler, steps: input.steps, label, guidance: input.guidance };
  const described = {
    kind: 'slide' as const,
    title: `Synthetic slide of ${input.width} × ${input.height} pixels`,
    parameters: { ...input },
    modelId: input.modelId,
    provider: input.provider,
    inputs: [{ name: manifest.id, sha256: weightsSha256(pack), path: pack.folder }],
    total: blocks.length,
    phase: 'Loading the model',
  };
  return loggedRun(workspace, described, {
    signal,
    async work({ runId, signal: cancelled, report }) {
      const started = performance.now();
      const file = out ?? path.join(workspace.folder.run(runId), 'slide.tif');
      const lease = await leaseInference(cancelled);
      const channels = manifest.image.channels * factor * factor;
      try {
        const { provider, warnings } = await lease.load(pack, { provider: input.provider, encoder: false });
        const writer = await createPyramid({
          file,
          width: input.width,
          height: input.height,
          micronsPerPixel: input.micronsPerPixel,
          description: descriptionOf(pack, input),
          xmp: syntheticXmp,
        });
        const strips = await openStrips(`${file}.strips`, {
          width: whole.width,
          depth: strip,
          channels,
          steps: regionSteps(manifest, settings),
        });
        try {
          for (const [index, block] of blocks.entries()) {
            const onStep = (done: number, total: number): void => {
              const share = (index + done / total) / blocks.length;
              const elapsed = (performance.now() - started) / 1000;
              const secondsLeft = share > 0 ? (elapsed / share) * (1 - share) : null;
              report({
                done: index,
                total: blocks.length,
                secondsLeft,
                phase: `Block ${index + 1} of ${blocks.length}, step ${done} of ${total}`,
              });
            };
            const request = {
              block,
              settings,
              seed: input.seed,
              known: await strips.known(block),
              wanted: strips.wanted(block),
            };
            const made = await lease.block(request, { onStep });
            await strips.keep(block, made.strips);
            await addTiles(writer, made, { block, factor, size: input });
          }
          await writer.finish();
        } catch (error) {
          await writer.abandon();
          throw error;
        } finally {
          await strips.close();
        }
        const slide = await summariseSlide(file);
        workspace.slides.remember([slide]);
        const seconds = (performance.now() - started) / 1000;
        const peakRssMb = process.resourceUsage().maxRSS / 1024;
        const result: SlideGenerationResult = {
          runId,
          slide,
          file,
          provider,
          seconds,
          peakRssMb,
          blocks: blocks.length,
          warnings,
        };
        return { result, changes: { result, provider, peakRssMb, warnings, timings: { total: seconds } } };
      } finally {
        lease.release();
      }
    },
  });
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

/** Everything that decides the bytes, after the sentence that people and machines read first. */
function descriptionOf(pack: ModelPack, input: SlideGenerationInput): string {
  const { id, version } = pack.manifest;
  const facts = { ...input, modelVersion: version, modelSha256: weightsSha256(pack) };
  return `${syntheticSentence} Model ${id} ${version}.\n${JSON.stringify(facts)}`;
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
