import { readFile } from 'node:fs/promises';
import type { GenerationRequest } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { decodeCanonical } from '../engine/canonical-png.ts';
import type { BatchImage, SamplingSettings } from '../engine/generate-batch.ts';
import type { PackManifest } from '../engine/pack-schema.ts';
import type { ModelPack } from '../engine/packs.ts';
import { checkWeights } from '../engine/packs.ts';
import { fromEightBits } from '../engine/stored-units.ts';
import type { Workspace } from './dependencies.ts';

/** One generated image with everything that made it. */
export interface MadeImage {
  pack: ModelPack;
  request: GenerationRequest;
  index: number;
  seed: number;
  settings: SamplingSettings;
  /** Stored units, channels first, as it was kept. */
  pixels: Float32Array;
  /** Image to image: what it was made from, likewise; null from noise. */
  source: Float32Array | null;
}

/**
 * Throws UnknownRun, UnknownImage where it is no output of a generation or its file is gone, UnknownModel where the pack is gone,
 * and HashMismatch where the pack has other weights now.
 */
export async function readMadeImage(workspace: Workspace, runId: string, index: number): Promise<MadeImage> {
  const { log, folder, packs } = workspace;
  const run = log.runs.detail(runId);
  const output = log.runs.outputs(runId).find((candidate) => candidate.index === index);
  if (run.kind !== 'generation' || output === undefined)
    throw new VerisimError('UnknownImage', `Run ${runId} has no generated image ${index}.`, { found: `${index}` });
  const request = run.parameters as unknown as GenerationRequest;
  const pack = await packs.find(request.modelId);
  checkWeights(pack, run);
  const { manifest } = pack;
  const label = manifest.conditioning?.classes.findIndex(({ id }) => id === request.classId) ?? -1;
  return {
    pack,
    request,
    index,
    seed: (request.seed + index) % 2 ** 32,
    settings: {
      sampler: request.sampler,
      steps: request.steps,
      label: label === -1 ? null : label,
      guidance: request.guidance,
      strength: request.source?.strength ?? null,
      inpainting: null,
    },
    pixels: await planesOf(folder.runOutput(runId, index), manifest),
    source: request.source === null ? null : await planesOf(folder.runInput(runId, index), manifest),
  };
}

export function batchImage(seed: number, slot: number, source: Float32Array | null): BatchImage {
  return { index: slot, slot, seed, source, unknown: null };
}

/** Brightness in percent of the intensity range. */
export function brightnessOf(pixels: Float32Array, { image, intensity }: PackManifest): Float32Array {
  const { storedMin, storedMax } = intensity;
  const scale = 100 / (storedMax - storedMin);
  const plane = image.width * image.height;
  if (image.channels === 1) return pixels.map((value) => (value - storedMin) * scale);
  const weights = [0.299, 0.587, 0.114];
  return Float32Array.from({ length: plane }, (_, i) =>
    weights.reduce((sum, weight, channel) => sum + weight * (pixels[channel * plane + i]! - storedMin) * scale, 0),
  );
}

async function planesOf(file: string, { intensity }: PackManifest): Promise<Float32Array> {
  const bytes = await readFile(file).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('UnknownImage', `The image ${file} of the run is gone. Run the generation again.`, {
      path: file,
      expected: 'a PNG of the run',
      found,
      cause,
    });
  });
  const { grey, rgb } = decodeCanonical(bytes, intensity);
  if (grey !== null || rgb === null) return grey ?? new Float32Array(0);
  const plane = rgb.length / 3;
  const planar = Uint8Array.from({ length: rgb.length }, (_, i) => rgb[3 * (i % plane) + Math.floor(i / plane)]!);
  return fromEightBits(planar, intensity);
}
