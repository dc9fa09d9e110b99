import type { ProviderName } from '../../preload/domain.ts';

/** What a person sees. */
export const providerNames: Record<ProviderName, string> = {
  cpu: 'CPU',
  webgpu: 'WebGPU',
  cuda: 'CUDA',
  tensorrt: 'TensorRT',
  dml: 'DirectML',
  coreml: 'Core ML',
};
