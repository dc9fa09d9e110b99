import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { BenchmarkResult, BenchmarkRow } from '../../../preload/benchmark.ts';
import { withRatios } from '../../../main/handlers/benchmark-ratio.ts';
import { openWorkspace } from '../../../main/handlers/dependencies.ts';
import { runBenchmarks } from '../../../main/handlers/benchmark.ts';
import { temporaryFolder } from '../engine/small-pack.ts';

const root = path.join(import.meta.dirname, '..', '..', '..');
const model = 'brain-mri-wdm-128';
const there = existsSync(path.join(root, 'models', model));

describe.skipIf(!there)(`benchmark (skipped where models/${model} is absent)`, { timeout: 300_000 }, () => {
  const input = {
    modelIds: [model],
    steps: 1,
    repeats: 1,
    counts: [1],
    sampler: 'ddim' as const,
    provider: 'cpu' as const,
  };

  it('tells times, memory and operations, is a run of the log and is remembered as the cost of a run', async () => {
    const workspace = await openWorkspace({
      dataFolder: temporaryFolder(),
      applicationRoot: root,
      engineHost: 'in-process',
    });
    try {
      const result = await runBenchmarks(workspace, input, { signal: new AbortController().signal });
      const [row] = result.rows;
      expect(row).toMatchObject({
        model,
        family: 'wdm',
        steps: 1,
        count: 1,
        repeats: 1,
        ratioToDdpm: null,
        gflopsDecode: null,
      });
      const { encode, denoise, decode, total } = row?.secondsPerImage ?? ({} as BenchmarkRow['secondsPerImage']);
      for (const part of [encode, denoise, decode, total]) {
        expect(part.min).toBeGreaterThan(0);
        expect(part.max).toBeGreaterThanOrEqual(part.median);
      }
      expect(total.median).toBeGreaterThanOrEqual(denoise.median + decode.median);
      expect(row?.peakRssMb).toBeGreaterThan(row?.activationMb ?? Infinity);
      const run = workspace.log.runs.detail(result.runId);
      expect(run).toMatchObject({ kind: 'benchmark', state: 'done', progress: { done: 1, total: 1 } });
      expect((run.result as BenchmarkResult).rows).toEqual(result.rows);
      expect(workspace.log.settings.value(`benchmark.${model}.cpu`)).toMatchObject({
        secondsPerImage: total.median,
        steps: 1,
        peakRssMb: row?.peakRssMb,
      });
    } finally {
      await workspace.close();
    }
  });

  it('ends at a cancel, and the log says so', async () => {
    const workspace = await openWorkspace({
      dataFolder: temporaryFolder(),
      applicationRoot: root,
      engineHost: 'in-process',
    });
    try {
      const abort = new AbortController();
      const running = runBenchmarks(workspace, { ...input, counts: [1000] }, { signal: abort.signal });
      setTimeout(() => abort.abort(), 500);
      await expect(running).rejects.toMatchObject({ tag: 'Cancelled' });
      const { rows } = workspace.log.runs.list({ text: '', kind: 'benchmark', state: null, limit: 10, offset: 0 });
      expect(rows).toMatchObject([{ state: 'cancelled' }]);
    } finally {
      await workspace.close();
    }
  });
});

describe('the ratio to DDPM', () => {
  const spread = (median: number) => ({ median, min: median, max: median });
  const row = (id: string, family: BenchmarkRow['family'], seconds: number, count = 4) =>
    ({ model: id, family, count, secondsPerImage: { total: spread(seconds) } }) as BenchmarkRow;
  const pack = (id: string, modality: string) =>
    ({ manifest: { id, modality, anatomy: 'chest', image: { width: 128, height: 128, channels: 1 } } }) as never;

  it('is that of images per second, against the DDPM pack of the same images and count', () => {
    const packs = [pack('a', 'DX'), pack('b', 'DX'), pack('c', 'MR')];
    const rows = [row('a', 'ddpm', 2), row('b', 'wdm', 0.5), row('c', 'wdm', 0.5), row('b', 'wdm', 0.5, 1)];
    expect(withRatios(rows, packs).map(({ ratioToDdpm }) => ratioToDdpm)).toEqual([1, 4, null, null]);
  });
});
