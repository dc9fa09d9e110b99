import type { DiffusionFamily, ProviderName } from './domain.ts';
import type { SamplerName } from './samplers.ts';

/** The middle one of the repeats, and the shortest and longest. */
export interface Spread {
  median: number;
  min: number;
  max: number;
}

/** One model pack, measured in a process of its own. Everything per image is for full batches without guidance, after a first run that does not count. */
export interface BenchmarkRow {
  model: string;
  family: DiffusionFamily;
  modality: string;
  anatomy: string;
  /** Of the denoiser and of the autoencoder where there is one. */
  parameters: number;
  /** 10⁹ operations per image and call of the denoiser, counted from its ONNX graph; null where that states no shapes. */
  gflopsPerStep: number | null;
  /** The same for the decoder, once per image; null without one. */
  gflopsDecode: number | null;
  steps: number;
  sampler: SamplerName;
  /** What really ran. */
  provider: ProviderName;
  /** Images of one run, and runs that were measured. */
  count: number;
  repeats: number;
  /**
   * denoise: from noise to the last step. decode: to stored values. total: both, with everything between. encode: what image to
   * image adds before the first step.
   */
  secondsPerImage: { encode: Spread; denoise: Spread; decode: Spread; total: Spread };
  /** Of all threads, from noise to stored values: what a loaded machine does not lengthen. */
  processorSecondsPerImage: Spread;
  secondsLoad: number;
  /** Of the whole process at its peak, in 2²⁰ bytes; null where no process of its own could be started. */
  peakRssMb: number | null;
  /** Values that live at one time in one call, from the graph, in 2²⁰ bytes; null where that states no shapes. */
  activationMb: number | null;
  /** Images per second over those of the DDPM pack of the same modality, anatomy, size and count; null where none was measured. */
  ratioToDdpm: number | null;
  /** From the pack's quality card. */
  fid: number | null;
  precision: number | null;
  recall: number | null;
  warnings: string[];
}

export interface BenchmarkResult {
  runId: string;
  rows: BenchmarkRow[];
  /** gflops counts a multiply–add as this many operations. */
  operationsPerMultiplyAdd: number;
  threads: number;
  processor: string;
}
