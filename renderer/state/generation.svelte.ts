import type {
  ExportFormat,
  GenerationRequest,
  ModelSummary,
  ProviderName,
  RunDetail,
  RunOutput,
  RunRow,
  SeriesSummary,
} from '../../preload/domain.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { oneMore } from './one-more.ts';
import {
  fitWarnings,
  randomSeed,
  type SliceRange,
  sliceIndicesForRange,
  stepPresets,
  stepsForPreset,
} from './generation-form.ts';
import { generationRequestOf } from './run-parameters.ts';

/** The Create screen: what is asked for, and the run whose images are shown beside it. */
export class GenerationState {
  modelId = $state<string | null>(null);
  classId = $state<string | null>(null);
  count = $state(8);
  seed = $state(randomSeed());
  sampler = $state<SamplerName>('ddim');
  steps = $state(20);
  guidance = $state(1);
  provider = $state<ProviderName>('cpu');
  strength = $state(0.5);
  sourceSeries = $state.raw<SeriesSummary | null>(null);
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
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen and shows the newest generation run; the returned function ends it. */
  start(): () => void {
    void this.#loadRecent();
    void this.#loadRun();
    return this.#client.on('runs.changed', (row) => this.#receive(row));
  }

  chooseModel(model: ModelSummary): void {
    if (this.modelId === model.id) return;
    this.modelId = model.id;
    if (!model.classes.some(({ id }) => id === this.classId)) this.classId = null;
    this.sampler = model.defaults.sampler;
    this.steps = model.defaults.steps;
    this.guidance = model.defaults.guidance;
  }

  chooseSampler(sampler: SamplerName, model: ModelSummary): void {
    const preset = stepPresets.find((name) => stepsForPreset(name, this.sampler, model) === this.steps);
    this.sampler = sampler;
    this.steps = stepsForPreset(preset ?? 'standard', sampler, model);
  }

  /** Image to image from this slice; null goes back to noise alone. */
  startFrom(source: { series: SeriesSummary; sliceIndex: number } | null): void {
    this.sourceSeries = source?.series ?? null;
    this.sourceSliceIndex = source?.sliceIndex ?? 0;
    this.sliceRange = { kind: 'this' };
  }

  chooseSliceRange(range: SliceRange): void {
    this.sliceRange = range;
    if (range.kind === 'every') this.count = this.sliceIndices.length;
  }

  warnings(model: ModelSummary | null): string[] {
    return model !== null && this.sourceSeries !== null ? fitWarnings(model, this.sourceSeries) : [];
  }

  async generate(): Promise<void> {
    const request = this.#request();
    if (request === null || this.submitting) return;
    this.submitting = true;
    await this.#attempt(async () => this.show((await this.#client.call('runs.generate', request)).runId));
    this.submitting = false;
  }

  async show(runId: string): Promise<void> {
    if (runId !== this.runId) {
      this.runId = runId;
      this.run = null;
      this.selectedIndex = null;
      this.exported = null;
    }
    await this.#loadRun();
  }

  cancel(): Promise<void> {
    const runId = this.runId;
    return this.#attempt(async () => (runId === null ? null : this.#client.call('runs.cancel', { runId })));
  }

  retry(): Promise<void> {
    const runId = this.runId;
    return this.#attempt(async () => {
      if (runId !== null) await this.show((await this.#client.call('runs.retry', { runId })).runId);
    });
  }

  exportOutputs(format: ExportFormat): Promise<void> {
    const runId = this.runId;
    return this.#attempt(async () => {
      if (runId === null) return;
      const set = { kind: 'run', runId } as const;
      this.exported = (await this.#client.call('exports.choose', { set, format, deidentify: false })).files;
    });
  }

  /** Everything that made one image, so that one image with these settings gives the same bytes. */
  recallAll(run: RunDetail, output: RunOutput, series: readonly SeriesSummary[]): void {
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

  async #loadRecent(): Promise<void> {
    await this.#attempt(async () => {
      const { rows } = await this.#client.call('runs.list', { kind: 'generation', limit: 50 });
      this.recent = rows;
      const newest = rows[0];
      if (this.runId === null && newest !== undefined) await this.show(newest.id);
    });
  }

  readonly #loadRun = oneMore(async () => {
    const runId = this.runId;
    if (runId === null) return;
    await this.#attempt(async () => {
      const run = await this.#client.call('runs.show', { runId });
      if (this.runId === runId) this.run = run;
    });
  });

  async #attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      this.error = null;
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
    }
  }
}

function sliceCount(series: SeriesSummary): number {
  return Math.max(1, series.slices * series.frames);
}
