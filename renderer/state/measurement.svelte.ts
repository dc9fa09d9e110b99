import type { ProviderName, RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

/** Short runs of full batches: time grows with the steps, so that few of them tell what many take. */
const settings = { steps: 10, repeats: 3, sampler: 'ddim' } as const;

/** How fast this machine is: the benchmark that the window can start, watch and end. */
export class MeasurementState {
  /** The benchmark that runs, whoever started it; null while none does. */
  run = $state.raw<RunRow | null>(null);
  error = $state.raw<VerisimError | null>(null);
  /** Counts the benchmarks that ended: what was known of costs is old then. */
  finished = $state(0);
  #asked = $state(false);
  readonly busy: boolean = $derived(this.#asked || this.run !== null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    return this.#client.on('runs.changed', (row) => {
      if (row.kind !== 'benchmark') return;
      const over = row.state === 'done' || row.state === 'failed' || row.state === 'cancelled';
      if (over && row.id === this.run?.id) this.finished += 1;
      this.run = over ? null : row;
    });
  }

  /** Measures these models, all where none is named. */
  async begin(provider: ProviderName, modelIds: string[] = []): Promise<void> {
    if (this.busy) return;
    this.#asked = true;
    await attempt(this, () => this.#client.call('benchmark.run', { ...settings, provider, modelIds }));
    if (this.error?.tag === 'Cancelled') this.error = null;
    this.#asked = false;
  }

  async cancel(): Promise<void> {
    const runId = this.run?.id;
    if (runId !== undefined) await attempt(this, () => this.#client.call('runs.cancel', { runId }));
  }
}
