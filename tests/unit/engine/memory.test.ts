import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { engineEnvironment, engineOptions } from '../../../main/app/engine-environment.ts';
import { dryRun } from '../../../main/engine/dry-run.ts';
import { estimatePackBytes, freeBytes } from '../../../main/engine/memory-estimate.ts';
import { readCandidate } from '../../../main/engine/pack-import.ts';

const brain = path.resolve('models/brain-mri-wdm-128');
const tiny = path.join(import.meta.dirname, 'fixtures', 'recipe', 'pixel');
const absent = !existsSync(path.join(brain, 'model.json'));
const limitMs = 300_000;

/** Megabytes of a process that starts as the engine does: at its start, then with the model loaded and after it was released, in turn. */
function memoryOfLoads(times: number): { start: number; loaded: number[]; released: number[] } {
  const program = `
    import { disposeInference, leaseInference } from './main/engine/inference.ts';
    import { readPacks } from './main/engine/packs.ts';
    const hold = setInterval(() => undefined, 1000);
    const megabytes = () => Math.round(process.memoryUsage.rss() / 2 ** 20);
    const { packs: [pack] } = await readPacks([${JSON.stringify(brain)}]);
    const result = { start: megabytes(), loaded: [], released: [] };
    for (let time = 0; time < ${times}; time++) {
      const lease = await leaseInference(new AbortController().signal);
      await lease.load(pack, { provider: 'cpu', encoder: false });
      result.loaded.push(megabytes());
      lease.release();
      await disposeInference();
      result.released.push(megabytes());
    }
    clearInterval(hold);
    console.log(JSON.stringify(result));`;
  const options = { encoding: 'utf8', env: { ...process.env, ...engineEnvironment } } as const;
  const { stdout, stderr } = spawnSync(process.execPath, [...engineOptions, '--eval', program], options);
  if (stdout === '') throw new Error(stderr);
  return JSON.parse(stdout) as ReturnType<typeof memoryOfLoads>;
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1]!;
}

describe.skipIf(absent)('the memory of a model (skipped where models/brain-mri-wdm-128 is absent)', () => {
  it.skipIf(process.platform !== 'linux')(
    'goes back to the system when it is released, and does not grow from one use to the next',
    () => {
      const { start, loaded, released } = memoryOfLoads(12);
      // Weights of 6.5 million parameters take 25 MB; ONNX Runtime's own code and threads stay.
      expect(loaded[0]! - released[0]!).toBeGreaterThan(20);
      expect(released[0]! - start).toBeLessThan(150);
      // The heap goes up and down by 30 MB as it is collected; weights that stayed would be 100 MB after four more uses.
      for (const memory of [loaded, released])
        expect(median(memory.slice(8)) - median(memory.slice(4, 8))).toBeLessThan(50);
    },
    limitMs,
  );

  it(
    'is estimated from the files within a factor of three of what a dry run takes',
    async () => {
      const pack = await readCandidate(brain);
      const { peakBytes } = await dryRun({ pack, provider: 'cpu' }, { signal: AbortSignal.timeout(limitMs) });
      const estimated = await estimatePackBytes(pack);
      expect(estimated).toBeGreaterThan(peakBytes / 3);
      expect(estimated).toBeLessThan(peakBytes * 3);
    },
    limitMs,
  );
});

describe('the estimate', () => {
  it('is larger for a larger network, and this machine has room for both', async () => {
    const small = await estimatePackBytes(await readCandidate(tiny));
    expect(small).toBeGreaterThan(2 ** 20);
    if (!absent) expect(await estimatePackBytes(await readCandidate(brain))).toBeGreaterThan(small);
    expect(freeBytes()).toBeGreaterThan(small);
  });
});
