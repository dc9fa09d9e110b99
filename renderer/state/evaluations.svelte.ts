import type { RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Evaluation, EvaluationRow, ExtractorSummary, MeasureFolder, SetPart } from '../../preload/measure.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { chooseFolder } from './choose-folder.ts';

export interface CohortDraft {
  /** Empty: named after its first part. */
  name: string;
  parts: SetPart[];
}

/** What is measured against what, the evaluation that runs, and the one that is shown. */
export class EvaluationsState {
  folders = $state.raw<MeasureFolder[]>([]);
  extractors = $state.raw<ExtractorSummary[]>([]);
  real = $state.raw<SetPart[]>([]);
  cohorts = $state.raw<CohortDraft[]>([{ name: '', parts: [] }]);
  training = $state.raw<SetPart[]>([]);
  /** Null: that of what made the images, else radiomic features. */
  extractorId = $state<string | null>(null);
  bootstrap = $state(100);
  radiomics = $state(true);
  /** The run that measures. */
  run = $state.raw<RunRow | null>(null);
  busy = $state(false);
  shown = $state.raw<Evaluation | null>(null);
  list = $state.raw<EvaluationRow[]>([]);
  saved = $state.raw<string[] | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly ready: boolean = $derived(this.real.length > 0 && this.cohorts.every(({ parts }) => parts.length > 0));
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    void this.load();
    return this.#client.on('runs.changed', (row) => {
      if (row.kind !== 'evaluation') return;
      const over = row.state === 'done' || row.state === 'failed' || row.state === 'cancelled';
      this.run = over ? null : row;
      if (row.state === 'done') void this.load();
    });
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      const { folders, extractors } = await this.#client.call('measure.choices', {});
      this.folders = folders;
      this.extractors = extractors;
      this.list = (await this.#client.call('measure.list', {})).evaluations;
    });
  }

  /** Shows the folder dialog; null when it was dismissed. */
  chooseFolder(): Promise<SetPart | null> {
    return chooseFolder(this, this.#client);
  }

  /** `nameOf` gives a cohort without a name that of its first part. */
  async measure(nameOf: (part: SetPart) => string): Promise<void> {
    if (!this.ready || this.busy) return;
    this.busy = true;
    this.saved = null;
    await attempt(this, async () => {
      this.shown = await this.#client.call('measure.run', {
        real: this.real,
        cohorts: this.cohorts.map(({ name, parts }) => ({
          name: (name.trim() || nameOf(parts[0]!)).slice(0, 120),
          parts,
        })),
        training: this.training,
        extractorId: this.extractorId,
        bootstrap: this.bootstrap,
        radiomics: this.radiomics,
      });
    });
    if (this.error?.tag === 'Cancelled') this.error = null;
    this.busy = false;
  }

  async cancel(): Promise<void> {
    const runId = this.run?.id;
    if (runId !== undefined) await attempt(this, () => this.#client.call('runs.cancel', { runId }));
  }

  async show(runId: string): Promise<void> {
    this.saved = null;
    await attempt(this, async () => {
      this.shown = await this.#client.call('measure.show', { runId });
    });
  }

  close(): void {
    this.shown = null;
  }

  async saveReport(): Promise<void> {
    const runId = this.shown?.runId;
    if (runId === undefined) return;
    await attempt(this, async () => {
      const { files } = await this.#client.call('measure.chooseReport', { runId });
      this.saved = files.length > 0 ? files : this.saved;
    });
  }
}
