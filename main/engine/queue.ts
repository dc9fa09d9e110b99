import type { RunRow, RunState } from '../../preload/domain.ts';
import { serialiseError } from '../../preload/errors.ts';
import { isAlive, ownOwner } from './queue-owner.ts';
import { throttleRows } from './queue-progress.ts';
import { runGeneration, type QueueDependencies } from './queue-run.ts';

/**
 * The generations that wait or run. A row of the log is the job, so nothing is lost with the process. One generation
 * runs at a time; several processes may share the log, as each job has at most one owner.
 */
export interface Queue {
  /** The name under which this process holds jobs. */
  readonly owner: string;
  /** Takes back what dead processes left, then works until nothing waits. Call it after a job was added. */
  wake(): void;
  /** Keeps the finished images. A run that is not waiting or running stays as it is. Throws UnknownRun. */
  cancel(runId: string): void;
  /** Waits for the end of a run of this process. */
  finished(runId: string): Promise<RunRow>;
  /** The row with its newest progress, which is written to the log only now and then. Throws UnknownRun. */
  row(runId: string): RunRow;
  /** Puts the running job back into the queue, keeping its finished images, and takes no further one. */
  stop(): Promise<void>;
  /** Like `stop`, until it is ended; kept in the log, so that it holds after a restart. The command line, which runs only its own jobs, is not held up. */
  pause(paused: boolean): void;
  paused(): boolean;
}

const lookAgainMs = 1000;
/** How soon a pause of another process, such as the command line, is obeyed. */
const followMs = 300;
const pausedSetting = 'queue.paused';

interface Current {
  row: RunRow;
  abort: AbortController;
}

export function createQueue(dependencies: QueueDependencies & { shared: boolean; onQueue: () => void }): Queue {
  const { log, shared } = dependencies;
  const { runs } = log;
  const owner = ownOwner();
  const announce = throttleRows(dependencies.onRow);
  const waiting = new Map<string, { resolve(row: RunRow): void; reject(error: unknown): void }[]>();
  let current: Current | null = null;
  let working: Promise<void> | null = null;
  let stopping = false;
  let nextLook: NodeJS.Timeout | undefined;
  let wasPaused = paused();
  const following = shared ? setInterval(follow, followMs).unref() : undefined;

  return { owner, wake, cancel, finished, row, stop, pause, paused };

  function wake(): void {
    if (stopping) return;
    if (shared && recover()) lookAgain();
    working ??= work()
      .catch(fail)
      .finally(() => {
        working = null;
      });
  }

  async function work(): Promise<void> {
    for (let id = nextJob(); id !== null; id = nextJob()) await perform(id);
  }

  function nextJob(): string | null {
    return stopping || paused() ? null : runs.claim(owner, shared);
  }

  function paused(): boolean {
    return shared && log.settings.value(pausedSetting) === true;
  }

  function pause(on: boolean): void {
    log.settings.set(pausedSetting, on);
    obeyPause();
  }

  function obeyPause(): void {
    wasPaused = paused();
    if (wasPaused) current?.abort.abort();
    else wake();
    dependencies.onQueue();
  }

  /** The log is the only way by which another process tells that it paused the queue. */
  function follow(): void {
    try {
      if (log.changedElsewhere() && paused() !== wasPaused) obeyPause();
    } catch {
      // A log that cannot be read says so to whoever asks for something; here nobody did.
    }
  }

  async function perform(id: string): Promise<void> {
    const abort = new AbortController();
    current = { row: runs.row(id), abort };
    announce(current.row);
    const final = await runGeneration(id, dependencies, {
      signal: abort.signal,
      onRow: (changed) => {
        if (current !== null) current.row = changed;
        announce(changed);
        if (changed.state === 'cancelling') abort.abort();
      },
    }).then(
      (changes) => finish(id, { state: 'done', ...changes }),
      (error: unknown) => finish(id, outcomeOf(error, abort.signal)),
    );
    current = null;
    announce(final);
    if (final.state === 'queued') dependencies.onQueue();
    settle(final);
  }

  function settle(final: RunRow): void {
    for (const { resolve } of waiting.get(final.id) ?? []) resolve(final);
    waiting.delete(final.id);
  }

  /** The log itself failed: nobody can be left to wait. */
  function fail(error: unknown): void {
    for (const { reject } of [...waiting.values()].flat()) reject(error);
    waiting.clear();
  }

  function outcomeOf(error: unknown, signal: AbortSignal): { state: RunState; error: RunRow['error'] } {
    const asked = current?.row.state === 'cancelling';
    if (signal.aborted) return { state: (stopping || paused()) && !asked ? 'queued' : 'cancelled', error: null };
    const { tag, message } = serialiseError(error);
    return { state: 'failed', error: { tag, message } };
  }

  /** When even the log cannot be written, the outcome is at least told; the next start finds the job unfinished. */
  function finish(id: string, changes: Parameters<typeof runs.change>[1] & { state: RunState }): RunRow {
    const finishedAt = changes.state === 'queued' ? null : new Date().toISOString();
    const progress = current?.row.progress ?? runs.row(id).progress;
    const phase = { done: 'Done', cancelled: 'Cancelled', failed: 'Failed', queued: 'Waiting' }[
      changes.state as 'done'
    ];
    const all = { ...changes, finishedAt, owner: null, progress: { ...progress, secondsLeft: null, phase } };
    try {
      runs.change(id, all);
      return runs.row(id);
    } catch (error) {
      const { tag, message } = serialiseError(error);
      return { ...(current?.row ?? runs.row(id)), state: 'failed', finishedAt, error: { tag, message } };
    }
  }

  function cancel(id: string): void {
    const changed = log.transaction(() => {
      const { state } = runs.row(id);
      if (state !== 'queued' && state !== 'running') return false;
      const holder = runs.owner(id);
      const held = state === 'running' && holder !== null && isAlive(holder);
      runs.change(id, held ? { state: 'cancelling' } : cancelled());
      return true;
    });
    if (!changed) return;
    if (current?.row.id === id) {
      current.row = { ...current.row, state: 'cancelling' };
      current.abort.abort();
    }
    announce(row(id));
    const settled = runs.row(id);
    if (settled.state === 'cancelled') settle(settled);
  }

  function finished(id: string): Promise<RunRow> {
    const { state } = runs.row(id);
    if (state === 'done' || state === 'failed' || state === 'cancelled') return Promise.resolve(runs.row(id));
    return new Promise((resolve, reject) => waiting.set(id, [...(waiting.get(id) ?? []), { resolve, reject }]));
  }

  function row(id: string): RunRow {
    return current?.row.id === id ? current.row : runs.row(id);
  }

  async function stop(): Promise<void> {
    stopping = true;
    clearTimeout(nextLook);
    clearInterval(following);
    current?.abort.abort();
    await working;
  }

  /**
   * What a dead process was generating waits again for any engine; what it was cancelling is cancelled; an export, which is
   * quickly begun again, has failed. True while another living process holds jobs.
   */
  function recover(): boolean {
    return log.transaction(() => {
      let heldElsewhere = false;
      for (const { id, kind, state, owner: holder } of runs.owned()) {
        if (isAlive(holder)) {
          heldElsewhere ||= holder !== owner;
          continue;
        }
        if (state === 'cancelling') runs.change(id, cancelled());
        else runs.change(id, kind === 'generation' ? { state: 'queued', owner: null } : stopped());
      }
      return heldElsewhere;
    });
  }

  /**
   * No other process tells when it ends or gives a job back (the engine of an application that was killed a moment ago does),
   * so its jobs are looked at again for as long as it holds any.
   */
  function lookAgain(): void {
    clearTimeout(nextLook);
    nextLook = setTimeout(wake, lookAgainMs).unref();
  }
}

function cancelled() {
  return { state: 'cancelled' as const, owner: null, finishedAt: new Date().toISOString() };
}

function stopped() {
  const message = 'The process ended before this was finished. Start it again.';
  const error = { tag: 'EngineStopped', message };
  return { state: 'failed' as const, owner: null, finishedAt: new Date().toISOString(), error };
}
