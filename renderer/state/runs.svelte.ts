import type { RunDetail, RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Lineage, RunsComparison } from '../../preload/run-log.ts';
import type { CallInput } from '../../preload/contract.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import type { GridRequest } from './grid-form.ts';
import { oneMore } from './one-more.ts';
import { RunPages } from './run-pages.svelte.ts';

/**
 * The experiment log as the window shows it: one filtered, live list, the chosen runs, and the one whose details are shown with its
 * parent. Kept up to date by the `runs.changed` event alone.
 */
export class RunsState {
  readonly pages: RunPages;
  /** Of several chosen runs the last one; its details are shown. */
  selectedId = $state<string | null>(null);
  /** All chosen runs, in the order in which they were chosen. */
  chosenIds = $state.raw<readonly string[]>([]);
  detail = $state.raw<RunDetail | null>(null);
  parent = $state.raw<RunDetail | null>(null);
  exported = $state.raw<string[] | null>(null);
  compared = $state.raw<RunsComparison | null>(null);
  lineage = $state.raw<Lineage | null>(null);
  vocabulary = $state.raw<{ fields: readonly string[]; names: string[]; tags: string[] }>({
    fields: [],
    names: [],
    tags: [],
  });
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
    this.pages = new RunPages(client);
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    void this.pages.load();
    void this.#loadDetail();
    void this.loadVocabulary();
    return this.#client.on('runs.changed', (row) => this.#receive(row));
  }

  async select(runId: string | null): Promise<void> {
    this.chosenIds = runId === null ? [] : [runId];
    await this.#show(runId);
  }

  /** Adds a run to the chosen ones, or takes it out. */
  async toggle(runId: string): Promise<void> {
    const kept = this.chosenIds.filter((id) => id !== runId);
    this.chosenIds = kept.length === this.chosenIds.length ? [...kept, runId] : kept;
    await this.#show(this.chosenIds.at(-1) ?? null);
  }

  async #show(runId: string | null): Promise<void> {
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

  mark(marks: CallInput<'runs.mark'>): Promise<void> {
    return attempt(this, async () => {
      await this.#client.call('runs.mark', marks);
      if (marks.addTags !== undefined) await this.loadVocabulary();
    });
  }

  compareChosen(): Promise<void> {
    const runIds = [...this.chosenIds];
    return attempt(this, async () => {
      this.compared = await this.#client.call('runs.compare', { runIds });
    });
  }

  showLineage(runId: string, index: number | null): Promise<void> {
    return attempt(this, async () => {
      this.lineage = await this.#client.call('runs.lineage', { runId, index });
    });
  }

  /** One run for every combination; the list then shows those of its tag. Tells whether it was queued. */
  async queueGrid(grid: GridRequest): Promise<boolean> {
    let queued = false;
    await attempt(this, async () => {
      const { tag } = await this.#client.call('runs.grid', grid);
      queued = true;
      this.pages.text = `tag=${tag}`;
      await this.pages.load();
    });
    return queued;
  }

  async loadVocabulary(): Promise<void> {
    await attempt(this, async () => {
      this.vocabulary = await this.#client.call('runs.vocabulary', {});
    });
  }

  #receive(row: RunRow): void {
    this.pages.receive(row);
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
