import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, it } from 'vitest';
import type { RunRow, RunState } from '../../../preload/domain.ts';
import { isAlive, ownOwner } from '../../../main/engine/queue-owner.ts';
import { throttleRows } from '../../../main/engine/queue-progress.ts';

const row = (done: number, state: RunState = 'running'): RunRow => ({
  id: 'r',
  kind: 'generation',
  state,
  title: '',
  createdAt: '',
  startedAt: null,
  finishedAt: null,
  modelId: null,
  seed: null,
  provider: null,
  progress: { done, total: 1000, secondsLeft: null, phase: '' },
  error: null,
  outputCount: 0,
  parentRunId: null,
  starred: false,
  tags: [],
  note: '',
});

describe('progress', () => {
  it('is told at most ten times a second, and the newest is never lost', async () => {
    const told: RunRow[] = [];
    const tell = throttleRows((one) => told.push(one));
    const started = performance.now();
    let done = 0;
    while (performance.now() - started < 450) {
      tell(row(++done));
      await sleep(2);
    }
    await sleep(150);
    expect(told.length).toBeLessThanOrEqual(2 + (performance.now() - started) / 100);
    expect(told.length).toBeGreaterThan(2);
    expect(told.at(-1)?.progress.done).toBe(done);
  });

  it('a change of state is told at once, and ends what was waiting', async () => {
    const told: RunState[] = [];
    const tell = throttleRows(({ state }) => told.push(state));
    tell(row(0, 'queued'));
    tell(row(0));
    tell(row(1));
    tell(row(1, 'done'));
    expect(told).toEqual(['queued', 'running', 'done']);
    await sleep(150);
    expect(told).toEqual(['queued', 'running', 'done']);
  });
});

describe('the owner of a job', () => {
  it('is alive while its process runs, and is not mistaken for a later process with the same id', () => {
    expect(isAlive(ownOwner())).toBe(true);
    expect(isAlive(`${process.pid}/another boot/1`)).toBe(false);
    expect(isAlive('nonsense')).toBe(false);
    expect(isAlive('0/a/1')).toBe(false);
  });
});
