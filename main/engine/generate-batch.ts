import type { Inpainting } from '../../preload/generation-request.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import { applyGuidance } from '../diffusion/guidance.ts';
import { addNoise, skippedSteps } from '../diffusion/image-to-image.ts';
import type { KnownRegion, Move } from '../diffusion/inpainting.ts';
import { impose, knownCells, returnToNoise, samplingMoves } from '../diffusion/inpainting.ts';
import { gaussianNoise } from '../diffusion/noise.ts';
import { predictClean } from '../diffusion/prediction.ts';
import { samplers } from '../diffusion/samplers/registry.ts';
import type { SamplerRun, StepPlan } from '../diffusion/samplers/sampler.ts';
import { levelAfter } from '../diffusion/samplers/sampler.ts';
import { alphasCumulative } from '../diffusion/schedule.ts';
import { joinSeamlessly } from '../diffusion/seamless.ts';
import { type Codec, createCodec } from './generate-codec.ts';
import { type BatchCall, callAt, checkFinite } from './batch-call.ts';
import { constraintOf } from './keep-in-range.ts';
import type { PackManifest } from './pack-schema.ts';
import { previewTimer } from './preview-timer.ts';
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
  /** Null: the whole image is made. */
  inpainting: Pick<Inpainting, 'method' | 'jumpLength' | 'resamples'> | null;
}

export interface BatchImage {
  index: number;
  seed: number;
  /** The place in the batch; fixed by the index, so that the bytes never depend on what else is generated. */
  slot: number;
  /** Stored units on the model's grid, channels first; null without a source. */
  source: Float32Array | null;
  /** Inpainting: one value a pixel of the model's grid, 0 where the source is kept; null where nothing is. */
  unknown: Uint8Array | null;
}

interface BatchPixels {
  index: number;
  /** Stored units, channels first. */
  pixels: Float32Array<ArrayBuffer>;
}

export interface BatchResult {
  images: BatchPixels[];
  seconds: { encode: number; denoise: number; decode: number };
}

/** What the images of a batch look like after so many of the calls of the network. */
export interface BatchPreview {
  step: number;
  steps: number;
  images: BatchPixels[];
}

/**
 * Samplers that choose their own levels start here. The cosine schedule ends at σ = 20,291, from where Heun's method amplifies every
 * error by thousands and Karras levels waste steps; from 80, 20 steps end twice as far from 250 steps of DDIM as from 300
 * (models/training/README.md). A schedule that ends below, DDPM's linear one at 157, starts where it ends.
 */
export const largestSigma = 300;

/** How many images one batch holds: with guidance every image takes two places, without a class and with it. */
export function slotsPerBatch({ files }: PackManifest, settings: Pick<SamplingSettings, 'label' | 'guidance'>): number {
  return isGuided(settings) ? Math.floor(files.denoiser.batch / 2) : files.denoiser.batch;
}

/**
 * Runs the whole sampling loop for at most one batch of images; null when `shouldStop` said so between two steps. Encode
 * and decode include the networks of an autoencoder; previews count to none of the three.
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
  /** Where nobody looks, nothing is spent on previews. */
  onPreview?: ((preview: BatchPreview) => void) | undefined;
  /** Looks at every call, before its step. */
  onCall?: (call: BatchCall) => void;
}): Promise<BatchResult | null> {
  const { manifest, session, settings, shouldStop, onStep, onPreview, onCall } = options;
  // Where no place is needed but its own, none is computed for nothing.
  const images = session.anyCount ? options.images.map((image, slot) => ({ ...image, slot })) : options.images;
  const codec = createCodec(manifest, session);
  const seconds = { encode: 0, denoise: 0, decode: 0 };
  const clock = stopwatch();
  const loop = await prepare({ manifest, codec, settings, images });
  seconds.encode = clock();
  const { plan, length } = loop;
  const steps = loop.moves.filter(({ kind }) => kind === 'call').length;
  const slots = session.anyCount ? images.length : slotsPerBatch(manifest, settings);
  const guided = isGuided(settings)
    ? { weight: settings.guidance, rescale: manifest.sampling.guidanceRescale ?? 0, combined: new Float32Array(length) }
    : null;
  setLabels({ ...options, images }, slots);
  session.sample.fill(0);
  const preview = onPreview === undefined ? null : previewTimer(steps);
  let done = 0;
  for (const move of loop.moves) {
    if (shouldStop()) return null;
    if (move.kind === 'return') {
      goBack(loop, move);
      continue;
    }
    const step = move.index;
    done += 1;
    session.setTimestep(plan.timesteps[step] ?? 0);
    for (const { slot, sample } of loop.images) {
      session.sample.set(sample, slot * length);
      if (guided) session.sample.set(sample, (slots + slot) * length);
    }
    const output = await session.run(guided ? 2 * slots : slots);
    const showing = preview?.isDue(done) === true;
    for (const image of loop.images) {
      const { slot, sample, sampling, seed } = image;
      let prediction = output.subarray(slot * length, (slot + 1) * length);
      if (guided) {
        const conditional = output.subarray((slots + slot) * length, (slots + slot + 1) * length);
        applyGuidance(guided, prediction, conditional, guided.combined);
        prediction = guided.combined;
      }
      checkFinite(prediction, manifest, step + 1);
      if (onCall)
        onCall({ index: image.index, ...callAt(plan, step, { call: done, calls: steps }), sample, prediction });
      if (showing) image.clean = cleanAt(loop, step, { image, prediction });
      const noise = once(() => gaussianNoise(seed, move.draw, length));
      sampling.step(step, prediction, sample, noise);
      if (image.region !== null) impose(sample, image.region, levelAfter(plan, step), noise());
    }
    seconds.denoise += clock();
    onStep(done, steps);
    if (!showing) continue;
    const shown = await decodeAll(codec, loop.images, ({ sample, clean }) => clean ?? sample);
    onPreview?.({ step: done, steps, images: shown });
    preview?.shown(clock());
  }
  const finished = await decodeAll(codec, loop.images, ({ sample }) => sample);
  finished.forEach(({ pixels }, i) => joinWithSource(manifest, pixels, images[i]));
  seconds.decode = clock();
  return { images: finished, seconds };
}

/** Weight 1 is the class alone and needs no second half; 0 and below is without the class. */
export function isGuided({ label, guidance }: Pick<SamplingSettings, 'label' | 'guidance'>): boolean {
  return label !== null && guidance > 0 && guidance !== 1;
}

/** [without the class, with it] where guided; places without an image have the null label. */
function setLabels({ manifest, session, settings, images }: Parameters<typeof generateBatch>[0], slots: number): void {
  const nullLabel = manifest.conditioning?.nullLabel ?? 0;
  const label = settings.guidance > 0 ? (settings.label ?? nullLabel) : nullLabel;
  for (let slot = 0; slot < session.batch; slot++) session.setLabel(slot, nullLabel);
  for (const { slot } of images) session.setLabel(isGuided(settings) ? slots + slot : slot, label);
}

interface Loop {
  manifest: PackManifest;
  plan: StepPlan;
  moves: Move[];
  /** Values of one sample. */
  length: number;
  images: ImageInLoop[];
}

interface ImageInLoop {
  index: number;
  seed: number;
  slot: number;
  sample: Float64Array;
  sampling: SamplerRun;
  /** Forgets all steps, as after a return to noise. */
  restart: () => SamplerRun;
  /** Inpainting: what is put back after every step. */
  region: KnownRegion | null;
  /** What the newest preview was made of. */
  clean: Float64Array | null;
}

async function prepare(options: {
  manifest: PackManifest;
  codec: Codec;
  settings: SamplingSettings;
  images: BatchImage[];
}): Promise<Loop> {
  const { manifest, codec, settings, images } = options;
  const { channels, height, width } = codec.space.latent;
  const length = channels * height * width;
  const alphas = alphasCumulative(manifest.schedule);
  const sampler = samplers[settings.sampler];
  const { spacing } = manifest.sampling;
  const skipped = settings.strength === null ? 0 : skippedSteps(settings.steps, settings.strength);
  const plan = sampler.plan({ alphas, count: settings.steps, skipped, spacing, largestSigma });
  const constrain = constraintOf(manifest, codec.space);
  const firstStep = skipped * sampler.callsPerStep;
  const moves = samplingMoves(
    { calls: plan.timesteps.length, callsPerStep: sampler.callsPerStep, first: firstStep },
    settings.inpainting,
  );
  // At full strength nothing of the source is left: the start is the noise alone, as without a source.
  const sources =
    firstStep === 0 && settings.inpainting === null
      ? []
      : images.flatMap(({ slot, source }) => (source ? [{ slot, values: source }] : []));
  const encoded = sources.length === 0 ? [] : await codec.encode(sources);
  const prepared = images.map(({ index, seed, slot, unknown }): ImageInLoop => {
    const noise = gaussianNoise(seed, 0, length);
    const source = encoded[sources.findIndex((candidate) => candidate.slot === slot)];
    const level = plan.levels[firstStep] ?? plan.end;
    const region =
      source && unknown
        ? { clean: source.slice(), known: knownCells(unknown, manifest.image, codec.space.latent) }
        : null;
    const sample = source && firstStep > 0 ? source : noise.slice();
    if (sample === source) addNoise(sample, noise, level);
    else if (region) impose(sample, region, level, noise);
    const { prediction } = manifest.schedule;
    const restart = (): SamplerRun => sampler.start({ alphas, plan, prediction, length, constrain });
    return { index, seed, slot, sample, sampling: restart(), restart, region, clean: null };
  });
  return { manifest, plan, moves, length, images: prepared };
}

/** RePaint: every image to the noisier level; what a sampler knew of the steps before is no longer true. */
function goBack({ plan, images, length }: Loop, { from, to, draw }: Extract<Move, { kind: 'return' }>): void {
  const levels = { from: levelAfter(plan, from), to: plan.levels[to] ?? plan.end };
  for (const image of images) {
    returnToNoise(image.sample, levels, gaussianNoise(image.seed, draw, length));
    image.sampling = image.restart();
  }
}

/** Inpainting: the pixels outside the mask are the source's own, those inside meet them without a seam. */
function joinWithSource({ image, intensity }: PackManifest, pixels: Float32Array, from: BatchImage | undefined): void {
  if (!from?.source || !from.unknown) return;
  joinSeamlessly(pixels, from.source, from.unknown, image);
  const { storedMin, storedMax } = intensity;
  for (let i = 0; i < pixels.length; i++) pixels[i] = Math.min(storedMax, Math.max(storedMin, pixels[i] ?? 0));
}

/** The same result at every call, made at the first. */
function once<Result>(make: () => Result): () => Result {
  let made: { value: Result } | null = null;
  return () => (made ??= { value: make() }).value;
}

/** x̂0, what the network takes for the clean sample before this step. */
function cleanAt(
  { plan, manifest, length }: Loop,
  step: number,
  { image, prediction }: { image: ImageInLoop; prediction: Float32Array },
): Float64Array {
  const clean = image.clean ?? new Float64Array(length);
  const level = plan.levels[step] ?? { signal: 1, noise: 0 };
  predictClean({ prediction: manifest.schedule.prediction, level }, image.sample, prediction, clean);
  return clean;
}

async function decodeAll(
  codec: Codec,
  images: ImageInLoop[],
  sampleOf: (image: ImageInLoop) => Float64Array,
): Promise<BatchPixels[]> {
  const decoded = await codec.decode(images.map((image) => ({ slot: image.slot, values: sampleOf(image) })));
  return images.map(({ index }, i) => ({ index, pixels: decoded[i] ?? new Float32Array(0) }));
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
