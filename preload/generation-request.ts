import type { SamplerName } from './samplers.ts';

export type ProviderName = 'cpu' | 'webgpu' | 'cuda' | 'tensorrt' | 'dml' | 'coreml';

/** What a person asks for. Everything that decides the bytes, and nothing else, apart from `count`. */
export interface GenerationRequest {
  modelId: string;
  count: number;
  /** Image i has seed `seed + i`; a whole number from 0 to 2^32 − 1. */
  seed: number;
  classId: string | null;
  guidance: number;
  sampler: SamplerName;
  steps: number;
  provider: ProviderName;
  /** Image to image: image i starts from slice sliceIndices[i mod length] of the series. */
  source: { seriesId: string; sliceIndices: number[]; strength: number } | null;
  /** Of image to image: only the masked part of the source is made anew, the rest stays as it is. */
  inpaint?: Inpainting | undefined;
}

export const inpaintingMethods = ['masked', 'repaint'] as const;

export interface Inpainting {
  /** SHA-256 of the mask, which the data folder keeps. */
  maskId: string;
  /** masked: the rest is put back after every step. repaint: steps are also gone back and done again. */
  method: (typeof inpaintingMethods)[number];
  /** Of repaint: how many steps are gone back at a time, and how often each stretch is done in all. */
  jumpLength: number;
  resamples: number;
}

/** The jumps and repetitions of the paper on RePaint; the cheap method unless another is asked for. */
export const inpaintingDefaults = { method: 'masked', jumpLength: 10, resamples: 10 } as const;
