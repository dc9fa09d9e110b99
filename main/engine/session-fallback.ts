import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { availableProviders } from './providers.ts';

interface Runnable {
  warnings: string[];
  run(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Opens with the wanted provider and runs once, since drivers may fail as late as that; where either fails, opens with cpu and
 * a warning that names the reason. A pack whose files are wrong is refused, whatever the provider.
 */
export async function withFallback<Opened extends Runnable>(
  wanted: ProviderName,
  open: (provider: ProviderName) => Promise<Opened>,
): Promise<Opened> {
  if (wanted === 'cpu') return open('cpu');
  let reason = 'it is not part of this installation';
  if (availableProviders().includes(wanted)) {
    let opened: Opened | null = null;
    try {
      opened = await open(wanted);
      await opened.run();
      return opened;
    } catch (error) {
      if (error instanceof VerisimError && error.tag === 'HashMismatch') throw error;
      await opened?.release().catch(() => undefined);
      reason = reasonIn(error);
    }
  }
  const onCpu = await open('cpu');
  onCpu.warnings.push(`The provider ${wanted} could not be used (${reason}); the processor ran the model instead.`);
  return onCpu;
}

function reasonIn(error: unknown): string {
  if (error instanceof VerisimError) return error.details.found ?? error.message;
  return error instanceof Error ? error.message : String(error);
}
