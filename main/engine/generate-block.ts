import { VerisimError } from '../../preload/errors.ts';
import { families } from '../diffusion/families/registry.ts';
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
import { isGuided, largestSigma, once, type SamplingSettings } from './generate-batch.ts';
import { toStored } from './generate-codec.ts';
import { constraintOf } from './keep-in-range.ts';
import type { PackManifest } from './pack-schema.ts';
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
  /** RGB of the inner block, interleaved. */
  rgb: Uint8Array<ArrayBuffer>;
  width: number;
  height: number;
  strips: StripHistory[];
}

/** Pixels along one position of the latent. Throws ModelDoesNotFit where the family cannot make regions. */
export function regionFactor(manifest: PackManifest): number {
  const space = spaceFor(manifest, manifest.image);
  return manifest.image.width / space.latent.width;
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
  const { region, inner } = request.block;
  const factor = regionFactor(manifest);
  const image = { channels: manifest.image.channels, width: region.width * factor, height: region.height * factor };
  const space = spaceFor(manifest, image);
  const whole = space.latent;
  const alphas = alphasCumulative(manifest.schedule);
  const plan = planOf(manifest, settings, source);
  const steps = plan.timesteps.length;
  const { prediction } = manifest.schedule;
  const length = whole.channels * whole.width * whole.height;
  const sampler = samplers[settings.sampler];
  const run = sampler.start({
    alphas,
    plan,
    prediction,
    length,
    constrain: constraintOf(manifest, space),
  });
  const noise = (draw: number): Float64Array => gaussianNoiseAt(seed, draw, { ...region, channels: whole.channels });
  const { callsPerStep } = sampler;
  const start = startBlock(source, { manifest, space, plan, noise: noise(0) }, { steps: settings.steps, callsPerStep });
  const { sample, first } = start;
  const strips = wanted.map((place): StripHistory => {
    return { place, values: new Float32Array(steps * place.width * place.height * whole.channels) };
  });
  const denoise = windowDenoiser({ manifest, session, settings, whole });
  for (let step = first; step < steps; step++) {
    if (shouldStop()) return null;
    const output = await denoise(sample, plan.timesteps[step] ?? 0, step);
    const fresh = once(() => noise(step + 1));
    run.step(step, output, sample, fresh);
    start.keep(step, fresh);
    for (const strip of known) copyStrip(strip, step, { sample, region, whole, into: 'sample' });
    for (const strip of strips) copyStrip(strip, step, { sample, region, whole, into: 'strip' });
    onStep(step + 1, steps);
  }
  const stored = toStored(space.decode(sample), manifest);
  return { ...cutOut(stored, image, { region, inner, factor }), strips };
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

function cutOut(
  stored: Float32Array,
  image: Grid,
  { region, inner, factor }: { region: Rectangle; inner: Rectangle; factor: number },
): Omit<BlockResult, 'strips'> {
  const [width, height] = [inner.width * factor, inner.height * factor];
  const [left, top] = [(inner.x - region.x) * factor, (inner.y - region.y) * factor];
  const rgb = new Uint8Array(width * height * 3);
  const plane = image.width * image.height;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (top + y) * image.width + left + x;
      for (let c = 0; c < 3; c++) rgb[(y * width + x) * 3 + c] = Math.round(stored[c * plane + from] ?? 0);
    }
  }
  return { rgb, width, height };
}

function planOf(manifest: PackManifest, { sampler, steps }: BlockRequest['settings'], source: BlockSource | null) {
  const { spacing } = manifest.sampling;
  const alphas = alphasCumulative(manifest.schedule);
  const skipped = stepsSkipped(source, steps);
  return samplers[sampler].plan({ alphas, count: steps, skipped, spacing, largestSigma });
}

/** The family's space over an image of any size; families with an autoencoder and packs that are not RGB bytes are refused. */
function spaceFor(manifest: PackManifest, image: Grid): DiffusionSpace {
  const { family, intensity, autoencoder } = manifest;
  const isColour = image.channels === 3 && intensity.storedMin === 0 && intensity.storedMax === 255;
  const space = autoencoder === null && isColour ? families[family].space({ ...manifest, image }) : null;
  if (space !== null) return space;
  throw new VerisimError(
    'ModelDoesNotFit',
    `The model ${manifest.id} cannot make regions of slides: that takes colour images and a family without an autoencoder.`,
    { expected: 'a DDPM or WDM pack of RGB images', found: `${family}, ${image.channels} channels` },
  );
}
