import type {
  GenerationRequest,
  RunDetail,
  RunOutput,
  RunRow,
  SeriesSummary,
  VolumeDescription,
} from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { randomSeed, type SliceRange, sliceIndicesForRange } from './generation-form.ts';
import { InpaintingState } from './inpainting.svelte.ts';
import { oneMore } from './one-more.ts';
import { PreviewsState } from './previews.svelte.ts';
import { generationRequestOf } from './run-parameters.ts';
import { SamplingState } from './sampling.svelte.ts';

/** The Create screen: what is asked for, and the run whose images are shown beside it. */
export class GenerationState extends SamplingState {
  count = $state(8);
  strength = $state(0.5);
  sourceSeries = $state.raw<SeriesSummary | null>(null);
  /** The decoded source series; null until it is there. */
  sourceVolume = $state.raw<VolumeDescription | null>(null);
  sourceSliceIndex = $state(0);
  sliceRange = $state.raw<SliceRange>({ kind: 'this' });

  runId = $state<string | null>(null);
  run = $state.raw<RunDetail | null>(null);
  /** Generation runs, newest first, to choose from in the gallery. */
  recent = $state.raw<RunRow[]>([]);
  selectedIndex = $state<number | null>(null);
  exported = $state.raw<string[] | null>(null);
  submitting = $state(false);
  error = $state.raw<VerisimError | null>(null);

  readonly sliceIndices = $derived(
    this.sourceSeries === null
      ? []
      : sliceIndicesForRange(this.sliceRange, this.sourceSliceIndex, sliceCount(this.sourceSeries)),
  );
  readonly selected: RunOutput | null = $derived(
    this.run?.outputs.find(({ index }) => index === this.selectedIndex) ?? null,
  );
  /** The denoising of the run shown. */
  readonly previews: PreviewsState;
  /** Of image to image: the part that is made anew. */
  readonly inpainting: InpaintingState;
  readonly #client: Client;

  constructor(client: Client) {
    super();
    this.#client = client;
    this.previews = new PreviewsState(client);
    this.inpainting = new InpaintingState(client);
  }

  /** Begins to listen and shows the newest generation run; the returned function ends it. */
  start(): () => void {
    void this.#loadRecent();
    void this.#loadRun();
    const endPreviews = this.previews.start();
    const endRuns = this.#client.on('runs.changed', (row) => this.#receive(row));
    return () => {
      endPreviews();
      endRuns();
    };
  }

  /** Image to image from this slice; null goes back to noise alone. */
  startFrom(source: { series: SeriesSummary; sliceIndex: number } | null): void {
    if (this.sourceVolume?.id !== source?.series.id) this.sourceVolume = null;
    if (this.sourceSeries?.id !== source?.series.id) this.inpainting.drop();
    this.sourceSeries = source?.series ?? null;
    if (this.sourceVolume === null) void this.#loadVolume();
    this.sourceSliceIndex = source?.sliceIndex ?? 0;
    this.sliceRange = { kind: 'this' };
  }

  chooseSliceRange(range: SliceRange): void {
    this.sliceRange = range;
    if (range.kind === 'every') this.count = this.sliceIndices.length;
  }

  /** Queues the run, with `first` before those that wait. */
  async generate(first = false): Promise<void> {
    const request = this.#request();
    if (request === null || this.submitting) return;
    this.submitting = true;
    await attempt(this, async () => {
      const inpaint = request.source === null ? undefined : await this.inpainting.request();
      await this.show((await this.#client.call('runs.generate', { ...request, inpaint, first })).runId);
    });
    this.submitting = false;
  }

  async show(runId: string): Promise<void> {
    if (runId !== this.runId) {
      this.runId = runId;
      this.run = null;
      this.selectedIndex = null;
      this.exported = null;
      this.previews.watch(runId);
    }
    await this.#loadRun();
  }

  cancel(): Promise<void> {
    const runId = this.runId;
    return attempt(this, async () => (runId === null ? null : this.#client.call('runs.cancel', { runId })));
  }

  retry(): Promise<void> {
    const runId = this.runId;
    return attempt(this, async () => {
      if (runId !== null) await this.show((await this.#client.call('runs.retry', { runId })).runId);
    });
  }

  /** All settings of one image but its seed: further images of the same kind. */
  remix(run: RunDetail, output: RunOutput, series: readonly SeriesSummary[]): void {
    this.recallAll(run, output, series);
    this.seed = randomSeed();
  }

  /** The whole request of a run, to be changed before it runs again. */
  recallRun(run: RunDetail, series: readonly SeriesSummary[]): void {
    const request = generationRequestOf(run);
    if (request === null) return;
    this.recallAll(run, { index: 0, seed: request.seed }, series);
    this.count = request.count;
    const slices = request.source?.sliceIndices ?? [];
    if (this.sourceSeries !== null && slices.length > 1) this.sliceRange = { kind: 'listed', sliceIndices: slices };
  }

  /** Everything that made one image, so that one image with these settings gives the same bytes. */
  recallAll(run: RunDetail, output: Pick<RunOutput, 'index' | 'seed'>, series: readonly SeriesSummary[]): void {
    const request = generationRequestOf(run);
    if (request === null) return;
    this.modelId = request.modelId;
    this.classId = request.classId;
    this.sampler = request.sampler;
    this.steps = request.steps;
    this.guidance = request.guidance;
    this.provider = request.provider;
    this.seed = output.seed ?? request.seed;
    this.count = 1;
    const source = series.find(({ id }) => id === request.source?.seriesId);
    if (request.source === null || source === undefined) return this.startFrom(null);
    const { sliceIndices, strength } = request.source;
    this.startFrom({ series: source, sliceIndex: sliceIndices[output.index % sliceIndices.length] ?? 0 });
    this.strength = strength;
    this.inpainting.recall(request.inpaint);
  }

  #request(): GenerationRequest | null {
    if (this.modelId === null) return null;
    const { modelId, count, seed, classId, guidance, sampler, steps, provider, sliceIndices, strength } = this;
    const series = this.sourceSeries;
    const source = series === null ? null : { seriesId: series.id, sliceIndices, strength };
    return { modelId, count, seed, classId, guidance, sampler, steps, provider, source };
  }

  #receive(row: RunRow): void {
    if (row.kind !== 'generation') return;
    const at = this.recent.findIndex(({ id }) => id === row.id);
    this.recent = at >= 0 ? this.recent.with(at, row) : [row, ...this.recent];
    if (row.id !== this.runId) return;
    const before = this.run;
    if (before !== null) this.run = { ...before, ...row };
    if (before === null || before.state !== row.state || before.outputCount !== row.outputCount) void this.#loadRun();
  }

  async #loadVolume(): Promise<void> {
    const seriesId = this.sourceSeries?.id;
    if (seriesId === undefined) return;
    await attempt(this, async () => {
      const volume = await this.#client.call('studies.volume', { seriesId });
      if (this.sourceSeries?.id === seriesId) this.sourceVolume = volume;
    });
  }

  async #loadRecent(): Promise<void> {
    await attempt(this, async () => {
      const { rows } = await this.#client.call('runs.list', { kind: 'generation', limit: 50 });
      this.recent = rows;
      const newest = rows[0];
      if (this.runId === null && newest !== undefined) await this.show(newest.id);
    });
  }

  readonly #loadRun = oneMore(async () => {
    const runId = this.runId;
    if (runId === null) return;
    await attempt(this, async () => {
      const run = await this.#client.call('runs.show', { runId });
      if (this.runId !== runId) return;
      this.run = run;
      this.previews.drop(run.outputs.map(({ index }) => index));
    });
  });
}

function sliceCount(series: SeriesSummary): number {
  return Math.max(1, series.slices * series.frames);
}
