import type { RunRow } from '../../preload/domain.ts';
import type { Client } from '../client.ts';
import type { ApplicationState } from './application.svelte.ts';

const pending: readonly RunRow['state'][] = ['queued', 'running', 'cancelling'];

/** The runs that are not over, for the tray at the foot of the window. A review waits for its reader and is no job. */
export class JobsState {
  pending = $state.raw<RunRow[]>([]);
  readonly running: RunRow | null = $derived(this.pending.find(({ state }) => state !== 'queued') ?? null);
  readonly queued: number = $derived(this.pending.filter(({ state }) => state === 'queued').length);
  readonly #client: Client;
  readonly #application: ApplicationState;

  constructor(client: Client, application: ApplicationState) {
    this.#client = client;
    this.#application = application;
  }

  /** Begins to listen; the returned function ends it. `onEnded` hears of every run that leaves the tray. */
  start(onEnded: (run: RunRow) => void): () => void {
    const endRuns = this.#client.on('runs.changed', (row) => this.#receive(row, onEnded));
    const endEngine = this.#client.on('engine.state', ({ state }) => state === 'ready' && void this.#load());
    void this.#load();
    return () => {
      endRuns();
      endEngine();
    };
  }

  async cancel(runId: string): Promise<void> {
    try {
      await this.#client.call('runs.cancel', { runId });
    } catch (error) {
      this.#application.report(error);
    }
  }

  #receive(row: RunRow, onEnded: (run: RunRow) => void): void {
    const at = this.pending.findIndex(({ id }) => id === row.id);
    const isPending = pending.includes(row.state) && row.kind !== 'review';
    if (at >= 0 && !isPending) {
      this.pending = this.pending.toSpliced(at, 1);
      onEnded(row);
    } else if (at >= 0) this.pending = this.pending.with(at, row);
    else if (isPending) this.pending = [...this.pending, row];
  }

  async #load(): Promise<void> {
    try {
      const pages = await Promise.all(pending.map((state) => this.#client.call('runs.list', { state })));
      const jobs = pages.flatMap(({ rows }) => rows).filter(({ kind }) => kind !== 'review');
      this.pending = jobs.sort((a, b) => a.createdAt.localeCompare(b.createdAt));
    } catch (error) {
      this.#application.report(error);
    }
  }
}
