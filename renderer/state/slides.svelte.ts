import type { VerisimError } from '../../preload/errors.ts';
import {
  defaultTiling,
  type MaskStroke,
  type SlideComparison,
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

export type SlideTool = 'move' | 'measure' | 'outline' | 'add' | 'remove';

export interface RegionInput {
  modelId: string;
  width: number;
  height: number;
  seed: number;
  classId: string | null;
  steps: number;
}

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
  busy = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly selected: SlideSummary | null = $derived(this.slides.find(({ id }) => id === this.selectedId) ?? null);
  readonly beside: SlideSummary | null = $derived(this.slides.find(({ id }) => id === this.besideId) ?? null);
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
  }

  async forget(slideId: string): Promise<void> {
    await attempt(this, async () => {
      await this.#client.call('slides.forget', { slideId });
      this.slides = this.slides.filter(({ id }) => id !== slideId);
      if (this.besideId === slideId) this.besideId = null;
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

  async tile(): Promise<void> {
    const slideId = this.selectedId;
    if (slideId === null) return;
    await this.#work(async () => {
      this.result = (
        await this.#client.call('slides.chooseTiling', { slideIds: [slideId], tiling: this.#wanted() })
      ).result;
    });
  }

  async saveOutlines(): Promise<void> {
    const slideId = this.selectedId;
    if (slideId !== null) await attempt(this, () => this.#client.call('slides.chooseOutlines', { slideId }));
  }

  async generate(input: RegionInput): Promise<void> {
    await this.#work(async () => {
      const sampling = { guidance: 1, sampler: 'dpmpp-2m' as const, provider: 'cpu' as const, blockSide: 512 };
      const micronsPerPixel = this.selected?.micronsPerPixel?.x ?? null;
      const { slide } = await this.#client.call('slides.generate', { ...input, ...sampling, micronsPerPixel });
      this.slides = [slide, ...this.slides.filter(({ id }) => id !== slide.id)];
      this.besideId = this.selectedId === null || this.selectedId === slide.id ? null : slide.id;
      this.selectedId ??= slide.id;
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
