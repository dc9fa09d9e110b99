import type { GenerationRequest, ProviderName } from '../../preload/domain.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import type { GeneratedImage, GenerationSummary } from './generate.ts';
import { generateImages } from './generate.ts';
import type { ModelPack } from './packs.ts';

export interface BenchmarkRequest {
  pack: ModelPack;
  provider: ProviderName;
  sampler: SamplerName;
  steps: number;
  /** Images of one run. */
  count: number;
  /** Runs that are measured, after one that is not. */
  repeats: number;
}

export interface BenchmarkMeasurement {
  provider: ProviderName;
  warnings: string[];
  secondsLoad: number;
  /** Per image, one entry a repeat. */
  encode: number[];
  denoise: number[];
  decode: number[];
  total: number[];
  /** Of all threads of this process. */
  processor: number[];
  /** Of this process when the runs were done, before anything was encoded. */
  peakRssMb: number;
}

/**
 * Times the loop that a person's runs go through. Every run is the same: seeds from 0, no class, no guidance. Encoding is timed
 * by starts of image to image on one of the images, with a single step. Throws PackInvalid, HashMismatch, InferenceFailed, Cancelled.
 */
export async function runBenchmark(
  request: BenchmarkRequest,
  { signal, onProgress }: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
): Promise<BenchmarkMeasurement> {
  const { repeats, count, steps } = request;
  const total = 2 * (repeats + 1);
  const runs: GenerationSummary[] = [];
  const processor: number[] = [];
  let image: GeneratedImage | null = null;
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const before = process.cpuUsage();
    const result = await run(request, { count, steps, source: null }, signal);
    const { user, system } = process.cpuUsage(before);
    processor.push((user + system) / 1e6 / count);
    image = result.last;
    runs.push(result.summary);
    onProgress(repeat + 1, total);
  }
  const peakRssMb = process.resourceUsage().maxRSS / 1024;
  const starts: GenerationSummary[] = [];
  const batch = Math.min(count, request.pack.manifest.files.denoiser.batch);
  for (let repeat = 0; repeat <= repeats; repeat++) {
    const { summary } = await run(request, { count: batch, steps: 2, source: image?.pixels ?? null }, signal);
    starts.push(summary);
    onProgress(repeats + 2 + repeat, total);
  }
  const [first, ...measured] = runs;
  const per = (
    summaries: GenerationSummary[],
    images: number,
    part: (summary: GenerationSummary) => number,
  ): number[] => summaries.map((summary) => part(summary) / images);
  return {
    provider: first?.provider ?? request.provider,
    warnings: first?.warnings ?? [],
    secondsLoad: first?.seconds.load ?? 0,
    encode: per(starts.slice(1), batch, ({ seconds }) => seconds.encode ?? 0),
    // Without a source the start is the drawing of noise.
    denoise: per(measured, count, ({ seconds }) => (seconds.encode ?? 0) + (seconds.denoise ?? 0)),
    decode: per(measured, count, ({ seconds }) => seconds.decode ?? 0),
    total: per(measured, count, ({ seconds }) => (seconds.total ?? 0) - (seconds.load ?? 0)),
    processor: processor.slice(1),
    peakRssMb,
  };
}

async function run(
  { pack, provider, sampler }: BenchmarkRequest,
  { count, steps, source }: { count: number; steps: number; source: Float32Array | null },
  signal: AbortSignal,
): Promise<{ summary: GenerationSummary; last: GeneratedImage | null }> {
  const request: GenerationRequest = {
    modelId: pack.manifest.id,
    count,
    seed: 0,
    classId: null,
    guidance: 1,
    sampler,
    steps,
    provider,
    // Of two steps the last one.
    source: source === null ? null : { seriesId: '', sliceIndices: [0], strength: 0.75 },
  };
  const images = generateImages({
    pack,
    request,
    indices: Array.from({ length: count }, (_, index) => index),
    ...(source === null ? {} : { sourceImage: () => Promise.resolve(source) }),
    signal,
    onProgress: () => undefined,
  });
  let last: GeneratedImage | null = null;
  for (let next = await images.next(); ; next = await images.next()) {
    if (next.done === true) return { summary: next.value, last };
    last = next.value;
  }
}
