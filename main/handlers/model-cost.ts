import type { ProviderName } from '../../preload/domain.ts';
import { serialiseError } from '../../preload/errors.ts';
import type { ModelCost } from '../../preload/models.ts';
import type { SlideGenerationResult } from '../../preload/slides.ts';
import { estimatePackBytes, freeBytes, notEnoughMemory } from '../engine/memory-estimate.ts';
import type { ModelPack } from '../engine/packs.ts';
import type { Workspace } from './dependencies.ts';
import { rememberedDryRun, tryProvider } from './dry-runs.ts';

interface CostInput {
  modelId: string;
  provider: ProviderName;
  steps: number;
  guided: boolean;
}

/**
 * What a run would take on this machine. The memory is measured by one dry run for each pack and provider and remembered; where
 * that fails it is estimated from the files. Throws UnknownModel, PackInvalid, HashMismatch, Cancelled.
 */
export async function modelCost(
  workspace: Workspace,
  input: CostInput,
  { signal }: { signal: AbortSignal },
): Promise<ModelCost> {
  const pack = await workspace.packs.find(input.modelId);
  const measured = rememberedDryRun(workspace, pack, input.provider) ?? (await measure(workspace, pack, input, signal));
  const bytes = measured?.peakBytes ?? (await estimatePackBytes(pack));
  const free = freeBytes();
  const fits = bytes <= free;
  return {
    bytes,
    memorySource: measured === null ? 'estimated' : 'measured',
    ...timeOf(workspace, input),
    freeBytes: free,
    fits,
    advice: fits ? '' : notEnoughMemory(input.modelId, bytes, free).message,
  };
}

/** Throws NotEnoughMemory when a run would not fit into what is free now. Measures nothing, so that a run starts at once. */
export async function checkMemory(workspace: Workspace, pack: ModelPack, provider: ProviderName): Promise<void> {
  const bytes = rememberedDryRun(workspace, pack, provider)?.peakBytes ?? (await estimatePackBytes(pack));
  const free = freeBytes();
  if (bytes > free) throw notEnoughMemory(pack.manifest.id, bytes, free);
}

async function measure(
  workspace: Workspace,
  pack: ModelPack,
  { provider }: CostInput,
  signal: AbortSignal,
): Promise<{ peakBytes: number } | null> {
  try {
    const report = await tryProvider(workspace, { pack, provider }, { signal });
    return report.provider === provider ? report : null;
  } catch (error) {
    if (serialiseError(error).tag === 'Cancelled') throw error;
    return null;
  }
}

type Time = Pick<ModelCost, 'secondsPerImage' | 'secondsSource'>;

/**
 * From the last benchmark, else from the last finished run of this model on this provider that made images, else from the last region of a
 * slide, window by window; in proportion to the steps. Guidance takes two places of a batch.
 */
export function timeOf(workspace: Workspace, input: CostInput): Time {
  const { modelId, provider, steps, guided } = input;
  const calls = steps * (guided ? 2 : 1);
  const benchmark = workspace.log.settings.value(`benchmark.${modelId}.${provider}`) as Partial<Benchmark> | null;
  if (isPositive(benchmark?.secondsPerImage) && isPositive(benchmark?.steps)) {
    return { secondsPerImage: (benchmark.secondsPerImage / benchmark.steps) * calls, secondsSource: 'benchmark' };
  }
  const perCall = secondsOfRun(workspace, input) ?? secondsOfRegion(workspace, input);
  return perCall === null
    ? { secondsPerImage: null, secondsSource: null }
    : { secondsPerImage: perCall * calls, secondsSource: 'run' };
}

type Choice = Pick<CostInput, 'modelId' | 'provider'>;

function secondsOfRun({ log }: Workspace, { modelId, provider }: Choice): number | null {
  const { rows } = log.runs.list({ text: '', kind: 'generation', state: 'done', limit: 200, offset: 0 });
  const last = rows.find((row) => row.modelId === modelId && row.provider === provider && row.outputCount > 0);
  if (last === undefined) return null;
  const { timings, parameters, outputCount } = log.runs.detail(last.id);
  const seconds = (timings.denoise ?? 0) + (timings.encode ?? 0) + (timings.decode ?? 0);
  return perCall(seconds, outputCount, parameters as unknown as Sampled);
}

/**
 * Regions that went on with what was there are left out, and variants, which leave out steps: they say nothing of the whole. So are those
 * of earlier versions, which did not count their windows.
 */
function secondsOfRegion({ log }: Workspace, { modelId, provider }: Choice): number | null {
  const { rows } = log.runs.list({ text: '', kind: 'slide', state: 'done', limit: 200, offset: 0 });
  for (const row of rows.filter((one) => one.modelId === modelId && one.provider === provider)) {
    const { parameters, result } = log.runs.detail(row.id);
    const { seconds = 0, windows = 0, kept } = result as Partial<SlideGenerationResult>;
    const sampled = parameters as unknown as Sampled & { source: object | null };
    if (kept === 0 && windows > 0 && sampled.source === null) return perCall(seconds, windows, sampled);
  }
  return null;
}

interface Sampled {
  steps: number;
  classId: string | null;
  guidance: number;
}

function perCall(seconds: number, images: number, { steps, classId, guidance }: Sampled): number | null {
  const found = seconds / images / (steps * (classId !== null && guidance > 1 ? 2 : 1));
  return isPositive(found) ? found : null;
}

/** Written by the benchmark. */
interface Benchmark {
  secondsPerImage: number;
  steps: number;
}

function isPositive(value: number | undefined): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0;
}
