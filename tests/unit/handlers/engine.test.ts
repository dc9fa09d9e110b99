import { existsSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it, vi } from 'vitest';
import type { GenerationRequest, RunDetail } from '../../../preload/domain.ts';
import { generate, sha256Of, smallPlace, startVerisim, temporaryFolder, verisim, type Place } from '../cli/verisim.ts';
import { makeDataFolder } from '../../../main/log/data-folder.ts';
import { openLog } from '../../../main/log/log.ts';
import { startEngine, until, type Engine } from './engine-process.ts';
import { smallRequest } from './requests.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const request = (changes: Partial<GenerationRequest> = {}) =>
  smallRequest({ count: 3, sampler: 'dpmpp-2m', ...changes });

/** Long enough to be caught in the middle: batches of four images, each batch a fifth of a second or more. */
const slow = { steps: 200, count: 24 };

const engines: Engine[] = [];
afterEach(async () => {
  for (const engine of engines.splice(0)) {
    await engine.kill();
  }
});

async function start(place: Place): Promise<Engine> {
  const engine = await startEngine(place);
  engines.push(engine);
  return engine;
}

const isEnded = ({ state }: RunDetail): boolean => ['done', 'failed', 'cancelled'].includes(state);

function ended(engine: Engine, runId: string): Promise<RunDetail> {
  return until(() => engine.call('runs.show', { runId }), isEnded);
}

/** Every listed image is whole, and nothing half-written lies beside it. */
function expectWhole(run: RunDetail): void {
  for (const output of run.outputs) expect(sha256Of(output.path)).toBe(output.sha256);
}

describe('the engine process', () => {
  it('answers calls, refuses what does not fit with the path of the field, and ends on SIGTERM', async () => {
    const engine = await start(smallPlace());
    expect(engine.events[0]).toMatchObject({ event: 'engine.state', payload: { state: 'ready' } });
    expect(await engine.call('app.info', {})).toMatchObject({ engineHost: 'node', version: expect.any(String) });
    expect((await engine.call('models.list', {})).models.map(({ id }) => id)).toEqual(['small']);
    const wrong = { ...request(), source: { seriesId: '../etc', sliceIndices: [0], strength: 0.5 } };
    await expect(engine.call('runs.generate', wrong)).rejects.toMatchObject({
      tag: 'InvalidInput',
      message: expect.stringContaining('source.seriesId'),
    });
    await expect(engine.call('constructor' as 'app.info', {})).rejects.toMatchObject({ tag: 'InvalidInput' });
    engine.send({ nonsense: true });
    await engine.stop();
    expect(engine.child.exitCode).toBe(0);
  });

  it('generates one run after another and tells of every change of state', async () => {
    const engine = await start(smallPlace());
    const { runId: first } = await engine.call('runs.generate', request());
    const { runId: second } = await engine.call('runs.generate', request({ seed: 12 }));
    const run = await ended(engine, second);
    expectWhole(run);
    expect(run).toMatchObject({ state: 'done', outputCount: 3, timings: { total: expect.any(Number) } });
    const states = (runId: string) =>
      engine.events.flatMap(({ event, payload }) =>
        event === 'runs.changed' && 'id' in payload && payload.id === runId ? [payload.state] : [],
      );
    expect([...new Set(states(first))]).toEqual(['queued', 'running', 'done']);
    expect([...new Set(states(second))]).toEqual(['queued', 'running', 'done']);
    const { rows, total } = await engine.call('runs.list', {});
    expect([total, rows[0]?.id]).toEqual([2, second]);
    expect((await engine.call('runs.list', { text: 'seed=12' })).rows.map(({ id }) => id)).toEqual([second]);
  });

  it('keeps finished images when a run is cancelled, and goes on with the rest when it is retried', async () => {
    const engine = await start(smallPlace());
    const { runId } = await engine.call('runs.generate', request(slow));
    await until(
      () => engine.call('runs.show', { runId }),
      (run) => run.outputCount >= 4,
    );
    await engine.call('runs.cancel', { runId });
    const cancelled = await ended(engine, runId);
    expect(cancelled.state).toBe('cancelled');
    expect(cancelled.outputCount).toBeGreaterThanOrEqual(4);
    expect(cancelled.outputCount).toBeLessThan(24);
    expectWhole(cancelled);
    expect((await engine.call('runs.retry', { runId })).runId).toBe(runId);
    const done = await ended(engine, runId);
    expect([done.state, done.outputCount]).toEqual(['done', 24]);
    expect(done.outputs.slice(0, 4)).toEqual(cancelled.outputs.slice(0, 4));
    await expect(engine.call('runs.retry', { runId })).rejects.toMatchObject({ tag: 'InvalidInput' });
  });

  it('cancels a waiting run without starting it', async () => {
    const engine = await start(smallPlace());
    await engine.call('runs.generate', request(slow));
    const { runId } = await engine.call('runs.generate', request());
    await engine.call('runs.cancel', { runId });
    expect(await engine.call('runs.show', { runId })).toMatchObject({ state: 'cancelled', startedAt: null });
  });

  it('repeats a run byte for byte', async () => {
    const engine = await start(smallPlace());
    const { runId } = await engine.call('runs.generate', request());
    const first = await ended(engine, runId);
    const again = await engine.call('runs.rerun', { runId });
    const second = await ended(engine, again.runId);
    expect(second.parentRunId).toBe(runId);
    expect(second.outputs.map(({ sha256 }) => sha256)).toEqual(first.outputs.map(({ sha256 }) => sha256));
  });
});

describe('kill -9', () => {
  it('of the engine in the middle of a run: the next one makes what is missing, with the bytes of an undisturbed run', async () => {
    const place = smallPlace();
    const undisturbed = await generate(
      ['--model', 'small', '--count', '24', '--seed', '11', '--steps', '200', '--out', temporaryFolder()],
      smallPlace(),
    );
    const first = await start(place);
    const { runId } = await first.call('runs.generate', request(slow));
    await until(
      () => first.call('runs.show', { runId }),
      (run) => run.outputCount >= 5,
    );
    await first.kill();

    const second = await start(place);
    const run = await ended(second, runId);
    expect([run.state, run.outputCount]).toEqual(['done', 24]);
    expectWhole(run);
    expect(run.outputs.map(({ sha256 }) => sha256)).toEqual(undisturbed.outputs.map(({ sha256 }) => sha256));
    const left = readdirSync(path.join(place.home, 'runs', runId), { recursive: true }).map(String);
    expect(left.filter((name) => name.endsWith('.part'))).toEqual([]);
  });

  it('of the command line: the next engine finishes the run and delivers to the same folder', async () => {
    const place = smallPlace();
    const out = temporaryFolder();
    const args = ['generate', '--model', 'small', '--count', '24', '--steps', '200', '--seed', '11', '--out', out];
    const { child, finished } = startVerisim(args, place);
    while (!existsSync(path.join(out, '0004.png'))) await new Promise((resolve) => setTimeout(resolve, 10));
    child.kill('SIGKILL');
    await finished;
    const engine = await start(place);
    const [row] = (await engine.call('runs.list', {})).rows;
    const run = await ended(engine, row?.id ?? '');
    expect([run.state, run.outputCount]).toEqual(['done', 24]);
    expectWhole(run);
    const delivered = readdirSync(out).filter((name) => name.endsWith('.png'));
    expect(delivered.length).toBe(24);
    for (const { index, sha256 } of run.outputs) {
      expect(sha256Of(path.join(out, `${String(index).padStart(4, '0')}.png`))).toBe(sha256);
    }
  });

  it('of a process that was cancelling or exporting: the run has ended, and is not resumed', async () => {
    const place = smallPlace();
    const log = openLog(makeDataFolder(place.home).database);
    const common = {
      title: 'Left behind',
      modelId: 'small',
      seed: 1,
      provider: 'cpu' as const,
      progress: { done: 0, total: 1, secondsLeft: null, phase: 'Working' },
      parentRunId: null,
      parameters: { ...request() },
      versions: {},
      inputs: [],
      result: null,
      owner: `${process.pid}/another boot/1`,
      delivery: null,
    };
    log.runs.create({ ...common, id: 'cancelling', kind: 'generation', state: 'cancelling' });
    log.runs.create({ ...common, id: 'exporting', kind: 'export', state: 'running' });
    log.close();
    const engine = await start(place);
    expect(await engine.call('runs.show', { runId: 'cancelling' })).toMatchObject({ state: 'cancelled', outputs: [] });
    expect(await engine.call('runs.show', { runId: 'exporting' })).toMatchObject({
      state: 'failed',
      error: { tag: 'EngineStopped' },
    });
  });

  it('an image that is listed but gone is made again when the run goes on', async () => {
    const engine = await start(smallPlace());
    const { runId } = await engine.call('runs.generate', request(slow));
    await until(
      () => engine.call('runs.show', { runId }),
      (run) => run.outputCount >= 6,
    );
    await engine.call('runs.cancel', { runId });
    const before = await ended(engine, runId);
    rmSync(before.outputs[2]?.path ?? '');
    await engine.call('runs.retry', { runId });
    const after = await ended(engine, runId);
    expect(after.outputCount).toBe(24);
    expect(after.outputs[2]).toEqual(before.outputs[2]);
    expectWhole(after);
  });
});

describe('two processes on one log', () => {
  it('never run each other’s jobs, and both finish', async () => {
    const place = smallPlace();
    const engine = await start(place);
    const { runId } = await engine.call('runs.generate', request({ count: 40 }));
    const args = ['--model', 'small', '--count', '20', '--steps', '3', '--seed', '70', '--out', temporaryFolder()];
    const fromCommandLine = await generate(args, place);
    const own = await ended(engine, runId);
    expect([own.state, own.outputCount]).toEqual(['done', 40]);
    const other = await engine.call('runs.show', { runId: fromCommandLine.runId });
    expect([other.state, other.outputCount]).toEqual(['done', 20]);
    expectWhole(own);
    expectWhole(other);
  });

  it('one that runs already takes over what the other leaves behind, killed or stopped', async () => {
    const place = smallPlace();
    for (const end of ['SIGKILL', 'SIGTERM'] as const) {
      const leaving = await start(place);
      const { runId } = await leaving.call('runs.generate', request(slow));
      const staying = await start(place);
      await until(
        () => leaving.call('runs.show', { runId }),
        (run) => run.outputCount >= 2,
      );
      leaving.child.kill(end);
      const run = await ended(staying, runId);
      expect([run.state, run.outputCount]).toEqual(['done', 24]);
      expectWhole(run);
      await staying.stop();
    }
  });

  it('one can cancel what the other runs', async () => {
    const place = smallPlace();
    const engine = await start(place);
    const out = temporaryFolder();
    const args = ['generate', '--model', 'small', '--count', '400', '--steps', '200', '--seed', '70', '--out', out];
    const { finished } = startVerisim(args, place);
    const { rows } = await until(
      () => engine.call('runs.list', { state: 'running' }),
      (list) => (list.rows[0]?.outputCount ?? 0) >= 2,
    );
    await engine.call('runs.cancel', { runId: rows[0]?.id ?? '' });
    expect((await finished).status).toBe(130);
    expect((await verisim(['runs', '--state', 'cancelled', '--json'], place)).stdout).toContain(rows[0]?.id);
  });
});

describe('an engine without its log', () => {
  it('starts, and says to every call why it cannot work', async () => {
    const place = smallPlace();
    const { mkdirSync, writeFileSync } = await import('node:fs');
    mkdirSync(place.home, { recursive: true });
    writeFileSync(path.join(place.home, 'verisim.sqlite'), 'not a database '.repeat(500));
    const engine = await start(place);
    await expect(engine.call('runs.list', {})).rejects.toMatchObject({ tag: 'DatabaseUnusable' });
  });
});
