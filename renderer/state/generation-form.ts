import type { ModelSummary } from '../../preload/domain.ts';
import type { Inpainting } from '../../preload/generation-request.ts';
import { type SamplerName, samplerTitles } from '../../preload/samplers.ts';

export type QualityPreset = 'preview' | 'standard' | 'best';
export const qualityPresets: readonly QualityPreset[] = ['preview', 'standard', 'best'];

export interface SamplerChoice {
  sampler: SamplerName;
  steps: number;
}

/** This slice only, every n-th slice of the whole series, or those of a run that is changed. */
export type SliceRange = { kind: 'this' } | { kind: 'every'; nth: number } | { kind: 'listed'; sliceIndices: number[] };

export const largestSeed = 0xffff_ffff;
const mostSteps = 1000;
const previewSteps = 12;

/** Few steps of a fast solver; what the pack was made for; the pack's sampler with four times its steps. */
export function samplerOfPreset(preset: QualityPreset, model: ModelSummary): SamplerChoice {
  const { sampler, steps } = model.defaults;
  if (preset === 'preview') return { sampler: 'dpmpp-2m-karras', steps: Math.min(previewSteps, steps) };
  return { sampler, steps: preset === 'standard' ? steps : Math.min(mostSteps, steps * 4) };
}

/** The preset that a choice equals, or null where it was set by hand. */
export function presetOf(choice: SamplerChoice, model: ModelSummary): QualityPreset | null {
  const matches = (preset: QualityPreset): boolean => {
    const { sampler, steps } = samplerOfPreset(preset, model);
    return sampler === choice.sampler && steps === choice.steps;
  };
  return qualityPresets.find(matches) ?? null;
}

/** Steps to begin with after a sampler was chosen: the ancestral sampler needs several times as many as the others. */
export function usualSteps(sampler: SamplerName, model: ModelSummary): number {
  if (sampler === model.defaults.sampler) return model.defaults.steps;
  return sampler === 'ddpm' ? 250 : 20;
}

export function describeSampler({ sampler, steps }: SamplerChoice): string {
  return `${samplerTitles[sampler]}, ${steps} ${steps === 1 ? 'step' : 'steps'}`;
}

/** Guidance takes a chosen class and a weight above 1. */
export function isGuided(request: { classId: string | null; guidance: number }): boolean {
  return request.classId !== null && request.guidance > 1;
}

interface CallFactors extends SamplerChoice {
  classId: string | null;
  guidance: number;
  /** Null without a source. */
  strength: number | null;
  /** Null where no part of a source is kept. */
  inpaint: Omit<Inpainting, 'maskId'> | null;
}

/**
 * Evaluations of the network for one image: the steps that are left at this strength (SDEdit leaves out the first ones), those
 * that RePaint does again, two for each step of Heun's method but the last, twice as many with guidance.
 */
export function networkCallsPerImage(request: CallFactors): number {
  const { sampler, steps, strength, inpaint } = request;
  const left = strength === null ? steps : Math.min(steps, Math.trunc(steps * strength));
  const done = left + repeatedSteps(left, inpaint);
  const calls = sampler === 'heun' ? Math.max(0, 2 * done - 1) : done;
  return isGuided(request) ? 2 * calls : calls;
}

/** Every whole stretch of `jumpLength` steps but the last is done `resamples` times: 250 steps, jumps of 10, 10 times: 2,410 calls. */
function repeatedSteps(steps: number, inpaint: CallFactors['inpaint']): number {
  if (inpaint?.method !== 'repaint') return 0;
  const { jumpLength, resamples } = inpaint;
  const stretches = Math.max(0, Math.ceil((steps - jumpLength) / jumpLength));
  return stretches * jumpLength * (resamples - 1);
}

/** 0-based indices into the acquired slices, in order. */
export function sliceIndicesForRange(range: SliceRange, current: number, sliceCount: number): number[] {
  if (range.kind === 'this') return [current];
  if (range.kind === 'listed') return range.sliceIndices;
  const step = Math.max(1, Math.round(range.nth));
  return Array.from({ length: Math.ceil(sliceCount / step) }, (_, index) => index * step);
}

/** Seed of image `index` in a run that began at `seed`: (seed + index) mod 2^32. */
export function seedOfImage(seed: number, index: number): number {
  return (seed + index) % (largestSeed + 1);
}

export function randomSeed(): number {
  const [seed = 0] = crypto.getRandomValues(new Uint32Array(1));
  return seed;
}
