import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { GenerationRequest } from '../../../preload/domain.ts';
import { smallPlace, verisim, type Place } from '../cli/verisim.ts';
import { startEngine, until, type Engine } from './engine-process.ts';
import { smallRequest } from './requests.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let place: Place;
let engine: Engine;
beforeEach(async () => {
  place = smallPlace();
  engine = await startEngine(place);
});
afterEach(async () => {
  await engine.kill();
});

const add = async (changes: Partial<GenerationRequest> = {}) =>
  (await engine.call('runs.generate', smallRequest(changes))).runId;
const show = (runId: string) => engine.call('runs.show', { runId });

describe('the queue', () => {
  it('stands still and goes on: the running job keeps its finished images, and the pause outlives the process', async () => {
    const slow = await add({ steps: 200, count: 24 });
    await until(
      () => show(slow),
      ({ outputCount }) => outputCount >= 4,
    );
    const after = await add();
    expect(await engine.call('queue.pause', { paused: true })).toMatchObject({ paused: true });
    const paused = await until(
      () => show(slow),
      ({ state }) => state === 'queued',
    );
    expect(paused.outputCount).toBeGreaterThanOrEqual(4);
    const kept = new Map(paused.outputs.map(({ index, sha256 }) => [index, sha256]));
    expect(engine.events).toContainEqual({
      event: 'queue.changed',
      payload: { paused: true, waiting: expect.any(Array) as string[] },
    });

    await engine.stop();
    engine = await startEngine(place);
    await new Promise((resolve) => setTimeout(resolve, 1500));
    expect(await engine.call('queue.state', {})).toEqual({ paused: true, waiting: [slow, after] });
    expect((await show(after)).state).toBe('queued');
    // The command line runs its own jobs meanwhile.
    expect((await verisim(['runs', 'rerun', slow, '--json'], place)).status).toBe(0);

    await engine.call('queue.pause', { paused: false });
    const done = await until(
      () => show(slow),
      ({ state }) => state === 'done',
    );
    expect(done.outputCount).toBe(24);
    for (const { index, sha256 } of done.outputs) if (kept.has(index)) expect(kept.get(index)).toBe(sha256);
    await until(
      () => show(after),
      ({ state }) => state === 'done',
    );
  });

  it('obeys a pause of the command line in the middle of a job, and tells the window', async () => {
    // Many seconds, as the command line takes two to begin.
    const count = 400;
    const slow = await add({ steps: 400, count });
    await until(
      () => show(slow),
      ({ outputCount }) => outputCount >= 4,
    );
    expect((await verisim(['runs', 'pause'], place)).status).toBe(0);
    const paused = await until(
      () => show(slow),
      ({ state }) => state !== 'running',
    );
    expect(paused.state).toBe('queued');
    expect(paused.outputCount).toBeLessThan(count);
    const told = () => engine.events.filter(({ event }) => event === 'queue.changed').map(({ payload }) => payload);
    expect(told()).toEqual([
      { paused: true, waiting: [] },
      { paused: true, waiting: [slow] },
    ]);
    expect(await engine.call('queue.state', {})).toEqual({ paused: true, waiting: [slow] });
    expect((await verisim(['runs', 'resume'], place)).status).toBe(0);
    await until(
      () => show(slow),
      ({ state, outputCount }) => state === 'running' && outputCount > paused.outputCount,
    );
    expect(told()).toHaveLength(3);
    await engine.call('runs.cancel', { runId: slow });
    await until(
      () => show(slow),
      ({ state }) => state === 'cancelled',
    );
  });

  it('is put into another order, what is added later goes last, and one is taken out', async () => {
    await engine.call('queue.pause', { paused: true });
    const [a, b, c] = [await add(), await add(), await add()];
    await engine.call('queue.reorder', { runIds: [c, a] });
    const d = await add();
    expect((await engine.call('queue.state', {})).waiting).toEqual([c, a, b, d]);
    await engine.call('runs.cancel', { runId: a });
    const first = (await engine.call('runs.generate', { ...smallRequest(), first: true })).runId;
    expect((await engine.call('queue.state', {})).waiting).toEqual([first, c, b, d]);
    await engine.call('queue.pause', { paused: false });
    const runs = await Promise.all(
      [first, c, b, d].map((id) =>
        until(
          () => show(id),
          ({ state }) => state === 'done',
        ),
      ),
    );
    const started = runs.map(({ startedAt }) => startedAt ?? '');
    expect(started).toEqual([...started].sort());
    expect((await show(a)).state).toBe('cancelled');
  });
});
