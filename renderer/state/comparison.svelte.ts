import type {
  ComparisonResult,
  ImageReference,
  ModelSummary,
  NearestImage,
  RunDetail,
  RunRow,
  SeriesSummary,
} from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { generationRequestOf } from './run-parameters.ts';

export type ComparisonMode = 'side-by-side' | 'overlay' | 'flicker' | 'difference';
export const comparisonModes: readonly ComparisonMode[] = ['side-by-side', 'overlay', 'flicker', 'difference'];

/** How the left image is found when the person steps to another output on the right. */
export type Pairing = 'input' | 'nearest' | 'chosen';

/** Quick stepping through outputs asks the engine once, for the image where the person stops. */
const settleMs = 150;

/** Two images beside each other: a source and what was made of it, or a synthetic image and its nearest real slice. */
export class ComparisonState {
  left = $state.raw<ImageReference | null>(null);
  right = $state.raw<ImageReference | null>(null);
  pairing = $state<Pairing>('chosen');
  mode = $state<ComparisonMode>('side-by-side');
  /** Share of the right image shown by the overlay slider, 0…1. */
  overlayShare = $state(0.5);
  flickerHz = $state(1);
  flickerPaused = $state(false);
  result = $state.raw<ComparisonResult | null>(null);
  comparing = $state(false);
  nearestSeriesId = $state<string | null>(null);
  nearest = $state.raw<NearestImage[]>([]);
  searching = $state(false);
  runs = $state.raw<RunRow[]>([]);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;
  #turn = 0;
  #timer: ReturnType<typeof setTimeout> | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Keeps the list of runs with images up to date; the returned function ends it. */
  start(): () => void {
    void this.#loadRuns();
    return this.#client.on('runs.changed', (row) => {
      if (row.kind !== 'generation' || row.outputCount === 0) return;
      const at = this.runs.findIndex(({ id }) => id === row.id);
      this.runs = at >= 0 ? this.runs.with(at, row) : [row, ...this.runs];
    });
  }

  /**
   * One output of a run beside what the model was given for it; where it was made from noise, beside the nearest slice
   * of a real series, one of the model's modality if there is one.
   */
  async openOutput(
    runId: string,
    index: number,
    { series, models }: { series: readonly SeriesSummary[]; models: readonly ModelSummary[] },
  ): Promise<void> {
    await attempt(this, async () => {
      const run: RunDetail = await this.#client.call('runs.show', { runId });
      const fromImage = generationRequestOf(run)?.source ?? null;
      this.nearest = [];
      const modality = models.find(({ id }) => id === run.modelId)?.modality;
      const real = series.filter(({ synthetic }) => !synthetic);
      const likely = real.find((item) => item.modality === modality) ?? real[0];
      const known = real.some(({ id }) => id === this.nearestSeriesId);
      this.nearestSeriesId = fromImage?.seriesId ?? (known ? this.nearestSeriesId : (likely?.id ?? null));
      this.pairing = fromImage === null ? 'nearest' : 'input';
      this.right = { kind: 'output', runId, index };
      this.left = fromImage === null ? null : { kind: 'runInput', runId, index };
      this.result = null;
    });
    await this.#refresh();
  }

  open(left: ImageReference, right: ImageReference): Promise<void> {
    this.pairing = 'chosen';
    this.nearest = [];
    this.left = left;
    this.right = right;
    return this.#refresh();
  }

  choose(side: 'left' | 'right', image: ImageReference): void {
    if (side === 'left') this.left = image;
    else this.right = image;
    const { left, right } = this;
    const paired =
      left?.kind === 'runInput' && right?.kind === 'output' && left.runId === right.runId && left.index === right.index;
    this.pairing = paired ? 'input' : 'chosen';
    if (side === 'right') this.nearest = [];
    this.#schedule();
  }

  swap(): void {
    [this.left, this.right] = [this.right, this.left];
    this.pairing = 'chosen';
    this.#schedule();
  }

  /** Previous or next output on the right; the left follows its pairing. */
  step(by: 1 | -1): void {
    const { right } = this;
    if (right === null || right.kind === 'slice') return;
    const count = this.runs.find(({ id }) => id === right.runId)?.outputCount ?? 0;
    const index = right.index + by;
    if (index < 0 || index >= count) return;
    this.right = { ...right, index };
    this.nearest = [];
    if (this.pairing === 'input' && this.left?.kind === 'runInput') this.left = { ...this.left, index };
    this.#schedule();
  }

  /** The nearest slices of a real series to the output on the right; the best of them goes to the left. */
  async findNearest(seriesId: string): Promise<void> {
    this.nearestSeriesId = seriesId;
    this.pairing = 'nearest';
    await this.#refresh();
  }

  #schedule(): void {
    if (this.#timer !== null) clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#refresh(), settleMs);
  }

  async #refresh(): Promise<void> {
    const turn = ++this.#turn;
    await attempt(this, async () => {
      const { right, nearestSeriesId } = this;
      if (this.pairing === 'nearest' && right?.kind === 'output' && nearestSeriesId !== null) {
        this.searching = true;
        const { runId, index } = right;
        const { nearest } = await this.#client.call('compare.nearest', {
          runId,
          index,
          seriesId: nearestSeriesId,
          most: 3,
        });
        if (turn !== this.#turn) return;
        this.nearest = nearest;
        this.left = nearest[0]?.reference ?? null;
      }
      if (this.left === null || right === null) {
        this.result = null;
        return;
      }
      this.comparing = true;
      const result = await this.#client.call('compare.pair', { left: this.left, right });
      if (turn === this.#turn) this.result = result;
    });
    if (turn !== this.#turn) return;
    this.searching = false;
    this.comparing = false;
  }

  async #loadRuns(): Promise<void> {
    await attempt(this, async () => {
      const { rows } = await this.#client.call('runs.list', { kind: 'generation', limit: 200 });
      this.runs = rows.filter(({ outputCount }) => outputCount > 0);
    });
  }
}
