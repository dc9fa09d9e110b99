import type { SamplerName } from '../../preload/samplers.ts';
import { VerisimError } from '../../preload/errors.ts';
import { families } from '../diffusion/families/registry.ts';
import type { DiffusionSpace } from '../diffusion/families/family.ts';
import { applyGuidance } from '../diffusion/guidance.ts';
import { addNoise, skippedSteps } from '../diffusion/image-to-image.ts';
import { gaussianNoise } from '../diffusion/noise.ts';
import { samplers } from '../diffusion/samplers/registry.ts';
import type { SamplerRun } from '../diffusion/samplers/sampler.ts';
import { alphasCumulative } from '../diffusion/schedule.ts';
import type { PackManifest } from './pack-schema.ts';
import type { DenoiserSession } from './session.ts';

/** What all images of a run share. */
export interface SamplingSettings {
  sampler: SamplerName;
  steps: number;
  /** Null: the pack's null label, that is without a class. */
  label: number | null;
  guidance: number;
  /** Null: from noise alone. */
  strength: number | null;
}

export interface BatchImage {
  index: number;
  seed: number;
  /** The place in the batch; fixed by the index, so that the bytes never depend on what else is generated. */
  slot: number;
  /** Stored units on the model's grid, channels first; null without a source. */
  source: Float32Array | null;
}

export interface BatchResult {
  images: { index: number; pixels: Float32Array<ArrayBuffer> }[];
  seconds: { encode: number; denoise: number; decode: number };
}

/**
 * Above this σ a sample holds next to nothing of the image; the linear schedule of DDPM ends there too (157). The cosine
 * schedule ends at 20,291, from where Heun's method amplifies every error by thousands and Karras levels waste steps.
 */
const largestSigma = 160;

/** How many images one batch holds: with guidance every image takes two places, without a class and with it. */
export function slotsPerBatch({ files }: PackManifest, settings: Pick<SamplingSettings, 'label' | 'guidance'>): number {
  return isGuided(settings) ? Math.floor(files.denoiser.batch / 2) : files.denoiser.batch;
}

/**
 * Runs the whole sampling loop for at most one batch of images; null when `shouldStop` said so between two steps.
 * Throws InferenceFailed when the network returns a value that is not finite.
 */
export async function generateBatch(options: {
  manifest: PackManifest;
  session: DenoiserSession;
  settings: SamplingSettings;
  images: BatchImage[];
  shouldStop: () => boolean;
  /** Steps done and steps in all for this batch. */
  onStep: (done: number, total: number) => void;
}): Promise<BatchResult | null> {
  const { manifest, session, settings, images, shouldStop, onStep } = options;
  const space = spaceOf(manifest);
  const clock = stopwatch();
  const loop = prepare(manifest, space, settings, images);
  const encode = clock();
  const { timesteps } = loop.plan;
  const guided = isGuided(settings);
  const slots = slotsPerBatch(manifest, settings);
  const length = loop.length;
  const nullLabel = manifest.conditioning?.nullLabel ?? 0;
  session.sample.fill(0);
  for (let slot = 0; slot < session.batch; slot++) session.setLabel(slot, nullLabel);
  for (const { slot } of images) session.setLabel(guided ? slots + slot : slot, settings.label ?? nullLabel);
  const combined = new Float32Array(length);
  for (let step = loop.firstStep; step < timesteps.length; step++) {
    if (shouldStop()) return null;
    session.setTimestep(timesteps[step] ?? 0);
    for (const { slot, sample } of loop.images) {
      session.sample.set(sample, slot * length);
      if (guided) session.sample.set(sample, (slots + slot) * length);
    }
    const output = await session.run();
    for (const { slot, sample, sampling, seed } of loop.images) {
      const own = output.subarray(slot * length, (slot + 1) * length);
      const conditional = output.subarray((slots + slot) * length, (slots + slot + 1) * length);
      if (guided) applyGuidance({ weight: settings.guidance }, own, conditional, combined);
      const prediction = guided ? combined : own;
      if (!prediction.every(Number.isFinite)) throw notFinite(manifest, step + 1);
      sampling.step(step, prediction, sample, () => gaussianNoise(seed, step + 1, length));
    }
    onStep(step + 1 - loop.firstStep, timesteps.length - loop.firstStep);
  }
  const denoise = clock();
  const finished = loop.images.map(({ index, sample }) => ({
    index,
    pixels: toStored(space.decode(sample), manifest),
  }));
  return { images: finished, seconds: { encode, denoise, decode: clock() } };
}

function isGuided({ label, guidance }: Pick<SamplingSettings, 'label' | 'guidance'>): boolean {
  return label !== null && guidance > 1;
}

interface ImageInLoop {
  index: number;
  seed: number;
  slot: number;
  sample: Float64Array;
  sampling: SamplerRun;
}

function prepare(manifest: PackManifest, space: DiffusionSpace, settings: SamplingSettings, images: BatchImage[]) {
  const { channels, height, width } = space.latent;
  const length = channels * height * width;
  const alphas = alphasCumulative(manifest.schedule);
  const sampler = samplers[settings.sampler];
  const { spacing } = manifest.sampling;
  const plan = sampler.plan({ alphas, count: settings.steps, spacing, largestSigma });
  const constrain = manifest.sampling.clip ? (clean: Float64Array) => keepInRange(clean, space, manifest) : null;
  const skipped = settings.strength === null ? 0 : skippedSteps(settings.steps, settings.strength);
  const firstStep = skipped * sampler.callsPerStep;
  const prepared = images.map(({ index, seed, slot, source }): ImageInLoop => {
    const noise = gaussianNoise(seed, 0, length);
    let sample = noise;
    // At full strength nothing of the source is left: the start is the noise alone, as without a source.
    if (source !== null && firstStep > 0) {
      sample = space.encode(toModel(source, manifest));
      const level = plan.levels[firstStep];
      if (level !== undefined) addNoise(sample, noise, level);
    }
    const { prediction } = manifest.schedule;
    return { index, seed, slot, sample, sampling: sampler.start({ alphas, plan, prediction, length, constrain }) };
  });
  return { plan, firstStep, length, images: prepared };
}

function spaceOf(manifest: PackManifest): DiffusionSpace {
  const space = families[manifest.family]?.(manifest);
  if (space) return space;
  throw new VerisimError('PackInvalid', `The family ${manifest.family} is not supported by this version.`, {
    found: manifest.family,
  });
}

function toModel(stored: Float32Array, { intensity }: PackManifest): Float64Array {
  const { storedMin, storedMax, modelMin, modelMax } = intensity;
  const scale = (modelMax - modelMin) / (storedMax - storedMin);
  return Float64Array.from(stored, (value) => modelMin + (value - storedMin) * scale);
}

function toStored(model: Float64Array, { intensity }: PackManifest): Float32Array<ArrayBuffer> {
  const { storedMin, storedMax, modelMin, modelMax } = intensity;
  const scale = (storedMax - storedMin) / (modelMax - modelMin);
  return Float32Array.from(model, (value) =>
    Math.min(storedMax, Math.max(storedMin, storedMin + (value - modelMin) * scale)),
  );
}

/** The range is one of images, so the clamp happens there, whatever space the diffusion runs in. */
function keepInRange(clean: Float64Array, space: DiffusionSpace, { intensity }: PackManifest): void {
  const { modelMin, modelMax } = intensity;
  const image = space.decode(clean).map((value) => Math.min(modelMax, Math.max(modelMin, value)));
  clean.set(space.encode(image));
}

function notFinite(manifest: PackManifest, step: number): VerisimError {
  return new VerisimError(
    'InferenceFailed',
    `The model ${manifest.id} returned a value that is not a finite number at step ${step}; the image was not kept. Try another provider or sampler, or install the pack again.`,
    { expected: 'finite values', found: 'NaN or infinity' },
  );
}

/** Seconds since the last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const now = performance.now();
    const seconds = (now - last) / 1000;
    last = now;
    return seconds;
  };
}
