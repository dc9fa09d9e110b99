import { SvelteMap } from 'svelte/reactivity';
import type { ProviderName, SkippedFile } from '../../preload/domain.ts';
import { serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { ListedModel, ModelCost } from '../../preload/models.ts';
import type { Client } from '../client.ts';
import type { ApplicationState } from './application.svelte.ts';
import { attempt } from './attempt.ts';

/** So long a removed pack can be taken back; its files are deleted only then. */
const undoMs = 30_000;

/** The model packs the engine found, those it refused with the reason, and the import of a person's own. */
export class ModelsState {
  loaded = $state(false);
  importing = $state(false);
  error = $state.raw<VerisimError | null>(null);
  /** Why the folder chosen last was not imported. */
  importError = $state.raw<{ tag: string; message: string } | null>(null);
  refused = $state.raw<SkippedFile[]>([]);
  readonly costs = new SvelteMap<string, ModelCost>();
  #listed = $state.raw<ListedModel[]>([]);
  /** Packs that were removed and can still be taken back. */
  readonly #removing = new SvelteMap<string, ReturnType<typeof setTimeout>>();
  readonly models: ListedModel[] = $derived(this.#listed.filter(({ id }) => !this.#removing.has(id)));
  readonly #client: Client;
  readonly #application: ApplicationState;
  #costTurn = 0;

  constructor(client: Client, application: ApplicationState) {
    this.#client = client;
    this.#application = application;
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      const { models, refused } = await this.#client.call('models.list', {});
      this.#listed = models;
      this.refused = refused;
    });
    this.loaded = true;
  }

  find(id: string | null): ListedModel | null {
    return this.models.find((model) => model.id === id) ?? null;
  }

  /** What one image of each model costs with the pack's own settings, one model after the other. */
  async loadCosts(provider: ProviderName): Promise<void> {
    const turn = ++this.#costTurn;
    this.costs.clear();
    for (const { id: modelId, defaults } of this.models) {
      const question = { modelId, provider, steps: defaults.steps, guided: false };
      const cost = await this.#client.call('models.cost', question).catch(() => null);
      if (turn !== this.#costTurn) return;
      if (cost !== null) this.costs.set(modelId, cost);
    }
  }

  /** Lets a folder be chosen and its pack be checked; gives the model that was imported. */
  async choose(): Promise<ListedModel | null> {
    if (this.importing) return null;
    this.importing = true;
    this.importError = null;
    try {
      const { model } = await this.#client.call('models.choose', {});
      if (model === null) return null;
      this.#keep(model.id);
      await this.load();
      this.#application.tell(`${model.name} is imported.`);
      return model;
    } catch (error) {
      this.importError = serialiseError(error);
      return null;
    } finally {
      this.importing = false;
    }
  }

  /** Takes an imported pack off the list at once and off the disk after a while, unless it is taken back. */
  remove({ id, name }: ListedModel): void {
    this.#keep(id);
    const undo = (): void => this.#keep(id);
    const notice = this.#application.tell(`${name} is removed.`, { label: 'Undo', run: undo });
    const timer = setTimeout(() => {
      this.#application.dismiss(notice);
      void this.#delete(id);
    }, undoMs);
    this.#removing.set(id, timer);
  }

  #keep(id: string): void {
    clearTimeout(this.#removing.get(id));
    this.#removing.delete(id);
  }

  async #delete(modelId: string): Promise<void> {
    try {
      await this.#client.call('models.remove', { modelId });
      this.#listed = this.#listed.filter(({ id }) => id !== modelId);
    } catch (error) {
      this.#application.report(error);
    }
    this.#keep(modelId);
  }
}
