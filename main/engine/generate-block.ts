import type { DiffusionSpace } from '../diffusion/families/family.ts';
import { applyGuidance } from '../diffusion/guidance.ts';
import { gaussianNoiseAt } from '../diffusion/noise.ts';
import type { Rectangle, RegionBlock } from '../diffusion/region-blocks.ts';
import { samplers } from '../diffusion/samplers/registry.ts';
import { alphasCumulative } from '../diffusion/schedule.ts';
import { createBlend, cutTile, planTiles } from '../diffusion/tiles.ts';
import type { Grid } from '../diffusion/wavelets/haar.ts';
import { checkFinite } from './batch-call.ts';
import { type BlockSource, startBlock, stepsSkipped } from './block-source.ts';
import type { LatentPart } from './decode-region.ts';
import { isGuided, largestSigma, type SamplingSettings } from './generate-batch.ts';
import { constraintOf } from './keep-in-range.ts';
import type { PackManifest } from './pack-schema.ts';
import { pictureOf, type RegionPicture } from './region-picture.ts';
import { regionSpace, spaceFor } from './region-space.ts';
import type { DenoiserSession } from './session.ts';

/** A part of the latent after every step: [step][row][column][channel], one after another. */
export interface StripHistory {
  /** In positions of the whole region. */
  place: Rectangle;
  values: Float32Array<ArrayBuffer>;
}

export interface BlockRequest {
  block: RegionBlock;
  settings: Pick<SamplingSettings, 'sampler' | 'steps' | 'label' | 'guidance'>;
  seed: number;
  /** What neighbours decided; put in place after every step. */
  known: StripHistory[];
  /** What the region is made from; null = from noise alone. */
  source: BlockSource | null;
  /** Parts of the inner block whose history the next ones need. */
  wanted: Rectangle[];
}

export interface BlockResult {
  /** Of the inner block: pixels, or what a decoder makes pixels of, which takes its neighbours too. */
  made: { kind: 'picture'; picture: RegionPicture } | { kind: 'latent'; latent: LatentPart };
  strips: StripHistory[];
}

/** Calls of the network's loop for one image. */
export function regionSteps(manifest: PackManifest, settings: BlockRequest['settings']): number {
  return planOf(manifest, settings, null).timesteps.length;
}

/** Denoises one block; null when `shouldStop` said so between two steps. Throws InferenceFailed, ModelDoesNotFit. */
export async function generateBlock(options: {
  manifest: PackManifest;
  session: DenoiserSession;
  request: BlockRequest;
  shouldStop: () => boolean;
  onStep: (done: number, total: number) => void;
}): Promise<BlockResult | null> {
  const { manifest, session, request, shouldStop, onStep } = options;
  const { settings, seed, known, wanted, source } = request;
  const { region } = request.block;
  const { factor } = regionSpace(manifest);
  const image = { channels: manifest.image.channels, width: region.width * factor, height: region.height * factor };
  const space = spaceFor(manifest, image);
  const whole = space.latent;
  const alphas = alphasCumulative(manifest.schedule);
  const plan = planOf(manifest, settings, source);
  const steps = plan.timesteps.length;
  const { prediction } = manifest.schedule;
  const length = whole.channels * whole.width * whole.height;
  const sampler = samplers[settings.sampler];
  const noise = (draw: number): Float64Array => gaussianNoiseAt(seed, draw, { ...region, channels: whole.channels });
  const { callsPerStep } = sampler;
  const start = startBlock(source, { manifest, space, plan, noise: noise(0) }, { steps: settings.steps, callsPerStep });
  const { sample, first } = start;
  const constrain = inTurn(constraintOf(manifest, space), start.keep);
  const run = sampler.start({ alphas, plan, prediction, length, constrain });
  const strips = wanted.map((place): StripHistory => {
    return { place, values: new Float32Array(steps * place.width * place.height * whole.channels) };
  });
  const denoise = windowDenoiser({ manifest, session, settings, whole });
  for (let step = first; step < steps; step++) {
    if (shouldStop()) return null;
    const output = await denoise(sample, plan.timesteps[step] ?? 0, step);
    run.step(step, output, sample, () => noise(step + 1));
    for (const strip of known) copyStrip(strip, step, { sample, region, whole, into: 'sample' });
    for (const strip of strips) copyStrip(strip, step, { sample, region, whole, into: 'strip' });
    onStep(step + 1, steps);
  }
  return { made: innerOf(space.decode(sample), { space, image, manifest, block: request.block }), strips };
}

type Change = ((clean: Float64Array) => void) | null;

function inTurn(first: Change, second: Change): Change {
  if (first === null || second === null) return first ?? second;
  return (clean) => {
    first(clean);
    second(clean);
  };
}

/** Cut out of the whole base: the image, or the latent of an autoencoder. */
function innerOf(
  base: Float64Array,
  {
    space,
    image,
    manifest,
    block: { region, inner },
  }: { space: DiffusionSpace; image: Grid; manifest: PackManifest; block: RegionBlock },
): BlockResult['made'] {
  const each = space.base.width / region.width;
  const [width, height] = [inner.width * each, inner.height * each];
  const [left, top] = [(inner.x - region.x) * each, (inner.y - region.y) * each];
  if (!space.autoencoded)
    return { kind: 'picture', picture: pictureOf(base, image, { part: { x: left, y: top, width, height }, manifest }) };
  const { channels, width: across, height: down } = space.base;
  const values = new Float32Array(width * height * channels);
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      for (let c = 0; c < channels; c++)
        values[(y * width + x) * channels + c] = base[(c * down + top + y) * across + left + x] ?? 0;
    }
  }
  return { kind: 'latent', latent: { place: { x: inner.x * each, y: inner.y * each, width, height }, values } };
}

/** Every window once, each in its place of a batch; where they overlap, what the network says is averaged, most by the nearest window. */
function windowDenoiser({
  manifest,
  session,
  settings,
  whole,
}: {
  manifest: PackManifest;
  session: DenoiserSession;
  settings: BlockRequest['settings'];
  whole: Grid;
}): (sample: Float64Array, timestep: number, step: number) => Promise<Float64Array> {
  const window = spaceFor(manifest, manifest.image).latent;
  const corners = planTiles(whole, window);
  const size = window.channels * window.height * window.width;
  const guided = isGuided(settings);
  const slots = guided ? Math.max(1, Math.floor(session.batch / 2)) : session.batch;
  const nullLabel = manifest.conditioning?.nullLabel ?? 0;
  const label = settings.guidance > 0 ? (settings.label ?? nullLabel) : nullLabel;
  const combined = new Float32Array(size);
  const guidance = { weight: settings.guidance, rescale: manifest.sampling.guidanceRescale ?? 0 };
  return async (sample, timestep, step) => {
    const blend = createBlend(whole, window);
    session.setTimestep(timestep);
    for (let first = 0; first < corners.length; first += slots) {
      const some = corners.slice(first, first + slots);
      session.sample.fill(0);
      some.forEach((corner, slot) => {
        const cut = cutTile(sample, whole, { tile: window, corner });
        session.sample.set(cut, slot * size);
        session.setLabel(slot, guided ? nullLabel : label);
        if (!guided) return;
        session.sample.set(cut, (some.length + slot) * size);
        session.setLabel(some.length + slot, label);
      });
      const output = await session.run(guided ? 2 * some.length : some.length);
      some.forEach((corner, slot) => {
        let own = output.subarray(slot * size, (slot + 1) * size);
        if (guided) {
          applyGuidance(
            guidance,
            own,
            output.subarray((some.length + slot) * size, (some.length + slot + 1) * size),
            combined,
          );
          own = combined;
        }
        checkFinite(own, manifest, step + 1);
        blend.add(own, corner);
      });
    }
    return blend.result();
  };
}

/** Where the strip lies inside the region, its values of one step into the sample or out of it. */
function copyStrip(
  { place, values }: StripHistory,
  step: number,
  { sample, region, whole, into }: { sample: Float64Array; region: Rectangle; whole: Grid; into: 'sample' | 'strip' },
): void {
  const { channels } = whole;
  const [left, right] = [Math.max(place.x, region.x), Math.min(place.x + place.width, region.x + region.width)];
  const [top, bottom] = [Math.max(place.y, region.y), Math.min(place.y + place.height, region.y + region.height)];
  for (let y = top; y < bottom; y++) {
    for (let x = left; x < right; x++) {
      const at = ((step * place.height + y - place.y) * place.width + x - place.x) * channels;
      const from = (y - region.y) * region.width + x - region.x;
      for (let c = 0; c < channels; c++) {
        const index = c * region.width * region.height + from;
        if (into === 'sample') sample[index] = values[at + c] ?? 0;
        else values[at + c] = sample[index] ?? 0;
      }
    }
  }
}

function planOf(manifest: PackManifest, { sampler, steps }: BlockRequest['settings'], source: BlockSource | null) {
  const { spacing } = manifest.sampling;
  const alphas = alphasCumulative(manifest.schedule);
  const skipped = stepsSkipped(source, steps);
  return samplers[sampler].plan({ alphas, count: steps, skipped, spacing, largestSigma });
}
