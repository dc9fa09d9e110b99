import type { RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { SetPart } from '../../preload/measure.ts';
import type { ProbeResult, UsefulnessKind, UsefulnessResult, UsefulnessRow } from '../../preload/usefulness.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

/** One kind of run of the lab that learns from images: the one that runs, the one that is shown, those of before. */
class LearningState<Result extends UsefulnessResult | ProbeResult> {
  /** Column of manifest.csv. */
  label = $state('label');
  bootstrap = $state(1000);
  run = $state.raw<RunRow | null>(null);
  busy = $state(false);
  shown = $state.raw<Result | null>(null);
  rows = $state.raw<UsefulnessRow[]>([]);
  error = $state.raw<VerisimError | null>(null);
  protected readonly client: Client;
  readonly #kind: UsefulnessKind;

  constructor(client: Client, kind: UsefulnessKind) {
    this.client = client;
    this.#kind = kind;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    void this.load();
    return this.client.on('runs.changed', (row) => {
      if (row.kind !== this.#kind) return;
      const over = row.state === 'done' || row.state === 'failed' || row.state === 'cancelled';
      this.run = over ? null : row;
      if (row.state === 'done') void this.load();
    });
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      this.rows = (await this.client.call('usefulness.list', { kind: this.#kind })).rows;
    });
  }

  async show(runId: string): Promise<void> {
    await attempt(this, async () => {
      const report = await this.client.call('usefulness.show', { runId });
      if (report.kind === this.#kind) this.shown = report.result as Result;
    });
  }

  close(): void {
    this.shown = null;
  }

  async cancel(): Promise<void> {
    const runId = this.run?.id;
    if (runId !== undefined) await attempt(this, () => this.client.call('runs.cancel', { runId }));
  }

  protected async work(work: () => Promise<Result>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await attempt(this, async () => {
      this.shown = await work();
    });
    if (this.error?.tag === 'Cancelled') this.error = null;
    this.busy = false;
  }
}

/** Train on synthetic, on real and on both, test on real. */
export class UsefulnessState extends LearningState<UsefulnessResult> {
  real = $state.raw<SetPart[]>([]);
  synthetic = $state.raw<SetPart[]>([]);
  test = $state.raw<SetPart[]>([]);
  /** Null: that of what made the images. */
  extractorId = $state<string | null>(null);
  readonly ready: boolean = $derived(this.real.length > 0 && this.synthetic.length > 0 && this.test.length > 0);

  constructor(client: Client) {
    super(client, 'usefulness');
  }

  async begin(): Promise<void> {
    const { real, synthetic, test, extractorId, label, bootstrap } = this;
    if (!this.ready) return;
    await this.work(() => this.client.call('usefulness.run', { real, synthetic, test, extractorId, label, bootstrap }));
  }
}

/** What a linear classifier reads off the latents of models. */
export class ProbeState extends LearningState<ProbeResult> {
  data = $state.raw<SetPart[]>([]);
  modelIds = $state.raw<string[]>([]);
  most = $state(600);
  folds = $state(5);
  readonly ready: boolean = $derived(this.data.length > 0 && this.modelIds.length > 0);

  constructor(client: Client) {
    super(client, 'probe');
  }

  choose(modelId: string, wanted: boolean): void {
    const others = this.modelIds.filter((id) => id !== modelId);
    this.modelIds = wanted ? [...others, modelId] : others;
  }

  async begin(): Promise<void> {
    const { data, modelIds, most, folds, label, bootstrap } = this;
    if (!this.ready) return;
    await this.work(() => this.client.call('usefulness.probe', { data, modelIds, most, folds, label, bootstrap }));
  }
}
