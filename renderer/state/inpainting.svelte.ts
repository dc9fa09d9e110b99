import { type Inpainting, inpaintingDefaults } from '../../preload/generation-request.ts';
import type { Client } from '../client.ts';
import { MaskDrawing } from './mask-drawing.svelte.ts';
import { packMask } from './mask-raster.ts';

/** Which part of the source slice is made anew, and how: a mask that was drawn here, or that of a run whose settings were recalled. */
export class InpaintingState {
  readonly drawing = new MaskDrawing();
  keptMaskId = $state<string | null>(null);
  method = $state<Inpainting['method']>(inpaintingDefaults.method);
  jumpLength = $state<number>(inpaintingDefaults.jumpLength);
  resamples = $state<number>(inpaintingDefaults.resamples);
  readonly active: boolean = $derived(this.keptMaskId !== null || this.drawing.marked > 0);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Draws over a slice of this size, as it is shown. */
  begin({ width, height }: { width: number; height: number }): void {
    this.keptMaskId = null;
    this.drawing.fit(width, height);
  }

  drop(): void {
    this.keptMaskId = null;
    if (this.drawing.marked > 0) this.drawing.clear();
  }

  /** The mask of a logged request, which the data folder keeps. */
  recall(inpaint: Inpainting | undefined): void {
    this.drop();
    if (inpaint === undefined) return;
    this.keptMaskId = inpaint.maskId;
    this.method = inpaint.method;
    this.jumpLength = inpaint.jumpLength;
    this.resamples = inpaint.resamples;
  }

  /** Keeps the drawn mask and names it; undefined where the whole image is made. Throws VerisimError as `masks.save`. */
  async request(): Promise<Inpainting | undefined> {
    if (!this.active) return undefined;
    const { method, jumpLength, resamples } = this;
    const maskId = this.keptMaskId ?? (await this.#save());
    return { maskId, method, jumpLength, resamples };
  }

  async #save(): Promise<string> {
    const { mask } = this.drawing;
    const { columns, rows } = mask;
    return (await this.#client.call('masks.save', { columns, rows, bits: packMask(mask) })).maskId;
  }
}
