import type { GenerationRequest, ProviderName, RunProgress, RunTimings } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { BatchImage, BatchPreview, SamplingSettings } from './generate-batch.ts';
import { slotsPerBatch } from './generate-batch.ts';
import { leaseInference } from './inference.ts';
import type { PackManifest } from './pack-schema.ts';
import type { ModelPack } from './packs.ts';

export interface GeneratedImage {
  index: number;
  seed: number;
  width: number;
  height: number;
  channels: number;
  /** Stored units, channels first, rows top down. */
  pixels: Float32Array;
  /** What image to image started from, in stored units on the model's grid; null from noise. */
  input: Float32Array | null;
}

export interface GenerationOptions {
  pack: ModelPack;
  request: GenerationRequest;
  /** The images to make, a subset of 0 … count − 1: what a resumed run still lacks. */
  indices: number[];
  /** Image to image: the source of an image, in stored units on the model's grid. Needed when the request has a source. */
  sourceImage?: (index: number) => Promise<Float32Array>;
  /** Inpainting: what of an image is made anew, see BatchImage. Needed when the request has a mask. */
  unknownPixels?: ((index: number) => Uint8Array) | undefined;
  signal: AbortSignal;
  /** Counts the whole run: `done` starts at the images that need not be made again, `total` is the request's count. */
  onProgress: (progress: RunProgress) => void;
  /** What the images being made look like so far; where it is absent, nothing is spent on it. */
  onPreview?: ((preview: BatchPreview) => void) | undefined;
}

export interface GenerationSummary {
  seconds: Partial<RunTimings>;
  peakRssMb: number;
  provider: ProviderName;
  warnings: string[];
}

/**
 * Yields images in the order of their indices as they are finished. Image i has the seed (seed + i) mod 2^32; its bytes
 * depend on nothing else of the run. Throws InvalidInput, PackInvalid, HashMismatch, InferenceFailed, Cancelled.
 */
export async function* generateImages(options: GenerationOptions): AsyncGenerator<GeneratedImage, GenerationSummary> {
  const { pack, request, signal } = options;
  const { manifest } = pack;
  const settings = settingsOf(manifest, request);
  const started = performance.now();
  const seconds = { load: 0, encode: 0, denoise: 0, decode: 0 };
  const batches = batchesOf(options.indices, slotsPerBatch(manifest, settings));
  const progress = progressReporter(options, batches.length);
  const lease = await leaseInference(signal);
  try {
    progress.loading();
    const loaded = await lease.load(pack, { provider: request.provider, encoder: request.source !== null });
    seconds.load = loaded.seconds;
    for (const batch of batches) {
      const sourceStarted = performance.now();
      const images = await Promise.all(batch.map((place) => imageOf(place, options)));
      seconds.encode += (performance.now() - sourceStarted) / 1000;
      const onStep = (done: number, total: number): void => progress.step(batch, done, total);
      const result = await lease.batch(settings, images, { onStep, onPreview: options.onPreview });
      seconds.encode += result.seconds.encode;
      seconds.denoise += result.seconds.denoise;
      seconds.decode += result.seconds.decode;
      progress.batchDone(batch);
      for (const { index, pixels } of result.images) {
        const { seed = 0, source = null } = images.find((image) => image.index === index) ?? {};
        yield { index, seed, ...manifest.image, pixels, input: source };
      }
    }
    const total = (performance.now() - started) / 1000;
    const { provider, warnings } = loaded;
    return { seconds: { ...seconds, total }, peakRssMb: process.resourceUsage().maxRSS / 1024, provider, warnings };
  } finally {
    lease.release();
  }
}

interface Place {
  index: number;
  slot: number;
}

/** Each index has its slot, index mod slots; a batch takes the next indices in order until a slot would be taken twice. */
function batchesOf(indices: number[], slots: number): Place[][] {
  const batches: Place[][] = [];
  for (const index of [...indices].sort((a, b) => a - b)) {
    const slot = index % slots;
    const current = batches.at(-1);
    if (current === undefined || current.some((place) => place.slot === slot)) batches.push([{ index, slot }]);
    else current.push({ index, slot });
  }
  return batches;
}

async function imageOf({ index, slot }: Place, options: GenerationOptions): Promise<BatchImage> {
  const { pack, request, sourceImage, unknownPixels } = options;
  const seed = (request.seed + index) % 2 ** 32;
  if (request.source === null) return { index, slot, seed, source: null, unknown: null };
  if (sourceImage === undefined)
    throw new VerisimError('Internal', 'Image to image was asked for without source images.');
  const source = await sourceImage(index);
  const { width, height, channels } = pack.manifest.image;
  const unknown = request.inpaint === undefined ? null : (unknownPixels?.(index) ?? null);
  if (source.length === width * height * channels) return { index, slot, seed, source, unknown };
  throw new VerisimError(
    'InvalidInput',
    `The source of image ${index} has ${source.length} values where the model's grid of ${width} × ${height} × ${channels} needs ${width * height * channels}.`,
    { expected: `${width * height * channels} values`, found: `${source.length} values` },
  );
}

function settingsOf(manifest: PackManifest, request: GenerationRequest): SamplingSettings {
  const { sampler, steps, guidance, classId, source, inpaint = null } = request;
  if (steps > manifest.schedule.steps) {
    throw new VerisimError(
      'InvalidInput',
      `The model ${manifest.id} was trained with ${manifest.schedule.steps} timesteps; ${steps} steps were asked for. Choose fewer.`,
      { expected: `at most ${manifest.schedule.steps} steps`, found: `${steps}` },
    );
  }
  const label = labelOf(manifest, classId);
  return { sampler, steps, label, guidance, strength: source?.strength ?? null, inpainting: inpaint };
}

function labelOf({ id, conditioning }: PackManifest, classId: string | null): number | null {
  if (classId === null) return null;
  const classes = conditioning?.classes ?? [];
  const label = classes.findIndex((candidate) => candidate.id === classId);
  if (label >= 0) return label;
  const expected = classes.length === 0 ? 'no class' : classes.map((candidate) => candidate.id).join(', ');
  throw new VerisimError('InvalidInput', `The model ${id} has no class ${classId}. It knows: ${expected}.`, {
    expected,
    found: classId,
  });
}

/** Turns steps of batches into images done, time left and words. */
function progressReporter({ request, indices, onProgress }: GenerationOptions, batchCount: number) {
  const total = request.count;
  let done = total - indices.length;
  let batchesDone = 0;
  let first: { atMs: number; finished: number } | null = null;
  const secondsLeft = (stepsDone: number, stepsPerBatch: number): number | null => {
    const finished = batchesDone * stepsPerBatch + stepsDone;
    const atMs = performance.now();
    first ??= { atMs, finished };
    if (finished === first.finished) return null;
    const perStep = (atMs - first.atMs) / 1000 / (finished - first.finished);
    return perStep * (batchCount * stepsPerBatch - finished);
  };
  return {
    loading: () => onProgress({ done, total, secondsLeft: null, phase: 'Loading the model' }),
    step(batch: Place[], stepsDone: number, stepsPerBatch: number) {
      const numbers = batch.map((place) => place.index + 1);
      const which = numbers.length === 1 ? `Image ${numbers[0]}` : `Images ${numbers[0]} to ${numbers.at(-1)}`;
      const phase = `${which} of ${total}, step ${stepsDone} of ${stepsPerBatch}`;
      onProgress({ done, total, secondsLeft: secondsLeft(stepsDone, stepsPerBatch), phase });
    },
    batchDone(batch: Place[]) {
      batchesDone += 1;
      done += batch.length;
    },
  };
}
