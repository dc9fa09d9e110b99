import { VerisimError } from '../../preload/errors.ts';
import type { NoiseLevel } from '../diffusion/prediction.ts';
import type { StepPlan } from '../diffusion/samplers/sampler.ts';
import type { PackManifest } from './pack-schema.ts';

/** One call of the network for one image, before its step; the arrays are overwritten afterwards. */
export interface BatchCall {
  index: number;
  /** From 1, and how many there are. */
  call: number;
  calls: number;
  timestep: number;
  level: NoiseLevel;
  /** What the network was given. */
  sample: Float64Array;
  /** What it answered, guidance included. */
  prediction: Float32Array;
}

/** The facts of call number `call` of `calls`, which is entry `index` of the plan. */
export function callAt(
  { timesteps, levels, end }: StepPlan,
  index: number,
  { call, calls }: { call: number; calls: number },
): Pick<BatchCall, 'call' | 'calls' | 'timestep' | 'level'> {
  return { call, calls, timestep: timesteps[index] ?? 0, level: levels[index] ?? end };
}

/** Throws InferenceFailed where the answer at a step (from 1) holds NaN or infinity. */
export function checkFinite(prediction: Float32Array, { id }: PackManifest, step: number): void {
  let finite = true;
  for (let i = 0; i < prediction.length; i++) finite &&= Number.isFinite(prediction[i]);
  if (finite) return;
  throw new VerisimError(
    'InferenceFailed',
    `The model ${id} returned a value that is not a finite number at step ${step}; the image was not kept. Try another provider or sampler, or install the pack again.`,
    { expected: 'finite values', found: 'NaN or infinity' },
  );
}
