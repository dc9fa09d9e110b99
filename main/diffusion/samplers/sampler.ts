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
  /** Image to image: how many of them are left out at the start. Default 0. */
  skipped?: number;
  spacing: TimestepSpacing;
  /** Of leading timesteps. Default 0. */
  offset?: number;
  /** Timesteps named one by one, noisiest first, instead of `count` and `spacing`. */
  visited?: readonly number[];
  /** Samplers that choose levels by σ = noise / signal start no higher. Default: where training ended. */
  largestSigma?: number;
  /** Of samplers in σ: the levels of Karras et al. 2022 between the first and the last one. Default false. */
  karras?: boolean;
  /** Of samplers in σ: where the last step arrives, the clean image or the least trained noise. Default zero. */
  finalSigma?: 'zero' | 'smallest';
}

/** One entry per call of the network. */
export interface StepPlan {
  /** What the network is told; whole numbers unless the sampler says otherwise. */
  timesteps: readonly number[];
  /** Noise level of the sample on the way in, same length. */
  levels: readonly NoiseLevel[];
  /** Where the last step arrives. */
  end: NoiseLevel;
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
  /** Of DDIM: the direction is that of the constrained clean sample rather than the predicted noise. Default false. */
  constrainedDirection?: boolean;
  /** Of DDPM: the posterior variance or β. Default small. */
  variance?: 'small' | 'large';
  /** Of the multistep solvers. */
  solver?: SolverSettings;
}

/** Variants of DPM-Solver and UniPC; every default is what the registered samplers use. */
export interface SolverSettings {
  /** Default 2. */
  order?: 1 | 2 | 3;
  /** What is taken to be smooth: the clean sample (the ++ of DPM-Solver) or the noise. Default clean. */
  smooth?: 'clean' | 'noise';
  /** Of DPM-Solver at order 2: how the slope is integrated. Default midpoint. */
  slope?: 'midpoint' | 'heun';
  /** Of UniPC: B(h) = h or e^h − 1. Default bh2. */
  scale?: 'bh1' | 'bh2';
  /** Below 15 steps (UniPC: always) the order falls to 1 at the end. Default true. */
  lowerOrderAtEnd?: boolean;
  /** Of DPM-Solver: the last step is of first order whatever the number of steps. Default false. */
  firstOrderAtEnd?: boolean;
  /** Of UniPC: the steps after which nothing is corrected. Default none. */
  uncorrected?: readonly number[];
}

export interface SamplerRun {
  /**
   * Advances `sample` in place by step `index` of the plan. `noise` gives the standard-normal draw of this step and
   * is called only by samplers that add noise.
   */
  step(index: number, output: ArrayLike<number>, sample: Float64Array, noise: () => Float64Array): void;
}

/** The level of a sample once call `index` is done. */
export function levelAfter({ levels, end }: StepPlan, index: number): NoiseLevel {
  return levels[index + 1] ?? end;
}

/** λ = ln α − ln σ; −∞ without any signal (zero terminal SNR), ∞ without any noise. */
export function halfLogSnr({ signal, noise }: NoiseLevel): number {
  return Math.log(signal) - Math.log(noise);
}

/** The plan of samplers that visit trained timesteps only and end at the clean image. */
export function planAt(timesteps: readonly number[], alphas: Float64Array): StepPlan {
  const levels = timesteps.map((t) => levelOfAlpha(alphas[t] ?? 1));
  return { timesteps, levels, end: { signal: 1, noise: 0 } };
}

/** ᾱ → (√ᾱ, √(1 − ᾱ)). */
export function levelOfAlpha(alphaCumulative: number): NoiseLevel {
  return { signal: Math.sqrt(alphaCumulative), noise: Math.sqrt(1 - alphaCumulative) };
}
