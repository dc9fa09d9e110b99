import type { ImageReference, RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type {
  ComplexityRow,
  Interpolation,
  LabWavelet,
  LabWaveletMode,
  LatentMap,
  Reconstruction,
  WaveletView,
} from '../../preload/lab.ts';
import type { SetPart } from '../../preload/measure.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { oneMore } from './one-more.ts';

export type LabTab = 'cohorts' | 'usefulness' | 'latent' | 'probe' | 'wavelets' | 'costs';

/** The survey's three experiments: latent space, wavelet bands, cost. */
export class LabState {
  tab = $state<LabTab>('cohorts');
  image = $state.raw<ImageReference | null>(null);
  second = $state.raw<ImageReference | null>(null);
  modelId = $state<string | null>(null);
  wavelet = $state<LabWavelet>('haar');
  mode = $state<LabWaveletMode>('periodization');
  levels = $state(3);
  zeroed = $state.raw<string[]>([]);
  keepPercent = $state(100);
  view = $state.raw<WaveletView | null>(null);
  reconstruction = $state.raw<Reconstruction | null>(null);
  interpolation = $state.raw<Interpolation | null>(null);
  method = $state<'pca' | 'umap'>('umap');
  mapOfPixels = $state(false);
  real = $state.raw<SetPart[]>([]);
  synthetic = $state.raw<SetPart[]>([]);
  map = $state.raw<LatentMap | null>(null);
  run = $state.raw<RunRow | null>(null);
  busy = $state(false);
  complexity = $state.raw<ComplexityRow[]>([]);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    return this.#client.on('runs.changed', (row) => {
      if (row.kind !== 'map') return;
      this.run = ['done', 'failed', 'cancelled'].includes(row.state) ? null : row;
    });
  }

  setZeroed(id: string, zero: boolean): void {
    this.zeroed = zero ? [...this.zeroed, id] : this.zeroed.filter((one) => one !== id);
    void this.split();
  }

  /** The newest wish wins: what is asked while one is under way is asked once more at its end. */
  readonly split = oneMore(async () => {
    const { image, wavelet, mode, levels, zeroed, keepPercent } = this;
    if (image === null) return;
    await attempt(this, async () => {
      this.view = await this.#client.call('lab.wavelet', { image, wavelet, mode, levels, zeroed, keepPercent });
    });
  });

  async reconstruct(): Promise<void> {
    const { modelId, image } = this;
    if (modelId === null || image === null) return;
    await this.#work(async () => {
      this.reconstruction = await this.#client.call('lab.reconstruct', { modelId, image });
    });
  }

  async interpolate(): Promise<void> {
    const { modelId, image, second } = this;
    if (modelId === null || image === null || second === null) return;
    await this.#work(async () => {
      this.interpolation = await this.#client.call('lab.interpolate', { modelId, left: image, right: second });
    });
  }

  async drawMap(): Promise<void> {
    const sets = [
      { name: 'real', parts: this.real },
      { name: 'synthetic', parts: this.synthetic },
    ].filter(({ parts }) => parts.length > 0);
    if (sets.length === 0) return;
    await this.#work(async () => {
      const modelId = this.mapOfPixels ? null : this.modelId;
      this.map = await this.#client.call('lab.map', { modelId, method: this.method, sets });
    });
    if (this.error?.tag === 'Cancelled') this.error = null;
  }

  async cancel(): Promise<void> {
    const runId = this.run?.id;
    if (runId !== undefined) await attempt(this, () => this.#client.call('runs.cancel', { runId }));
  }

  async loadComplexity(): Promise<void> {
    await attempt(this, async () => {
      this.complexity = (await this.#client.call('lab.complexity', {})).rows;
    });
  }

  async #work(work: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await attempt(this, work);
    this.busy = false;
  }
}
