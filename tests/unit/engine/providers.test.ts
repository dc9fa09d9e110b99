import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { ProviderName } from '../../../preload/domain.ts';
import { type DryRunReport, dryRun } from '../../../main/engine/dry-run.ts';
import { readCandidate } from '../../../main/engine/pack-import.ts';
import { availableProviders, describeProviders } from '../../../main/engine/providers.ts';
import { withFallback } from '../../../main/engine/session-fallback.ts';
import { checkedFallback } from '../../../scripts/electron-fallback.ts';

/** 3 kB of weights: the software adapter takes hundreds of times as long as the processor. */
const tinyPack = path.join(import.meta.dirname, 'fixtures', 'recipe', 'pixel');
/** float32 in another order of summation, of the largest value. */
const tolerance = 1e-4;
const limitMs = 400_000;

const adapter = softwareAdapter();
const before = process.env.VK_ICD_FILENAMES;
afterEach(() => {
  if (before === undefined) delete process.env.VK_ICD_FILENAMES;
  else process.env.VK_ICD_FILENAMES = before;
});

describe('providers', () => {
  it('are all named, cpu is always there, and each says in a sentence what it runs on or how it is had', () => {
    const all = describeProviders();
    expect(all.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml']);
    expect(availableProviders()[0]).toBe('cpu');
    for (const { installed, note } of all)
      expect(note).toMatch(installed ? /^Runs on .+\.$/ : /^Would run on .+\. .+\.$/);
  });

  it('of other systems are not available here', () => {
    const foreign: ProviderName[] = process.platform === 'linux' ? ['dml', 'coreml'] : ['cuda', 'tensorrt'];
    for (const name of foreign) expect(availableProviders()).not.toContain(name);
  });
});

describe('a provider that fails', () => {
  const opened = (provider: ProviderName, run: () => Promise<void>) => ({
    provider,
    warnings: [] as string[],
    released: false,
    run,
    release(): Promise<void> {
      this.released = true;
      return Promise.resolve();
    },
  });
  const second = availableProviders()[1];

  it.skipIf(second === undefined)(
    'on its first run gives way to cpu with its reason, and gives its memory back',
    async () => {
      const failing = opened('webgpu', () => Promise.reject(new Error('device lost')));
      const used = await withFallback(second ?? 'cpu', (provider) =>
        Promise.resolve(provider === 'cpu' ? opened('cpu', () => Promise.resolve()) : failing),
      );
      expect(used.provider).toBe('cpu');
      expect(used.warnings).toEqual([
        `The provider ${second} could not be used (device lost); the processor ran the model instead.`,
      ]);
      expect(failing.released).toBe(true);
    },
  );

  it.skipIf(process.platform !== 'linux')(
    'as there is no adapter gives way to cpu with the same numbers',
    async () => {
      process.env.VK_ICD_FILENAMES = '/absent.json';
      const report = await tryOn('webgpu');
      expect(report.provider).toBe('cpu');
      expect(report.warnings.join()).toMatch(
        /^The provider webgpu could not be used \(.+\); the processor ran the model instead\.$/,
      );
      expect(report.prediction).toEqual((await tryOn('cpu')).prediction);
    },
    limitMs,
  );
});

describe.skipIf(adapter === null)('WebGPU (skipped without libvulkan.so.1 and the SwiftShader of an Electron)', () => {
  it(
    `differs from the processor by at most ${tolerance} of the largest value`,
    async () => {
      process.env.VK_ICD_FILENAMES = adapter ?? '';
      const [webgpu, cpu] = [await tryOn('webgpu'), await tryOn('cpu')];
      expect(webgpu).toMatchObject({ provider: 'webgpu', warnings: [] });
      const largest = Math.max(...cpu.prediction.map(Math.abs));
      const difference = Math.max(...cpu.prediction.map((value, i) => Math.abs(value - (webgpu.prediction[i] ?? NaN))));
      expect(largest).toBeGreaterThan(0);
      expect(difference / largest).toBeLessThan(tolerance);
    },
    limitMs,
  );
});

describe('npm run setup:cuda', () => {
  it('without --yes says what would be fetched and from where, and fetches nothing', () => {
    const { status, stdout, stderr } = spawnSync(process.execPath, ['scripts/setup-cuda.ts'], { encoding: 'utf8' });
    if (process.platform === 'linux' && process.arch === 'x64') {
      if (availableProviders().includes('cuda')) expect(status).toBe(0);
      else {
        expect(status).toBe(2);
        expect(stdout).toMatch(/libonnxruntime_providers_cuda\.so {2}from .+ https:\/\//);
        expect(stdout).toContain('npm run setup:cuda -- --yes');
      }
    } else {
      expect(status).toBe(1);
      expect(stderr).toContain('offers no CUDA libraries');
    }
  });
});

async function tryOn(provider: ProviderName): Promise<DryRunReport> {
  return dryRun({ pack: await readCandidate(tinyPack), provider }, { signal: AbortSignal.timeout(limitMs) });
}

/** The driver file of SwiftShader, Chromium's Vulkan in software, where the loader of the system is there too. */
function softwareAdapter(): string | null {
  if (process.platform !== 'linux') return null;
  const folders = [
    process.env.ELECTRON_OVERRIDE_DIST_PATH,
    checkedFallback.folder,
    path.resolve('node_modules/electron/dist'),
  ];
  const file = folders
    .flatMap((folder) => (folder === undefined ? [] : [path.join(folder, 'vk_swiftshader_icd.json')]))
    .find((candidate) => existsSync(candidate));
  return file !== undefined && loaderIsThere() ? file : null;
}

function loaderIsThere(): boolean {
  try {
    return execFileSync('/sbin/ldconfig', ['-p'], { encoding: 'utf8' }).includes('libvulkan.so.1');
  } catch {
    return false;
  }
}
