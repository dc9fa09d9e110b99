import type { RunDetail, RunKind, RunRow, RunState } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { oneMore } from './one-more.ts';

const pageSize = 200;

/**
 * The experiment log as the window shows it: one filtered, live list and the one chosen run with its parent.
 * Kept up to date by the `runs.changed` event alone.
 */
export class RunsState {
  rows = $state.raw<RunRow[]>([]);
  total = $state(0);
  text = $state('');
  kind = $state<RunKind | null>(null);
  runState = $state<RunState | null>(null);
  loaded = $state(false);
  selectedId = $state<string | null>(null);
  detail = $state.raw<RunDetail | null>(null);
  parent = $state.raw<RunDetail | null>(null);
  exported = $state.raw<string[] | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly filtered = $derived(this.text.trim() !== '' || this.kind !== null || this.runState !== null);
  readonly #client: Client;
  #listLoad = 0;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    void this.load();
    void this.#loadDetail();
    return this.#client.on('runs.changed', (row) => this.#receive(row));
  }

  async load(): Promise<void> {
    const turn = ++this.#listLoad;
    await attempt(this, async () => {
      const page = await this.#query(0);
      if (turn !== this.#listLoad) return;
      this.rows = page.rows;
      this.total = page.total;
    });
    this.loaded = true;
  }

  async loadMore(): Promise<void> {
    const turn = ++this.#listLoad;
    await attempt(this, async () => {
      const page = await this.#query(this.rows.length);
      if (turn !== this.#listLoad) return;
      const known = this.rows;
      this.rows = [...known, ...page.rows.filter(({ id }) => !known.some((row) => row.id === id))];
      this.total = page.total;
    });
  }

  async select(runId: string | null): Promise<void> {
    if (runId !== this.selectedId) {
      this.selectedId = runId;
      this.detail = null;
      this.parent = null;
      this.exported = null;
    }
    if (runId !== null) await this.#loadDetail();
  }

  cancel(runId: string): Promise<void> {
    return attempt(this, () => this.#client.call('runs.cancel', { runId }));
  }

  /** Both select the new run, so that its progress is in view at once. */
  retry(runId: string): Promise<void> {
    return attempt(this, async () => this.select((await this.#client.call('runs.retry', { runId })).runId));
  }

  rerun(runId: string): Promise<void> {
    return attempt(this, async () => this.select((await this.#client.call('runs.rerun', { runId })).runId));
  }

  #query(offset: number): Promise<{ rows: RunRow[]; total: number }> {
    return this.#client.call('runs.list', {
      text: this.text.trim(),
      kind: this.kind,
      state: this.runState,
      limit: pageSize,
      offset,
    });
  }

  #receive(row: RunRow): void {
    const at = this.rows.findIndex(({ id }) => id === row.id);
    if (at >= 0 && (this.runState === null || this.runState === row.state)) this.rows = this.rows.with(at, row);
    else if (at >= 0 || this.filtered) void this.load();
    else {
      this.rows = [row, ...this.rows];
      this.total += 1;
    }
    if (row.id !== this.selectedId) return;
    const before = this.detail;
    if (before !== null) this.detail = { ...before, ...row };
    if (before === null || before.state !== row.state || before.outputCount !== row.outputCount)
      void this.#loadDetail();
  }

  readonly #loadDetail = oneMore(async () => {
    const runId = this.selectedId;
    if (runId === null) return;
    await attempt(this, async () => {
      const detail = await this.#client.call('runs.show', { runId });
      if (this.selectedId !== runId) return;
      this.detail = detail;
      const { parentRunId } = detail;
      if (parentRunId === null || this.parent?.id === parentRunId) return;
      const parent = await this.#client.call('runs.show', { runId: parentRunId });
      if (this.selectedId === runId) this.parent = parent;
    });
  });
}
