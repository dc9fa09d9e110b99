import type { RunRow } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Explanation } from '../../preload/explain.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

export interface ExplainedImage {
  runId: string;
  index: number;
}

/** Why one generated image looks so: the stored explanation of the image that is open, or one that is being made. */
export class ExplanationState {
  /** The image that the dialog is about; null while it is closed. */
  target = $state.raw<ExplainedImage | null>(null);
  result = $state.raw<Explanation | null>(null);
  members = $state(8);
  /** While it is not known whether there is one. */
  looking = $state(false);
  /** The run that makes the explanation. */
  run = $state.raw<RunRow | null>(null);
  error = $state.raw<VerisimError | null>(null);
  #asked = $state(false);
  readonly busy: boolean = $derived(this.#asked);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** Begins to listen; the returned function ends it. */
  start(): () => void {
    return this.#client.on('runs.changed', (row) => {
      if (row.kind !== 'explanation') return;
      const over = row.state === 'done' || row.state === 'failed' || row.state === 'cancelled';
      this.run = over ? null : row;
    });
  }

  /** Shows what is known of an image. */
  async open(target: ExplainedImage): Promise<void> {
    this.target = target;
    this.result = null;
    this.looking = true;
    await attempt(this, async () => {
      const { explanation } = await this.#client.call('explain.find', target);
      if (this.target === target) this.result = explanation;
    });
    this.looking = false;
  }

  close(): void {
    this.target = null;
  }

  /** Makes a new explanation of the open image. */
  async begin(): Promise<void> {
    const { target, members } = this;
    if (target === null || this.#asked) return;
    this.#asked = true;
    await attempt(this, async () => {
      const result = await this.#client.call('explain.run', { ...target, members });
      if (this.target?.runId === target.runId && this.target.index === target.index) this.result = result;
    });
    if (this.error?.tag === 'Cancelled') this.error = null;
    this.#asked = false;
  }

  async cancel(): Promise<void> {
    const runId = this.run?.id;
    if (runId !== undefined) await attempt(this, () => this.#client.call('runs.cancel', { runId }));
  }
}
