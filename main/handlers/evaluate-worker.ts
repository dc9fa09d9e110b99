import { parentPort, workerData } from 'node:worker_threads';
import type { EvaluationResult } from '../../preload/evaluation.ts';
import { serialiseError, VerisimError, type SerialisedError } from '../../preload/errors.ts';
import { inBackground } from '../engine/background-threads.ts';
import { evaluate, type EvaluationWork, type OnPhase } from './evaluate-run.ts';
import { type Positions, positionsOf, type PositionsWork } from './lab-positions.ts';
import { checkOriginality, type OriginalityFound, type OriginalityWork } from './originality-work.ts';
import { type ProbeMeasured, probeOf, type ProbeWork } from './probe-work.ts';
import { type UsefulnessMeasured, usefulnessOf, type UsefulnessWork } from './usefulness-work.ts';

/**
 * The thread of one evaluation, search for copies, map, probe or test of usefulness: reading, features and statistics run here and never
 * block the calls that others wait for. A shared flag asks it to end, which it does at the next report of progress, never inside a call of ONNX Runtime.
 */
export interface EvaluationWorkerSetup {
  work: EvaluationWork | OriginalityWork | PositionsWork | ProbeWork | UsefulnessWork;
  /** An Int32Array of one element; 1 asks for the end. */
  stop: SharedArrayBuffer;
}

export type EvaluationThreadResult =
  EvaluationResult | OriginalityFound | Positions | ProbeMeasured | UsefulnessMeasured;

export type EvaluationWorkerReply =
  | { kind: 'progress'; phase: string; done: number; total: number }
  | { kind: 'result'; result: EvaluationThreadResult }
  | { kind: 'failed'; error: SerialisedError };

const millisecondsBetweenReports = 100;

if (parentPort !== null) {
  const port = parentPort;
  const { work, stop } = workerData as EvaluationWorkerSetup;
  const flag = new Int32Array(stop);
  let lastReport = 0;
  let lastPhase = '';
  const onPhase = (phase: string, done: number, total: number): void => {
    if (Atomics.load(flag, 0) === 1) throw new VerisimError('Cancelled', 'The evaluation was cancelled.');
    const now = performance.now();
    if (phase === lastPhase && now - lastReport < millisecondsBetweenReports) return;
    lastReport = now;
    lastPhase = phase;
    port.postMessage({ kind: 'progress', phase, done, total } satisfies EvaluationWorkerReply);
  };
  const reply = await inBackground(() => resultOf(work, onPhase)).then(
    (result): EvaluationWorkerReply => ({ kind: 'result', result }),
    (error: unknown): EvaluationWorkerReply => ({ kind: 'failed', error: serialiseError(error) }),
  );
  port.postMessage(reply);
}

async function resultOf(work: EvaluationWorkerSetup['work'], onPhase: OnPhase): Promise<EvaluationThreadResult> {
  switch (work.kind) {
    case 'evaluation':
      return evaluate(work, onPhase);
    case 'originality':
      return checkOriginality(work, onPhase);
    case 'positions':
      return positionsOf(work, onPhase);
    case 'probe':
      return probeOf(work, onPhase);
    case 'usefulness':
      return usefulnessOf(work, onPhase);
  }
}
