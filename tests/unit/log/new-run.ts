import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import type { NewRun } from '../../../main/log/runs.ts';

export const newLogFile = (): string =>
  path.join(mkdtempSync(path.join(os.tmpdir(), 'verisim-log-')), 'verisim.sqlite');

export const newRun = (id: string, changes: Partial<NewRun> = {}): NewRun => ({
  id,
  kind: 'generation',
  state: 'queued',
  title: `Run ${id}`,
  modelId: 'small',
  seed: 5,
  provider: 'cpu',
  progress: { done: 0, total: 2, secondsLeft: null, phase: 'Waiting' },
  parentRunId: null,
  parameters: { count: 2, source: null },
  versions: { verisim: '0' },
  inputs: [{ name: 'model', sha256: 'aa', path: '/m.onnx' }],
  result: null,
  owner: null,
  delivery: null,
  ...changes,
});
