import type { RunDetail, RunProgress } from '../../preload/domain.ts';
import { serialiseError } from '../../preload/errors.ts';
import { throttleRows } from '../engine/queue-progress.ts';
import type { NewRun, RunChanges } from '../log/runs.ts';
import type { Workspace } from './dependencies.ts';
import { newRunId } from './generation.ts';
import { versions } from './versions.ts';

/** What the run is, before it begins. */
export type LoggedRun = Pick<RunDetail, 'kind' | 'title' | 'parameters'> &
  Partial<Pick<NewRun, 'modelId' | 'provider' | 'inputs' | 'parentRunId'>> & { total: number; phase: string };

export interface LoggedRunContext {
  runId: string;
  signal: AbortSignal;
  report(progress: Pick<RunProgress, 'done' | 'total' | 'phase'> & Partial<RunProgress>): void;
}

/**
 * Does work of this process as one run of the log: with progress, to be cancelled like any run and when the workspace closes, failed where the work
 * throws.
 * The work says what its end adds to the row. Throws what the work throws.
 */
export function loggedRun<Result>(
  workspace: Workspace,
  run: LoggedRun,
  { signal, work }: LoggedWork<Result>,
): Promise<Result> {
  const { ending } = workspace;
  return ending.holdsFor(runLogged(workspace, run, { signal: AbortSignal.any([signal, ending.signal]), work }));
}

interface LoggedWork<Result> {
  signal: AbortSignal;
  work: (context: LoggedRunContext) => Promise<{ result: Result; changes: RunChanges }>;
}

async function runLogged<Result>(
  workspace: Workspace,
  run: LoggedRun,
  { signal, work }: LoggedWork<Result>,
): Promise<Result> {
  const { log, emit } = workspace;
  const runId = newRunId();
  const { total, phase, ...described } = run;
  log.runs.create({
    modelId: null,
    provider: null,
    inputs: [],
    parentRunId: null,
    ...described,
    id: runId,
    state: 'running',
    seed: null,
    progress: { done: 0, total, secondsLeft: null, phase },
    versions: versions(),
    result: null,
    owner: workspace.queue.owner,
    delivery: null,
  });
  log.runs.change(runId, { startedAt: new Date().toISOString() });
  const cancel = new AbortController();
  const announce = throttleRows((row) => {
    emit('runs.changed', row);
  });
  let progress: RunProgress = { done: 0, total, secondsLeft: null, phase };
  const report: LoggedRunContext['report'] = (news) => {
    progress = { secondsLeft: null, ...news };
    const row = log.runs.row(runId);
    if (row.state === 'cancelling') cancel.abort();
    announce({ ...row, progress });
  };
  // The wish to cancel comes through the log, also while nothing is reported.
  const watch = setInterval(() => log.runs.row(runId).state === 'cancelling' && cancel.abort(), watchMs);
  report(progress);
  try {
    const { result, changes } = await work({ runId, signal: AbortSignal.any([signal, cancel.signal]), report });
    const done = { ...progress, done: progress.total, secondsLeft: null, phase: 'Done' };
    log.runs.change(runId, {
      ...changes,
      state: 'done',
      finishedAt: new Date().toISOString(),
      owner: null,
      progress: done,
    });
    return result;
  } catch (error) {
    const { tag, message } = serialiseError(error);
    const outcome =
      tag === 'Cancelled' ? { state: 'cancelled' as const } : { state: 'failed' as const, error: { tag, message } };
    log.runs.change(runId, { ...outcome, finishedAt: new Date().toISOString(), owner: null });
    throw error;
  } finally {
    clearInterval(watch);
    announce(log.runs.row(runId));
  }
}

const watchMs = 500;
