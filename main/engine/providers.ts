import { listSupportedBackends } from 'onnxruntime-node';
import type { ProviderName } from '../../preload/domain.ts';

const known: readonly ProviderName[] = ['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml'];

/**
 * The providers whose libraries came with this installation, cpu always among them. Whether the machine has the device
 * shows only when a session is made: `createSession` falls back to cpu with a warning.
 */
export function availableProviders(): ProviderName[] {
  const bundled = listSupportedBackends().filter((backend) => backend.bundled);
  return known.filter((name) => name === 'cpu' || bundled.some((backend) => backend.name === name));
}
