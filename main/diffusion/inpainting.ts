import type { Inpainting } from '../../preload/generation-request.ts';
import { addNoise } from './image-to-image.ts';
import type { NoiseLevel } from './prediction.ts';
import type { Grid } from './wavelets/haar.ts';

/**
 * What the sampling loop does in order: a call of the network and the step that follows, or a return to a noisier level.
 * `draw` numbers the noise of the move (draw 0 is the start).
 */
export type Move =
  | { kind: 'call'; index: number; draw: number }
  /** From the level after call `from` to the level before call `to`. */
  | { kind: 'return'; from: number; to: number; draw: number };

/** The calls of a plan that are made; with two calls a step (Heun) the last step has one. */
export interface PlannedCalls {
  calls: number;
  callsPerStep: number;
  /** Image to image starts late. */
  first: number;
}

/**
 * One call after the other; with RePaint (Lugmayr et al. 2022, algorithm 1 and appendix) a stretch of `jumpLength` steps
 * is gone back over and repeated until it was done `resamples` times: 250 steps, jumps of 10 and 10 resamples are 2,410
 * calls.
 */
export function samplingMoves(
  { calls, callsPerStep, first }: PlannedCalls,
  inpainting: Pick<Inpainting, 'method' | 'jumpLength' | 'resamples'> | null,
): Move[] {
  const moves: Move[] = [];
  if (inpainting?.method !== 'repaint') {
    for (let index = first; index < calls; index++) moves.push({ kind: 'call', index, draw: index + 1 });
    return moves;
  }
  const { jumpLength, resamples } = inpainting;
  const last = Math.ceil(calls / callsPerStep) - 1;
  const count = last + 1 - first / callsPerStep;
  const repeats = new Map<number, number>();
  for (let at = 0; at < count - jumpLength; at += jumpLength) repeats.set(at, resamples - 1);
  // `after` steps lie between a step and the end.
  for (let after = count - 1; after >= 0; after--) {
    const start = (last - after) * callsPerStep;
    const end = Math.min(start + callsPerStep, calls);
    for (let index = start; index < end; index++) moves.push({ kind: 'call', index, draw: moves.length + 1 });
    const left = repeats.get(after) ?? 0;
    if (left === 0) continue;
    repeats.set(after, left - 1);
    const to = (last - after - jumpLength + 1) * callsPerStep;
    moves.push({ kind: 'return', from: end - 1, to, draw: moves.length + 1 });
    after += jumpLength;
  }
  return moves;
}

/** What is known of one image in the denoised space. */
export interface KnownRegion {
  /** The clean sample of the source. */
  clean: Float64Array;
  /** 1 where it is to be kept. */
  known: Uint8Array;
}

/** Replaces the known part of a sample by the source at the same noise level; `noise` is that of the step. */
export function impose(sample: Float64Array, region: KnownRegion, level: NoiseLevel, noise: Float64Array): void {
  const { clean, known } = region;
  for (let i = 0; i < sample.length; i++) {
    if (known[i] === 1) sample[i] = level.signal * (clean[i] ?? 0) + level.noise * (noise[i] ?? 0);
  }
}

/** Brings a noisy sample to a noisier level, in place: the forward process between two levels, in one draw. */
export function returnToNoise(
  sample: Float64Array,
  { from, to }: { from: NoiseLevel; to: NoiseLevel },
  noise: Float64Array,
): void {
  const signal = to.signal / from.signal;
  addNoise(sample, noise, { signal, noise: Math.sqrt(Math.max(0, to.noise ** 2 - (signal * from.noise) ** 2)) });
}

/**
 * The mask on the denoised grid: a cell is known (1) only if all pixels that it stands for are, and all their neighbours,
 * so that what is made overlaps the source by a pixel wherever the two are joined. `unknown` holds one value a pixel, 0
 * where the image is to be kept; the result one value a cell, the same for all channels.
 */
export function knownCells(unknown: Uint8Array, image: Grid, latent: Grid): Uint8Array {
  const [down, across] = [image.height / latent.height, image.width / latent.width];
  const plane = latent.height * latent.width;
  const known = new Uint8Array(latent.channels * plane).fill(1);
  for (let y = 0; y < image.height; y++) {
    for (let x = 0; x < image.width; x++) {
      if (unknown[y * image.width + x] === 0) continue;
      for (const row of cellsAround(y, down, latent.height)) {
        for (const column of cellsAround(x, across, latent.width)) known[row * latent.width + column] = 0;
      }
    }
  }
  for (let channel = 1; channel < latent.channels; channel++) known.copyWithin(channel * plane, 0, plane);
  return known;
}

/** The cells of a place and of the places before and after it. */
function cellsAround(place: number, size: number, cells: number): Set<number> {
  const cellOf = (at: number): number => Math.min(Math.max(Math.floor(at / size), 0), cells - 1);
  return new Set([cellOf(place - 1), cellOf(place), cellOf(place + 1)]);
}
