import { readdirSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { writeSmallPack } from '../engine/small-pack.ts';
import { temporaryFolder } from '../cli/verisim.ts';
import { type Bench, context, generate, openBench } from './workspace.ts';

const benches: Bench[] = [];
afterEach(async () => {
  for (const { workspace } of benches.splice(0)) await workspace.close();
});

async function bench(): Promise<Bench> {
  const opened = await openBench();
  benches.push(opened);
  return opened;
}

function ownPack(id = 'mine'): string {
  return writeSmallPack(temporaryFolder(), 'whole-timesteps', (manifest) => (manifest.id = id));
}

const cost = { modelId: 'small', provider: 'cpu', steps: 10, guided: false } as const;

describe('the window', () => {
  it('imports a pack, makes images with it, and removes it when no run needs it', async () => {
    const opened = await bench();
    const { handlers, workspace, place } = opened;
    const { model } = await handlers['models.import']({ folder: ownPack(), replace: false }, context);
    expect(model).toMatchObject({ id: 'mine', origin: 'imported' });
    const { models, refused } = await handlers['models.list']({}, context);
    expect([models.map(({ id }) => id), refused]).toEqual([['small', 'mine'], []]);
    const { runId } = await handlers['runs.generate'](
      { ...(await generate(opened, { modelId: 'mine' })).parameters, steps: 900, count: 200 } as never,
      context,
    );
    await expect(handlers['models.remove']({ modelId: 'mine' }, context)).rejects.toMatchObject({
      tag: 'ModelInUse',
      message: expect.stringContaining(runId) as string,
    });
    await handlers['runs.cancel']({ runId }, context);
    await workspace.queue.finished(runId);
    await handlers['models.remove']({ modelId: 'mine' }, context);
    expect(readdirSync(path.join(place.home, 'models'))).toEqual([]);
  });

  it('is told that a pack of that id is there before anything is replaced', async () => {
    const { handlers } = await bench();
    await handlers['models.import']({ folder: ownPack(), replace: false }, context);
    const again = handlers['models.import']({ folder: ownPack(), replace: false }, context);
    await expect(again).rejects.toMatchObject({ tag: 'ModelExists' });
    await handlers['models.import']({ folder: ownPack(), replace: true }, context);
  });
});

describe('what a run costs', () => {
  it('is measured once for a pack and a provider, and remembered', async () => {
    const { handlers, workspace } = await bench();
    const first = await handlers['models.cost'](cost, context);
    expect(first).toMatchObject({
      memorySource: 'measured',
      secondsPerImage: null,
      secondsSource: null,
      fits: true,
      advice: '',
    });
    expect(first.bytes).toBeGreaterThan(0);
    expect(workspace.log.settings.value('dryRun.small.cpu')).toMatchObject({ peakBytes: first.bytes });
    expect((await handlers['models.cost'](cost, context)).bytes).toBe(first.bytes);
  });

  it('in seconds comes from the last run, then from the benchmark, in proportion to steps and guidance', async () => {
    const opened = await bench();
    const { handlers, workspace } = opened;
    await generate(opened, { steps: 4 });
    const fromRun = await handlers['models.cost'](cost, context);
    expect(fromRun.secondsSource).toBe('run');
    expect(fromRun.secondsPerImage).toBeGreaterThan(0);
    workspace.log.settings.set('benchmark.small.cpu', { secondsPerImage: 2, steps: 20 });
    expect(await handlers['models.cost'](cost, context)).toMatchObject({
      secondsPerImage: 1,
      secondsSource: 'benchmark',
    });
    expect(await handlers['models.cost']({ ...cost, guided: true }, context)).toMatchObject({ secondsPerImage: 2 });
  });

  it('in seconds comes from a region of a slide where no image was made, window by window', async () => {
    const { handlers, workspace } = await bench();
    const region = { width: 96, height: 64, seed: 1, classId: null, guidance: 1, sampler: 'ddim', steps: 5 } as const;
    const where = { modelId: 'small', provider: 'cpu', blockSide: 512, micronsPerPixel: null, source: null } as const;
    const made = await handlers['slides.generate']({ ...region, ...where, coarseScale: null }, context);
    const { windows, seconds } = made;
    expect(windows).toBeGreaterThan(1);
    const { secondsPerImage, secondsSource } = await handlers['models.cost'](cost, context);
    expect(secondsSource).toBe('run');
    expect(secondsPerImage).toBeCloseTo((seconds / windows) * 2, 6);
    const { windows: _, ...uncounted } = made;
    workspace.log.runs.change(made.runId, { result: uncounted });
    expect((await handlers['models.cost'](cost, context)).secondsPerImage).toBeNull();
  });

  it('beyond the free memory is refused before a run is queued, with what to do', async () => {
    const opened = await bench();
    const { handlers, workspace } = opened;
    const { bytes } = await handlers['models.cost'](cost, context);
    const remembered = workspace.log.settings.value('dryRun.small.cpu') as Record<string, unknown>;
    workspace.log.settings.set('dryRun.small.cpu', { ...remembered, peakBytes: 2 ** 50 });
    const large = await handlers['models.cost'](cost, context);
    expect(large).toMatchObject({ fits: false, bytes: 2 ** 50, memorySource: 'measured' });
    expect(large.advice).toMatch(
      /^The model small needs about 1048576\.0 GB of memory and .+ is free\. Close other programs/,
    );
    await expect(generate(opened)).rejects.toMatchObject({ tag: 'NotEnoughMemory' });
    expect(
      (await handlers['runs.list']({ text: '', kind: null, state: null, limit: 10, offset: 0 }, context)).total,
    ).toBe(0);
    workspace.log.settings.set('dryRun.small.cpu', { ...remembered, peakBytes: bytes });
    expect((await generate(opened)).state).toBe('done');
  });
});

describe('the choice of a provider', () => {
  it('is kept, and one that is not installed is refused with those that are', async () => {
    const { handlers } = await bench();
    const foreign = process.platform === 'darwin' ? 'dml' : 'coreml';
    await expect(handlers['providers.prefer']({ provider: foreign }, context)).rejects.toMatchObject({
      tag: 'ProviderUnavailable',
      details: { expected: expect.stringContaining('cpu') as string },
    });
    const { providers } = await handlers['providers.prefer']({ provider: 'cpu' }, context);
    expect(providers.filter(({ preferred }) => preferred).map(({ name }) => name)).toEqual(['cpu']);
  });

  it('is tried by running the model', async () => {
    const { handlers } = await bench();
    const check = await handlers['providers.check']({ provider: 'cpu', modelId: 'small' }, context);
    expect(check).toMatchObject({ works: true, reason: '', difference: 0 });
    const failed = await handlers['providers.check']({ provider: 'tensorrt', modelId: 'small' }, context);
    expect(failed.works).toBe(false);
    expect(failed.reason).toMatch(/^The provider tensorrt could not be used/);
  });
});
