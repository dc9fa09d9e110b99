import { SvelteMap } from 'svelte/reactivity';
import type { RunPreview } from '../../preload/run-preview.ts';
import type { Client } from '../client.ts';

/** Where someone asked for less motion, a picture changes no more often than this. */
const calmMs = 2_000;

/** The denoising of one run as it happens: the newest preview of each image that is not finished. */
export class PreviewsState {
  readonly #latest = new SvelteMap<number, RunPreview & { atMs: number }>();
  readonly #client: Client;
  #runId: string | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    return this.#client.on('runs.preview', (preview) => this.#receive(preview));
  }

  /** Previews of this run are kept from now on, those of others dropped. */
  watch(runId: string | null): void {
    if (runId === this.#runId) return;
    this.#runId = runId;
    this.#latest.clear();
  }

  /** Finished images need no preview any more. */
  drop(indices: Iterable<number>): void {
    for (const index of indices) this.#latest.delete(index);
  }

  /** In the order of the images. */
  get current(): RunPreview[] {
    return [...this.#latest.values()].sort((a, b) => a.index - b.index);
  }

  /** How much of the images that are being made is done, counted in whole images. */
  get imagesDone(): number {
    return this.current.reduce((sum, { step, steps }) => sum + step / Math.max(1, steps), 0);
  }

  #receive(preview: RunPreview): void {
    if (preview.runId !== this.#runId) return;
    const before = this.#latest.get(preview.index);
    const atMs = performance.now();
    const hold = before !== undefined && atMs - before.atMs < calmMs && wantsLessMotion();
    this.#latest.set(preview.index, hold ? { ...preview, png: before.png, atMs: before.atMs } : { ...preview, atMs });
  }
}

function wantsLessMotion(): boolean {
  return matchMedia('(prefers-reduced-motion: reduce)').matches;
}
