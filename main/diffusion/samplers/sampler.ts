import type { TimestepSpacing } from '../../../preload/domain.ts';
import type { SamplerName } from '../../../preload/samplers.ts';
import type { NoiseLevel, Prediction } from '../prediction.ts';

/** One sampler = one file that exports one of these, and one line in registry.ts. */
export interface Sampler {
  name: SamplerName;
  /** How often a step calls the network; 2 only when the last step is shorter by one call. */
  callsPerStep: 1 | 2;
  plan(options: PlanOptions): StepPlan;
  /** State of one image; steps run in order, from any first step (image to image starts late). */
  start(setup: SamplerSetup): SamplerRun;
}

export interface PlanOptions {
  alphas: Float64Array;
  /** How many steps the person asked for. */
  count: number;
  spacing: TimestepSpacing;
  /** Of leading timesteps. Default 0. */
  offset?: number;
  /** Samplers that choose levels by σ = noise / signal start no higher. Default: where training ended. */
  largestSigma?: number;
}

/** One entry per call of the network. */
export interface StepPlan {
  /** What the network is told; whole numbers unless the sampler says otherwise. */
  timesteps: readonly number[];
  /** Noise level of the sample on the way in, same length. */
  levels: readonly NoiseLevel[];
}

export interface SamplerSetup {
  alphas: Float64Array;
  plan: StepPlan;
  prediction: Prediction;
  /** Number of values of one sample. */
  length: number;
  /** Brings a predicted clean sample back into the range of images, in place. */
  constrain: ((clean: Float64Array) => void) | null;
  /** Of DDIM: 0 = deterministic, 1 = as noisy as DDPM. Default 0. */
  eta?: number;
  /** Of DDIM: the share of signal below the first timestep is 1 rather than ᾱ0. Default true. */
  finalAlphaOne?: boolean;
  /** Of DDPM: the posterior variance or β. Default small. */
  variance?: 'small' | 'large';
}

export interface SamplerRun {
  /**
   * Advances `sample` in place by step `index` of the plan. `noise` gives the standard-normal draw of this step and
   * is called only by samplers that add noise.
   */
  step(index: number, output: ArrayLike<number>, sample: Float64Array, noise: () => Float64Array): void;
}

function noiseLevel(alphaCumulative: number): NoiseLevel {
  return { signal: Math.sqrt(alphaCumulative), noise: Math.sqrt(1 - alphaCumulative) };
}

/** λ = ln α − ln σ; −∞ without any signal (zero terminal SNR). */
export function halfLogSnr({ signal, noise }: NoiseLevel): number {
  return Math.log(signal) - Math.log(noise);
}

/** The plan of samplers that visit trained timesteps only. */
export function planAt(timesteps: number[], alphas: Float64Array): StepPlan {
  return { timesteps, levels: timesteps.map((t) => noiseLevel(alphas[t] ?? 1)) };
}
