import type { ModelSummary, SeriesSummary } from '../../preload/domain.ts';
import type { SamplerName } from '../../preload/samplers.ts';

export type StepPreset = 'preview' | 'standard' | 'best';
export const stepPresets: readonly StepPreset[] = ['preview', 'standard', 'best'];

/** This slice only, or every n-th slice of the whole series. */
export type SliceRange = { kind: 'this' } | { kind: 'every'; nth: number };

export const largestSeed = 0xffff_ffff;

/** Steps a preset stands for. The ancestral sampler needs several times as many as the deterministic ones. */
export function stepsForPreset(preset: StepPreset, sampler: SamplerName, model: ModelSummary): number {
  const standard = sampler === model.defaults.sampler ? model.defaults.steps : sampler === 'ddpm' ? 250 : 20;
  const factor = { preview: 0.5, standard: 1, best: sampler === 'ddpm' ? 4 : 2.5 }[preset];
  return Math.min(1000, Math.max(4, Math.round(standard * factor)));
}

/** 0-based indices into the acquired slices, in order. */
export function sliceIndicesForRange(range: SliceRange, current: number, sliceCount: number): number[] {
  if (range.kind === 'this') return [current];
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

/** Plain sentences on why a series may not suit a model; empty when nothing speaks against it. */
export function fitWarnings(model: ModelSummary, series: SeriesSummary): string[] {
  const warnings: string[] = [];
  if (!sameModality(model.modality, series.modality)) {
    warnings.push(
      `${model.name} was trained on ${model.modality} images; this series is ${series.modality}. The result will not be meaningful.`,
    );
  }
  const described = `${series.description} ${series.studyDescription}`;
  const region = regionIn(described);
  if (region !== null && regionIn(model.anatomy) !== null && region !== regionIn(model.anatomy)) {
    warnings.push(
      `${model.name} makes images of the ${model.anatomy.toLowerCase()}; this series seems to show the ${region}.`,
    );
  }
  if (series.synthetic) warnings.push('This series is itself synthetic; what is made from it is synthetic twice over.');
  return warnings;
}

const projectionModalities = new Set(['CR', 'DX', 'RG']);

function sameModality(first: string, second: string): boolean {
  if (first === second || second === 'OT') return true;
  return projectionModalities.has(first) && projectionModalities.has(second);
}

const regions: readonly { name: string; words: RegExp }[] = [
  { name: 'brain', words: /brain|head|skull|cranial|cerebr|colin/i },
  { name: 'chest', words: /chest|thorax|lung|pulmon/i },
  { name: 'abdomen', words: /abdom|liver|hepat|kidney|renal|pancrea/i },
  { name: 'pelvis', words: /pelvi|prostat|hip\b/i },
  { name: 'spine', words: /spine|lumbar|cervical/i },
  { name: 'knee', words: /knee/i },
  { name: 'breast', words: /breast|mammo/i },
];

function regionIn(text: string): string | null {
  return regions.find(({ words }) => words.test(text))?.name ?? null;
}
