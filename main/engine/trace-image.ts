import { predictClean } from '../diffusion/prediction.ts';
import type { BatchCall } from './batch-call.ts';
import type { BatchImage, SamplingSettings } from './generate-batch.ts';
import { generateBatch } from './generate-batch.ts';
import { createCodec, type Codec } from './generate-codec.ts';
import type { PackManifest } from './pack-schema.ts';
import type { DenoiserSession } from './session.ts';

/** x̂0, what the network takes for the clean image, at one of the calls. */
export interface TraceFrame {
  /** From 1. */
  call: number;
  /** √(1 − ᾱ): 1 = pure noise, 0 = the clean image. */
  noiseShare: number;
  /** Stored units, channels first, as all pixels here. */
  pixels: Float32Array<ArrayBuffer>;
  /** The same sample shown to the network with the class and without it; null where there is no class. */
  contrast: { conditional: Float32Array<ArrayBuffer>; unconditional: Float32Array<ArrayBuffer> } | null;
}

export interface ImageTrace {
  pixels: Float32Array<ArrayBuffer>;
  frames: TraceFrame[];
  calls: number;
  /** Root-mean-square change of x̂0 from each call to the next, over the standard deviation of the last x̂0; calls − 1 values. */
  changes: number[];
  /** √(1 − ᾱ) at every call. */
  noiseShares: number[];
}

interface KeptCall {
  call: number;
  timestep: number;
  level: BatchCall['level'];
  sample: Float64Array;
  clean: Float64Array;
}

/**
 * Makes one image as `generateBatch` does and keeps what the network took it for on the way, at `frames` calls spread evenly from the
 * first to the last one. Null when `shouldStop` said so. Throws InferenceFailed.
 */
export async function traceImage(options: {
  manifest: PackManifest;
  session: DenoiserSession;
  settings: SamplingSettings;
  image: BatchImage;
  frames: number;
  shouldStop: () => boolean;
  onStep: (done: number, total: number) => void;
}): Promise<ImageTrace | null> {
  const { manifest, session, settings, image, frames, shouldStop, onStep } = options;
  const kept: KeptCall[] = [];
  const distances: number[] = [];
  const noiseShares: number[] = [];
  let newest = new Float64Array(0);
  let calls = 0;
  const onCall = ({ call, calls: all, timestep, level, sample, prediction }: BatchCall): void => {
    const clean = new Float64Array(sample.length);
    predictClean({ prediction: manifest.schedule.prediction, level }, sample, prediction, clean);
    if (newest.length > 0) distances.push(rootMeanSquare(newest, clean));
    noiseShares.push(level.noise);
    if (isKept(call, all, frames)) kept.push({ call, timestep, level, sample: sample.slice(), clean });
    newest = clean;
    calls = all;
  };
  const total = (sampling: number): number => sampling + Math.min(frames, sampling);
  const result = await generateBatch({
    manifest,
    session,
    settings,
    images: [image],
    shouldStop,
    onStep: (done, steps) => onStep(done, total(steps)),
    onCall,
  });
  if (result === null) return null;
  const codec = createCodec(manifest, session);
  const found: TraceFrame[] = [];
  for (const one of kept) {
    if (shouldStop()) return null;
    const [pixels = new Float32Array(0)] = await codec.decode([{ slot: 0, values: one.clean }]);
    const contrast = await contrastAt(one, { manifest, session, codec, label: settings.label });
    found.push({ call: one.call, noiseShare: one.level.noise, pixels, contrast });
    onStep(calls + found.length, calls + kept.length);
  }
  const spread = standardDeviation(newest);
  return {
    pixels: result.images[0]?.pixels ?? new Float32Array(0),
    frames: found,
    calls,
    changes: distances.map((distance) => (spread === 0 ? 0 : distance / spread)),
    noiseShares,
  };
}

/** The first, the last, and as many between as fit. */
function isKept(call: number, calls: number, frames: number): boolean {
  const many = Math.min(frames, calls);
  if (many === 1) return call === calls;
  const place = Math.round(((call - 1) / (calls - 1)) * (many - 1));
  return call === 1 + Math.round((place / (many - 1)) * (calls - 1));
}

async function contrastAt(
  { timestep, level, sample }: KeptCall,
  {
    manifest,
    session,
    codec,
    label,
  }: { manifest: PackManifest; session: DenoiserSession; codec: Codec; label: number | null },
): Promise<TraceFrame['contrast']> {
  const { conditioning, schedule } = manifest;
  if (label === null || conditioning === null) return null;
  const clean: Float64Array[] = [];
  for (const row of [label, conditioning.nullLabel]) {
    session.sample.fill(0);
    session.sample.set(sample);
    session.setTimestep(timestep);
    for (let slot = 0; slot < session.batch; slot++) session.setLabel(slot, row);
    const output = await session.run(1);
    const values = new Float64Array(sample.length);
    predictClean({ prediction: schedule.prediction, level }, sample, output.subarray(0, sample.length), values);
    clean.push(values);
  }
  const [conditional, unconditional] = await codec.decode(clean.map((values, slot) => ({ slot, values })));
  return conditional === undefined || unconditional === undefined ? null : { conditional, unconditional };
}

function rootMeanSquare(one: Float64Array, other: Float64Array): number {
  let squares = 0;
  for (let i = 0; i < one.length; i++) squares += (one[i]! - other[i]!) ** 2;
  return Math.sqrt(squares / one.length);
}

function standardDeviation(values: Float64Array): number {
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length);
}
