import type { ModelSummary, SkippedFile } from '../../preload/domain.ts';
import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';

/** The model packs the engine found, and those it refused with the reason. */
export class ModelsState {
  models = $state.raw<ModelSummary[]>([]);
  refused = $state.raw<SkippedFile[]>([]);
  loaded = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    try {
      const { models, refused } = await this.#client.call('models.list', {});
      this.models = models;
      this.refused = refused;
      this.error = null;
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
    } finally {
      this.loaded = true;
    }
  }

  find(id: string | null): ModelSummary | null {
    return this.models.find((model) => model.id === id) ?? null;
  }
}
