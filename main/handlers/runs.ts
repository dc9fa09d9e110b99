import type { CallParsed } from '../../preload/contract.ts';
import type { GenerationRequest, RunDetail, RunOutput, RunRow } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { deliveredFiles } from '../engine/queue-delivery.ts';
import type { Delivery } from '../log/runs.ts';
import type { Workspace } from './dependencies.ts';
import { createGeneration } from './generation.ts';

export function listRuns(
  { log, queue }: Workspace,
  filter: CallParsed<'runs.list'>,
): { rows: RunRow[]; total: number } {
  const { rows, total } = log.runs.list(filter);
  return { rows: rows.map((row) => (row.state === 'running' ? queue.row(row.id) : row)), total };
}

/** Throws UnknownRun. */
export function showRun({ log, queue }: Workspace, runId: string): RunDetail {
  return { ...log.runs.detail(runId), ...queue.row(runId) };
}

/** Finished images are kept. A run that has ended already stays as it is. Throws UnknownRun, InvalidInput for a review. */
export function cancelRun({ log, queue }: Workspace, runId: string): Record<string, never> {
  if (log.runs.row(runId).kind === 'review') {
    throw new VerisimError(
      'InvalidInput',
      `Run ${runId} is a review, which waits for its reader; it is no job to cancel.`,
    );
  }
  queue.cancel(runId);
  return {};
}

/** Lets a failed or cancelled generation go on with the images it lacks: the same run. Throws UnknownRun, InvalidInput. */
export function retryRun(workspace: Workspace, runId: string): { runId: string } {
  const { kind, state } = generation(workspace.log.runs.detail(runId), 'retried');
  if (state !== 'failed' && state !== 'cancelled') {
    throw new VerisimError('InvalidInput', `Run ${runId} is ${state}; only a failed or cancelled ${kind} can go on.`, {
      expected: 'failed or cancelled',
      found: state,
    });
  }
  return requeue(workspace, runId);
}

/** A generation that has ended waits again, for the images that it lacks. Throws UnknownRun, InvalidInput. */
export function requeue({ log, queue, engineHost, emit }: Workspace, runId: string): { runId: string } {
  log.transaction(() => {
    const { progress } = generation(log.runs.detail(runId), 'continued');
    const owner = engineHost === 'in-process' ? queue.owner : null;
    const waiting = { ...progress, secondsLeft: null, phase: 'Waiting' };
    log.runs.change(runId, { state: 'queued', error: null, finishedAt: null, owner, progress: waiting });
  });
  emit('runs.changed', log.runs.row(runId));
  queue.wake();
  return { runId };
}

/** The jobs that wait, in order, and whether the queue stands still. */
export function queueState({ log, queue }: Workspace): { paused: boolean; waiting: string[] } {
  return { paused: queue.paused(), waiting: log.runs.waiting() };
}

/** The running generation is put back with its finished images; it goes on after the pause. Outlives the process. */
export function pauseQueue(workspace: Workspace, paused: boolean): { paused: boolean; waiting: string[] } {
  workspace.queue.pause(paused);
  return queueState(workspace);
}

/** These jobs first, in this order. */
export function reorderQueue(workspace: Workspace, runIds: string[]): { paused: boolean; waiting: string[] } {
  workspace.log.runs.reorder(runIds);
  const state = queueState(workspace);
  workspace.emit('queue.changed', state);
  return state;
}

/** The same request again as a new run, whose images have the same bytes. Throws UnknownRun, InvalidInput, HashMismatch. */
export async function rerun(
  workspace: Workspace,
  runId: string,
  delivery: Delivery | null = null,
): Promise<{ runId: string }> {
  const parent = generation(workspace.log.runs.detail(runId), 'run again');
  return createGeneration(workspace, parent.parameters as unknown as GenerationRequest, { parent, delivery });
}

function generation(run: RunDetail, action: string): RunDetail {
  if (run.kind === 'generation') return run;
  throw new VerisimError('InvalidInput', `Run ${run.id} is a ${run.kind}; only generations can be ${action}.`, {
    expected: 'a generation',
    found: run.kind,
  });
}

/** The files that a generation was asked to deliver, else its images in the data folder. */
export async function filesOfRun({ log }: Workspace, runId: string): Promise<RunOutput[]> {
  const delivery = log.runs.delivery(runId);
  return delivery === null ? log.runs.detail(runId).outputs : deliveredFiles(log.runs.outputs(runId), delivery);
}
