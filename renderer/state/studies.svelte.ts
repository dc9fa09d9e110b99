import type { Events } from '../../preload/contract.ts';
import type { OpenResult, SeriesSummary, SkippedFile } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

/** The series that Verisim knows, the one in view, and what the last opening found or skipped. */
export class StudiesState {
  series = $state.raw<SeriesSummary[]>([]);
  skipped = $state.raw<SkippedFile[]>([]);
  selectedId = $state<string | null>(null);
  /** Counts choices, so that choosing the same series again can put it into another view. */
  selections = $state(0);
  filter = $state('');
  loaded = $state(false);
  opening = $state(false);
  progress = $state.raw<Events['studies.progress'] | null>(null);
  error = $state.raw<VerisimError | null>(null);
  /** Counts the slides that were opened from here, so that their screen can come into view. */
  slidesOpened = $state(0);
  readonly selected: SeriesSummary | null = $derived(this.find(this.selectedId));
  readonly shown: SeriesSummary[] = $derived(this.series.filter((series) => matches(series, this.filter)));
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Lists what is remembered; where nothing is, opens the embedded sample. The returned function ends the subscription. */
  start(): () => void {
    void this.#begin();
    return this.#client.on('studies.progress', (progress) => {
      if (this.opening) this.progress = progress;
    });
  }

  find(seriesId: string | null): SeriesSummary | null {
    return this.series.find(({ id }) => id === seriesId) ?? null;
  }

  select(seriesId: string): void {
    this.selectedId = seriesId;
    this.selections += 1;
  }

  choose(kind: 'files' | 'folder'): Promise<void> {
    return this.#open(() => this.#client.call('studies.choose', { kind }));
  }

  openSample(): Promise<void> {
    return this.#open(() => this.#client.call('studies.openSample', {}));
  }

  openDropped(files: File[]): Promise<void> {
    return this.#open(() => this.#client.openDropped(files));
  }

  /** Ends the opening that is under way. */
  async cancel(): Promise<void> {
    await attempt(this, () => this.#client.call('studies.cancel', {}));
  }

  /** Takes the series off the list; its files stay untouched. */
  async forget(seriesId: string): Promise<void> {
    await attempt(this, async () => {
      await this.#client.call('studies.forget', { seriesId });
      this.series = this.series.filter(({ id }) => id !== seriesId);
      if (this.selectedId === seriesId) this.selectedId = this.series[0]?.id ?? null;
    });
  }

  async #begin(): Promise<void> {
    await attempt(this, async () => this.#receive(await this.#client.call('studies.list', {})));
    if (this.error === null && this.series.length === 0) await this.openSample();
    this.selectedId ??= this.series[0]?.id ?? null;
    this.loaded = true;
  }

  async #open(ask: () => Promise<OpenResult>): Promise<void> {
    if (this.opening) return;
    this.opening = true;
    await attempt(this, async () => {
      const result = await ask();
      this.#receive(result);
      const [first] = result.series;
      if (first !== undefined) this.selectedId = first.id;
      else if (result.slides.length > 0) this.slidesOpened += 1;
    });
    // Who cancels knows it.
    if (this.error?.tag === 'Cancelled') this.error = null;
    this.opening = false;
    this.progress = null;
  }

  /** Newly opened series come first; those opened before keep their place below. */
  #receive({ series, skipped }: OpenResult): void {
    if (series.length === 0 && skipped.length === 0) return;
    const before = this.series.filter((known) => !series.some(({ id }) => id === known.id));
    this.series = [...series, ...before];
    this.skipped = skipped;
  }
}

function matches(series: SeriesSummary, filter: string): boolean {
  const words = filter.toLowerCase().split(/\s+/).filter(Boolean);
  const text = [
    series.modality,
    series.description,
    series.patientName,
    series.patientId,
    series.studyDescription,
    series.studyDate,
    series.synthetic ? 'synthetic syn' : 'real',
  ]
    .join(' ')
    .toLowerCase();
  return words.every((word) => text.includes(word));
}
