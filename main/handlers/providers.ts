import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ProviderCheck, ProviderStatus } from '../../preload/models.ts';
import { availableProviders, describeProviders } from '../engine/providers.ts';
import type { Workspace } from './dependencies.ts';
import { tryProvider } from './dry-runs.ts';

const settingName = 'provider';

/**
 * Above this part of the largest value a provider is taken to compute something else than the processor does. float32 in another
 * order of summation stays below 1e-4; TF32, which CUDA uses for convolutions, below 1e-2.
 */
const largestDifference = 0.02;

/** What a run starts with unless it says otherwise: the person's choice, and cpu where none was made or it is gone. */
export function preferredProvider({ log }: Workspace): ProviderName {
  const chosen = log.settings.value(settingName);
  return availableProviders().find((name) => name === chosen) ?? 'cpu';
}

export function listProviders(workspace: Workspace): { providers: ProviderStatus[] } {
  const preferred = preferredProvider(workspace);
  return { providers: describeProviders().map((one) => ({ ...one, preferred: one.name === preferred })) };
}

/** Throws ProviderUnavailable. */
export function preferProvider(workspace: Workspace, provider: ProviderName): { providers: ProviderStatus[] } {
  const status = describeProviders().find(({ name }) => name === provider);
  if (status?.installed !== true) {
    const expected = availableProviders().join(', ');
    throw new VerisimError(
      'ProviderUnavailable',
      `The provider ${provider} is not part of this installation. ${status?.note ?? ''} Available: ${expected}.`,
      { expected, found: provider },
    );
  }
  workspace.log.settings.set(settingName, provider);
  return listProviders(workspace);
}

/** Whether the model runs on the provider, how fast, and how near the processor's numbers. Throws UnknownModel, HashMismatch, Cancelled. */
export async function checkProvider(
  workspace: Workspace,
  { provider, modelId }: { provider: ProviderName; modelId: string },
  { signal }: { signal: AbortSignal },
): Promise<ProviderCheck> {
  const pack = await workspace.packs.find(modelId);
  const failed = (reason: string): ProviderCheck => ({
    provider,
    modelId,
    works: false,
    reason,
    secondsPerStep: null,
    difference: null,
  });
  try {
    const report = await tryProvider(workspace, { pack, provider }, { signal });
    if (report.provider !== provider) return failed(report.warnings.join(' '));
    const { secondsPerStep, difference } = report;
    const works = difference <= largestDifference;
    const reason = works ? '' : `Its numbers differ from those of the processor by ${(difference * 100).toFixed(1)} %.`;
    return { provider, modelId, works, reason, secondsPerStep, difference };
  } catch (error) {
    if (error instanceof VerisimError && (error.tag === 'PackInvalid' || error.tag === 'InferenceFailed'))
      return failed(error.message);
    throw error;
  }
}
