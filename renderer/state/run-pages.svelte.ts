import { SvelteMap } from 'svelte/reactivity';
import type { RunKind, RunRow, RunSort, RunState } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

const pageSize = 100;
/** Pages further from the last one asked for are dropped: a list of 100,000 runs stays a few hundred rows in memory. */
const mostPages = 12;

/** The list of runs, of which only the pages around what is shown are there. */
export class RunPages {
  total = $state(0);
  text = $state('');
  kind = $state<RunKind | null>(null);
  runState = $state<RunState | null>(null);
  sort = $state.raw<RunSort>({ by: 'created', descending: true });
  loaded = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly filtered = $derived(this.text.trim() !== '' || this.kind !== null || this.runState !== null);
  readonly #client: Client;
  readonly #pages = new SvelteMap<number, RunRow[]>();
  #asked: readonly number[] = [];
  #turn = 0;
  #shown: readonly [number, number] = [0, 0];
  #again: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The row at this place, or null while it is fetched. */
  at(place: number): RunRow | null {
    return this.#pages.get(Math.floor(place / pageSize))?.[place % pageSize] ?? null;
  }

  /** Where a loaded run stands; −1 where it is not loaded. */
  placeOf(runId: string): number {
    for (const [page, rows] of this.#pages) {
      const at = rows.findIndex(({ id }) => id === runId);
      if (at >= 0) return page * pageSize + at;
    }
    return -1;
  }

  /** Fetches what is missing of these places. */
  show(first: number, last: number): void {
    this.#shown = [Math.floor(first / pageSize), Math.floor(Math.max(first, last - 1) / pageSize)];
    this.#fetchMissing();
  }

  #fetchMissing(): void {
    for (const page of range(...this.#shown))
      if (!this.#pages.has(page) && !this.#asked.includes(page)) void this.#fetch(page);
  }

  /** From the beginning, with the filter and order as they are. Rows that are shown stay until the new ones are there. */
  async load(): Promise<void> {
    const turn = ++this.#turn;
    this.#asked = [];
    const [first, last] = this.#shown;
    await attempt(this, async () => {
      const pages = await Promise.all(
        [...range(first, last)].map(async (page) => [page, await this.#query(page)] as const),
      );
      if (turn !== this.#turn) return;
      this.#pages.clear();
      for (const [page, { rows, total }] of pages) {
        this.#pages.set(page, rows);
        this.total = total;
      }
      const end = Math.max(0, Math.ceil(this.total / pageSize) - 1);
      // The filter left fewer runs than were scrolled over, and nobody scrolled back meanwhile.
      if (this.#shown[0] > end) {
        this.#shown = [end, end];
        await this.load();
      }
      // Who scrolled meanwhile is at other places, and what was fetched for them is gone with the rows of before.
      this.#fetchMissing();
    });
    this.loaded = true;
  }

  sortBy(by: RunSort['by']): Promise<void> {
    const textual = ['title', 'kind', 'model', 'state', 'provider'].includes(by);
    this.sort = { by, descending: this.sort.by === by ? !this.sort.descending : !textual };
    return this.load();
  }

  /** A row of which there is news; one that is not in view may change what is. */
  receive(row: RunRow): void {
    const place = this.placeOf(row.id);
    const page = this.#pages.get(Math.floor(place / pageSize));
    const before = page?.[place % pageSize];
    if (page !== undefined && before !== undefined) {
      this.#pages.set(Math.floor(place / pageSize), page.with(place % pageSize, row));
      if (!this.filtered || before.state === row.state) return;
    }
    clearTimeout(this.#again);
    this.#again = setTimeout(() => void this.load(), 100);
  }

  async #fetch(page: number): Promise<void> {
    const turn = this.#turn;
    this.#asked = [...this.#asked, page];
    await attempt(this, async () => {
      const { rows, total } = await this.#query(page);
      if (turn !== this.#turn) return;
      this.#pages.set(page, rows);
      this.total = total;
      for (const known of this.#pages.keys()) if (Math.abs(known - page) > mostPages) this.#pages.delete(known);
    });
    this.#asked = this.#asked.filter((one) => one !== page);
  }

  #query(page: number): Promise<{ rows: RunRow[]; total: number }> {
    const { text, kind, runState: state, sort } = this;
    return this.#client.call('runs.list', {
      text: text.trim(),
      kind,
      state,
      sort,
      limit: pageSize,
      offset: page * pageSize,
    });
  }
}

function* range(first: number, last: number): Iterable<number> {
  for (let page = first; page <= last; page++) yield page;
}
