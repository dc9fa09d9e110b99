import type { ReviewResult, ReviewSummary } from '../../preload/domain.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { CallInput } from '../../preload/contract.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { ReadingState } from './reading.svelte.ts';

/** What a person chooses before the order is locked. */
export type ReviewDesign = CallInput<'reviews.create'>;

/** All blind reviews, the one being read, and the result of a finished one. */
export class ReviewsState {
  reviews = $state.raw<ReviewSummary[]>([]);
  loaded = $state(false);
  creating = $state(false);
  reading = $state.raw<ReadingState | null>(null);
  result = $state.raw<ReviewResult | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  async load(): Promise<void> {
    await attempt(this, async () => {
      this.reviews = (await this.#client.call('reviews.list', {})).reviews;
    });
    this.loaded = true;
  }

  /** Freezes the design and begins to read. */
  async create(design: ReviewDesign): Promise<void> {
    if (this.creating) return;
    this.creating = true;
    await attempt(this, async () => {
      const review = await this.#client.call('reviews.create', design);
      this.reviews = [review, ...this.reviews];
      this.reading = new ReadingState(this.#client, review);
    });
    this.creating = false;
  }

  /** Goes on reading where the reader left, or shows the result of a finished review. */
  async open(reviewId: string): Promise<void> {
    await this.load();
    const review = this.reviews.find(({ id }) => id === reviewId);
    if (review === undefined) return;
    this.result = null;
    if (review.state === 'reading') this.reading = new ReadingState(this.#client, review);
    else await this.#showResult(reviewId);
  }

  /** Leaves the reading screen; every confirmed answer is already saved. */
  async leave(): Promise<void> {
    const reading = this.reading;
    this.reading = null;
    await this.load();
    if (reading?.finished) await this.#showResult(reading.reviewId);
  }

  closeResult(): void {
    this.result = null;
  }

  async #showResult(reviewId: string): Promise<void> {
    await attempt(this, async () => {
      this.result = await this.#client.call('reviews.result', { reviewId });
    });
  }
}
