/** The stored comparison of packs on one held-out set, which scripts/head-to-head.ts measures and the window draws. Plain types. */
import type { DiffusionFamily } from './domain.ts';
import type { MetricName, MetricValue } from './evaluation.ts';
import type { SamplerName } from './samplers.ts';

/** One pack, sampled in one way. */
export interface HeadToHeadRow {
  model: string;
  family: DiffusionFamily;
  sampler: SamplerName;
  steps: number;
  /** First digits of the hashes of the networks that made the images. */
  weights: string;
  images: number;
  /** Of the denoiser and of the autoencoder where there is one, counted from the graphs. */
  parameters: number;
  /** 10⁹ operations of one call of the denoiser, and of one image: every call and the decoder; null where a graph states no shapes. */
  gflopsPerCall: number | null;
  gflopsPerImage: number | null;
  /** Without loading. Null where nothing was timed. */
  secondsPerImage: number | null;
  /** A benchmark repeats and takes the middle; a generation is timed once, with whatever else the machine did. */
  secondsFrom: 'benchmark' | 'generation' | null;
  /** Of the whole process at its peak, in 2²⁰ bytes; only a benchmark tells. */
  peakRssMb: number | null;
  metrics: Record<MetricName, Pick<MetricValue, 'value' | 'low' | 'high' | 'atFloor'>>;
  /** Suspected copies of training images; null without a threshold. */
  copies: number | null;
  /** No other row is faster, better and more diverse at once (better: FID, more diverse: recall); null where one of them is missing. */
  onFrontier: boolean | null;
}

export interface HeadToHead {
  schema: 1;
  title: string;
  /** Name of the data folder. */
  data: string;
  /** ISO 8601 UTC. */
  measuredAt: string;
  /** Of the program; empty outside a repository. */
  commit: string;
  command: string;
  n: { real: number; training: number };
  extractor: { id: string; version: string; width: number };
  guidance: number;
  seed: number;
  /** Null where no benchmark was made. */
  machine: { processor: string; threads: number } | null;
  /** Halves of the real images against each other; to be held against `atFloor` of the rows, which has as many images. */
  floor: Record<MetricName, MetricValue['floor']>;
  rows: HeadToHeadRow[];
}
