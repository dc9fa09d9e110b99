import type { CallInput } from '../../preload/contract.ts';
import type { VerisimError } from '../../preload/errors.ts';
import {
  defaultTiling,
  type MaskStroke,
  type SlideComparison,
  type SlideFeature,
  type SlideFeatureMap,
  type SlideMask,
  type SlideNotes,
  type SlideSummary,
  type TilingEstimate,
  type TilingPlaces,
  type TilingResult,
  type TilingSettings,
  type TissueSettings,
} from '../../preload/slides.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { RegionState } from './region.svelte.ts';
import { blockSide } from './region-windows.ts';

export type SlideTool = 'move' | 'measure' | 'outline' | 'add' | 'remove';

type RegionInput = Omit<CallInput<'slides.generate'>, 'blockSide' | 'micronsPerPixel'>;

const noMaps = { selected: null, beside: null };
/** A slider asks at most this often. */
const settleMs = 60;
const rememberMs = 400;

/** The slides that were opened, the one in view and the one beside it, its mask, its patches, and what is drawn on it. */
export class SlidesState {
  slides = $state.raw<SlideSummary[]>([]);
  selectedId = $state<string | null>(null);
  besideId = $state<string | null>(null);
  tiling = $state.raw<TilingSettings>(defaultTiling);
  annotations = $state.raw<SlideNotes['annotations']>([]);
  tool = $state<SlideTool>('move');
  maskShown = $state(true);
  gridShown = $state(true);
  mask = $state.raw<SlideMask | null>(null);
  estimate = $state.raw<(TilingEstimate & TilingPlaces) | null>(null);
  result = $state.raw<TilingResult | null>(null);
  comparison = $state.raw<SlideComparison | null>(null);
  feature = $state<SlideFeature | null>(null);
  featureMaps = $state.raw<{ selected: SlideFeatureMap | null; beside: SlideFeatureMap | null }>(noMaps);
  /** The synthetic region that is asked for. */
  readonly region = new RegionState();
  busy = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly selected: SlideSummary | null = $derived(this.slides.find(({ id }) => id === this.selectedId) ?? null);
  readonly beside: SlideSummary | null = $derived(this.slides.find(({ id }) => id === this.besideId) ?? null);
  readonly real: SlideSummary[] = $derived(this.slides.filter(({ synthetic }) => !synthetic));
  readonly #client: Client;
  #maskTimer: ReturnType<typeof setTimeout> | undefined;
  #rememberTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      this.slides = (await this.#client.call('slides.list', {})).slides;
    });
    const first = this.slides[0];
    if (this.selected === null && first !== undefined) await this.select(first.id);
  }

  /** After slides came in another way, as by a drop. */
  async showNewest(): Promise<void> {
    this.selectedId = null;
    await this.load();
  }

  async choose(): Promise<void> {
    await attempt(this, async () => {
      const { slides } = await this.#client.call('studies.choose', { kind: 'files' });
      this.slides = [...slides, ...this.slides.filter(({ id }) => !slides.some((one) => one.id === id))];
      if (slides[0] !== undefined) await this.select(slides[0].id);
    });
  }

  async select(slideId: string): Promise<void> {
    this.selectedId = slideId;
    this.#forgetAnswers();
    this.mask = null;
    await attempt(this, async () => {
      const notes = await this.#client.call('slides.notes', { slideId });
      this.tiling = { ...this.tiling, tissue: notes.tissue };
      this.annotations = notes.annotations;
    });
    await this.#findMask();
    await this.#findFeatures();
  }

  /** Null = none. */
  async showBeside(slideId: string | null): Promise<void> {
    this.besideId = slideId;
    this.comparison = null;
    await this.#findFeatures();
  }

  /** Null = no heat map. */
  async showFeature(feature: SlideFeature | null): Promise<void> {
    this.feature = feature;
    await this.#findFeatures();
  }

  async forget(slideId: string): Promise<void> {
    await attempt(this, async () => {
      await this.#client.call('slides.forget', { slideId });
      this.slides = this.slides.filter(({ id }) => id !== slideId);
      if (this.besideId === slideId) await this.showBeside(null);
      if (this.selectedId === slideId) this.selectedId = null;
    });
  }

  setTissue(change: Partial<TissueSettings>): void {
    this.setTiling({ tissue: { ...this.tiling.tissue, ...change } });
    clearTimeout(this.#maskTimer);
    this.#maskTimer = setTimeout(() => void this.#findMask(), settleMs);
    this.#remember();
  }

  setTiling(change: Partial<TilingSettings>): void {
    this.tiling = { ...this.tiling, ...change };
    this.#forgetAnswers();
  }

  stroke(stroke: MaskStroke): void {
    this.setTissue({ strokes: [...this.tiling.tissue.strokes, stroke] });
  }

  undoStroke(): void {
    this.setTissue({ strokes: this.tiling.tissue.strokes.slice(0, -1) });
  }

  outline(ring: readonly (readonly [number, number])[]): void {
    this.annotations = [...this.annotations, { name: `Region ${this.annotations.length + 1}`, polygon: [ring] }];
    this.#remember();
  }

  removeOutline(index: number): void {
    this.annotations = this.annotations.filter((_, at) => at !== index);
    this.#remember();
  }

  /** Dry run. */
  async count(): Promise<void> {
    const slideId = this.selectedId;
    if (slideId === null) return;
    await this.#work(async () => {
      this.estimate = await this.#client.call('slides.estimate', { slideId, tiling: this.#wanted() });
    });
  }

  /** The slide in view, or every slide of the list that is not synthetic, each with its own mask and outlines, as one job. */
  async tile(which: 'selected' | 'all'): Promise<void> {
    const real = this.real.map(({ id }) => id);
    const slideIds = which === 'all' ? real : this.selectedId === null ? [] : [this.selectedId];
    if (slideIds.length === 0) return;
    await this.#work(async () => {
      this.result = (await this.#client.call('slides.chooseTiling', { slideIds, tiling: this.#wanted() })).result;
    });
  }

  async saveOutlines(): Promise<void> {
    const slideId = this.selectedId;
    if (slideId !== null) await attempt(this, () => this.#client.call('slides.chooseOutlines', { slideId }));
  }

  async generate(input: RegionInput): Promise<void> {
    await this.#work(async () => {
      const own = this.selected?.micronsPerPixel?.x ?? null;
      // Of a part of a slide the resolution follows from the part.
      const micronsPerPixel = input.source === null ? own : null;
      const { slide } = await this.#client.call('slides.generate', { ...input, blockSide, micronsPerPixel });
      this.slides = [slide, ...this.slides.filter(({ id }) => id !== slide.id)];
      const shown = this.selectedId;
      this.selectedId ??= slide.id;
      await this.showBeside(shown === null || shown === slide.id ? null : slide.id);
    });
  }

  async compare(): Promise<void> {
    const [left, right] = [this.selectedId, this.besideId];
    if (left === null || right === null) return;
    await this.#work(async () => {
      this.comparison = await this.#client.call('slides.compare', { left, right });
    });
  }

  /** Where regions are drawn, only they are tiled. */
  #wanted(): TilingSettings {
    return { ...this.tiling, regions: this.annotations.map(({ polygon }) => polygon) };
  }

  async #findMask(): Promise<void> {
    const slideId = this.selectedId;
    if (slideId === null) return;
    await attempt(this, async () => {
      const mask = await this.#client.call('slides.mask', { slideId, tissue: this.tiling.tissue });
      if (this.selectedId === slideId) this.mask = mask;
    });
  }

  /** Patches are as long on both slides; in pixels where one does not state its resolution. */
  async #findFeatures(): Promise<void> {
    const { feature, selected, beside } = this;
    this.featureMaps = noMaps;
    if (feature === null || selected === null) return;
    await attempt(this, async () => {
      const ask = (slideId: string, side: number | null): Promise<SlideFeatureMap> =>
        this.#client.call('slides.featureMap', { slideId, feature, side });
      const first = await ask(selected.id, null);
      const [one, other] = [selected.micronsPerPixel?.x, beside?.micronsPerPixel?.x];
      const side = one !== undefined && other !== undefined ? (first.side * one) / other : first.side;
      const second = beside === null ? null : await ask(beside.id, side);
      const isNewest =
        this.feature === feature && this.selectedId === selected.id && this.besideId === (beside?.id ?? null);
      if (isNewest) this.featureMaps = { selected: first, beside: second };
    });
  }

  #remember(): void {
    const slideId = this.selectedId;
    if (slideId === null) return;
    clearTimeout(this.#rememberTimer);
    const notes = { tissue: this.tiling.tissue, annotations: this.annotations };
    this.#rememberTimer = setTimeout(
      () => void attempt(this, () => this.#client.call('slides.remember', { slideId, notes })),
      rememberMs,
    );
  }

  async #work(work: () => Promise<void>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    await attempt(this, work);
    this.busy = false;
  }

  #forgetAnswers(): void {
    this.estimate = null;
    this.result = null;
    this.comparison = null;
  }
}
