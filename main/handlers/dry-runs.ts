import type { ProviderName } from '../../preload/domain.ts';
import { type DryRunReport, dryRun } from '../engine/dry-run.ts';
import { type ModelPack, weightsSha256 } from '../engine/packs.ts';
import type { Workspace } from './dependencies.ts';
import { applicationVersion } from './versions.ts';

/** What one dry run of a pack on a provider of this machine told; asked again for other weights or another version. */
export interface RememberedDryRun {
  peakBytes: number;
  secondsPerStep: number;
  /** Largest difference from the processor, relative to its largest value. */
  difference: number;
}

/** Null where that pack, with these weights, never ran on that provider under this version. */
export function rememberedDryRun({ log }: Workspace, pack: ModelPack, provider: ProviderName): RememberedDryRun | null {
  const value = log.settings.value(keyOf(pack, provider)) as Partial<RememberedDryRun & Stamp> | null;
  const stamp = stampOf(pack);
  if (value?.weights !== stamp.weights || value.version !== stamp.version) return null;
  const { peakBytes, secondsPerStep, difference } = value;
  if (peakBytes === undefined || secondsPerStep === undefined || difference === undefined) return null;
  return { peakBytes, secondsPerStep, difference };
}

export function rememberDryRun(
  { log }: Workspace,
  pack: ModelPack,
  { provider, peakBytes, secondsPerStep, difference }: RememberedDryRun & Pick<DryRunReport, 'provider'>,
): void {
  const measured = { peakBytes, secondsPerStep, difference, measuredAt: new Date().toISOString() };
  log.settings.set(keyOf(pack, provider), { ...measured, ...stampOf(pack) });
}

/**
 * Tries the pack on the provider, and on the processor for comparison, each in a process of its own. The report's provider
 * is cpu where the wanted one could not be used; its warnings say why. Throws PackInvalid, HashMismatch, Cancelled.
 */
export async function tryProvider(
  workspace: Workspace,
  { pack, provider }: { pack: ModelPack; provider: ProviderName },
  { signal }: { signal: AbortSignal },
): Promise<DryRunReport & { difference: number }> {
  const options = { signal, host: workspace.dryRunHost };
  const report = await dryRun({ pack, provider }, options);
  if (report.provider !== provider) return { ...report, difference: 0 };
  const onCpu = provider === 'cpu' ? report : await dryRun({ pack, provider: 'cpu' }, options);
  const result = { ...report, difference: relativeDifference(report.prediction, onCpu.prediction) };
  rememberDryRun(workspace, pack, result);
  return result;
}

function relativeDifference(actual: Float32Array, expected: Float32Array): number {
  let [largest, difference] = [0, 0];
  expected.forEach((value, i) => {
    largest = Math.max(largest, Math.abs(value));
    difference = Math.max(difference, Math.abs((actual[i] ?? NaN) - value));
  });
  return largest === 0 ? difference : difference / largest;
}

interface Stamp {
  weights: string;
  version: string;
}

function stampOf(pack: ModelPack): Stamp {
  return { weights: weightsSha256(pack), version: applicationVersion };
}

function keyOf({ manifest }: ModelPack, provider: ProviderName): string {
  return `dryRun.${manifest.id}.${provider}`;
}
