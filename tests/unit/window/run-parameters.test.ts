import { describe, expect, it } from 'vitest';
import type { RunDetail } from '../../../preload/domain.ts';
import { comparedImagesOf, compareWithParent, generationRequestOf } from '../../../renderer/state/run-parameters.ts';

const done: RunDetail = {
  id: 'a',
  kind: 'generation',
  state: 'done',
  title: '',
  createdAt: '2026-01-01T00:00:00Z',
  startedAt: null,
  finishedAt: null,
  modelId: 'm',
  seed: 5,
  provider: 'cpu',
  progress: { done: 2, total: 2, secondsLeft: 0, phase: '' },
  error: null,
  outputCount: 2,
  parentRunId: null,
  starred: false,
  tags: [],
  note: '',
  parameters: { modelId: 'm', count: 2, seed: 5, sampler: 'ddim', steps: 20 },
  inputs: [],
  outputs: [
    { index: 0, path: '', sha256: 'aa', seed: 5, format: 'png' },
    { index: 1, path: '', sha256: 'bb', seed: 6, format: 'png' },
  ],
  versions: {},
  timings: {},
  peakRssMb: null,
  warnings: [],
  result: null,
};

describe('a re-run beside its parent', () => {
  it('is equal only when it is done and every hash agrees', () => {
    expect(compareWithParent({ ...done, id: 'b' }, done)).toEqual({ kind: 'equal', compared: 2 });
  });

  it('is pending while outputs are missing, even if those there agree', () => {
    const running: RunDetail = { ...done, state: 'running', outputs: done.outputs.slice(0, 1) };
    expect(compareWithParent(running, done)).toEqual({ kind: 'pending', finished: 1, total: 2 });
  });

  it('names the images whose bytes differ as soon as one does', () => {
    const [first, second] = done.outputs;
    if (first === undefined || second === undefined) throw new Error('two outputs are given above');
    const other: RunDetail = { ...done, state: 'running', outputs: [first, { ...second, sha256: 'cc' }] };
    expect(compareWithParent(other, done)).toEqual({ kind: 'different', compared: 2, differing: [1] });
  });
});

describe('parameters from the log', () => {
  it('are read only where their shape is known', () => {
    expect(generationRequestOf(done)?.seed).toBe(5);
    expect(generationRequestOf({ kind: 'generation', parameters: { seed: 'x' } })).toBeNull();
    const left = { kind: 'slice', seriesId: 's', sliceIndex: 3 };
    const right = { kind: 'output', runId: 'a', index: 0 };
    expect(comparedImagesOf({ kind: 'comparison', parameters: { left, right } })).toEqual({ left, right });
    expect(comparedImagesOf({ kind: 'comparison', parameters: { left: null, right } })).toBeNull();
  });
});
