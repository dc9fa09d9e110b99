import type { VerisimError } from '../../preload/errors.ts';
import type { HeadToHead } from '../../preload/head-to-head.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

/** The stored comparisons of packs, and which of them is shown. */
export class FrontierState {
  comparisons = $state.raw<HeadToHead[]>([]);
  shown = $state(0);
  error = $state.raw<VerisimError | null>(null);
  readonly comparison: HeadToHead | null = $derived(this.comparisons[this.shown] ?? null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      const { comparisons } = await this.#client.call('frontier.list', {});
      this.comparisons = comparisons;
      if (this.shown >= comparisons.length) this.shown = 0;
    });
  }
}
