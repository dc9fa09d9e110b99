import { SvelteMap } from 'svelte/reactivity';
import type { ProviderName } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { ProviderCheck, ProviderStatus } from '../../preload/models.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

/** What the networks can run on, which of it is preferred, and what a check of each found. */
export class ProvidersState {
  providers = $state.raw<ProviderStatus[]>([]);
  readonly checks = new SvelteMap<ProviderName, ProviderCheck>();
  checking = $state<ProviderName | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly preferred: ProviderName = $derived(this.providers.find(({ preferred }) => preferred)?.name ?? 'cpu');
  readonly installed: ProviderName[] = $derived(
    this.providers.filter(({ installed }) => installed).map(({ name }) => name),
  );
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      this.providers = (await this.#client.call('providers.list', {})).providers;
    });
  }

  /** What later runs start with; remembered. */
  async prefer(provider: ProviderName): Promise<void> {
    await attempt(this, async () => {
      this.providers = (await this.#client.call('providers.prefer', { provider })).providers;
    });
  }

  /** Runs the model on it and on the processor, and tells how they differ. */
  async check(provider: ProviderName, modelId: string): Promise<void> {
    if (this.checking !== null) return;
    this.checking = provider;
    await attempt(this, async () => {
      const found = await this.#client.call('providers.check', { provider, modelId });
      this.checks.set(provider, found);
    });
    this.checking = null;
  }
}
