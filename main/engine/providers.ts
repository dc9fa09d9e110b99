import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { listSupportedBackends } from 'onnxruntime-node';
import type { ProviderName } from '../../preload/domain.ts';

interface Provider {
  name: ProviderName;
  /** Where it exists at all. */
  platforms: readonly NodeJS.Platform[];
  runsOn: string;
  /** The library that its installation brings, beside the addon; null where it is part of ONNX Runtime. */
  library: string | null;
}

const everywhere = ['linux', 'win32', 'darwin'] as const;
const providers: readonly Provider[] = [
  { name: 'cpu', platforms: everywhere, runsOn: 'the processor', library: null },
  { name: 'webgpu', platforms: everywhere, runsOn: 'any graphics card, by WebGPU', library: null },
  {
    name: 'cuda',
    platforms: ['linux'],
    runsOn: 'a graphics card of NVIDIA, by CUDA',
    library: 'libonnxruntime_providers_cuda.so',
  },
  {
    name: 'tensorrt',
    platforms: ['linux'],
    runsOn: 'a graphics card of NVIDIA, by TensorRT',
    library: 'libonnxruntime_providers_tensorrt.so',
  },
  { name: 'dml', platforms: ['win32'], runsOn: 'any graphics card, by DirectML', library: null },
  {
    name: 'coreml',
    platforms: ['darwin'],
    runsOn: 'the graphics and neural processors of a Mac, by Core ML',
    library: null,
  },
];

/**
 * The providers whose libraries are there, cpu always among them. Whether the machine has the device
 * shows only when a session is made: `createSession` falls back to cpu with a warning.
 */
export function availableProviders(): ProviderName[] {
  return describeProviders()
    .filter(({ installed }) => installed)
    .map(({ name }) => name);
}

/** Every provider of this platform and those of the others, each with one sentence: what it runs on, or how it is had. */
export function describeProviders(): { name: ProviderName; installed: boolean; note: string }[] {
  const supported = listSupportedBackends();
  return providers.map((provider) => {
    const { name, platforms, runsOn, library } = provider;
    const part = supported.find((backend) => backend.name === name);
    const here = platforms.includes(process.platform) && (name === 'cpu' || part !== undefined);
    const installed = here && (library === null || existsSync(path.join(addonFolder(), library)));
    if (installed) return { name, installed, note: `Runs on ${runsOn}.` };
    const remedy = here ? 'Install it with npm run setup:cuda.' : 'Not offered for this system.';
    return { name, installed, note: `Would run on ${runsOn}. ${remedy}` };
  });
}

/** Where ONNX Runtime looks for the libraries of its providers. */
function addonFolder(): string {
  const packageFolder = path.dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json'));
  return path.join(packageFolder, 'bin', 'napi-v6', process.platform, process.arch);
}
