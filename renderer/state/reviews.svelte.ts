import type { CallInput, Events } from '../../preload/contract.ts';
import type { VerisimError } from '../../preload/errors.ts';
import type { Reader, ReadingSummary, ReviewFile, ReviewResult, ReviewSummary } from '../../preload/review.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';
import { ReadingState } from './reading.svelte.ts';

/** What a person chooses before the order is locked. */
export type ReviewPlan = CallInput<'reviews.create'>;

/** All studies, the reading that is under way, and the result of a closed study. */
export class ReviewsState {
  reviews = $state.raw<ReviewSummary[]>([]);
  loaded = $state(false);
  /** A study is made, packed, read or closed. */
  busy = $state(false);
  /** Of the study that is being made; null before its first image stands. */
  progress = $state.raw<Events['reviews.progress'] | null>(null);
  creating = $state(false);
  reading = $state.raw<ReadingState | null>(null);
  result = $state.raw<ReviewResult | null>(null);
  error = $state.raw<VerisimError | null>(null);
  /** The person at this machine. */
  reader = $state<Reader>({ pseudonym: 'Reader 1', yearsOfExperience: null, specialty: '' });
  /** File that was written last. */
  saved = $state<string | null>(null);
  readonly #client: Client;

  constructor(client: Client) {
    this.#client = client;
  }

  /** The returned function ends the subscription. */
  start(): () => void {
    return this.#client.on('reviews.progress', (progress) => (this.progress = progress));
  }

  async load(): Promise<void> {
    await attempt(this, () => this.#list());
    this.loaded = true;
  }

  /** Freezes the design; a study of one reader is read at once. */
  async create(plan: ReviewPlan): Promise<void> {
    await this.#work(async () => {
      const review = await this.#make(plan);
      await this.#list();
      if (review.showsResult) await this.#begin(review.id, $state.snapshot(this.reader));
    });
    // As the person wanted it.
    if (this.error?.tag === 'Cancelled') this.error = null;
  }

  async cancel(): Promise<void> {
    await attempt(this, () => this.#client.call('reviews.cancel', {}));
  }

  async #make(plan: ReviewPlan): Promise<ReviewSummary> {
    this.creating = true;
    this.progress = null;
    try {
      return await this.#client.call('reviews.create', plan);
    } finally {
      this.creating = false;
    }
  }

  async begin(reviewId: string): Promise<void> {
    await this.#work(() => this.#begin(reviewId, $state.snapshot(this.reader)));
  }

  async resume({ reviewId, reader }: ReadingSummary): Promise<void> {
    await this.#work(() => this.#begin(reviewId, reader));
  }

  /** The result of a closed study, or the reading that is unfinished here. */
  async open(reviewId: string): Promise<void> {
    await this.load();
    const review = this.reviews.find(({ id }) => id === reviewId);
    const unfinished = review?.readings.find(({ state }) => state === 'reading');
    if (review?.state === 'closed') await this.showResult(reviewId);
    else if (unfinished !== undefined) await this.resume(unfinished);
  }

  async close(reviewId: string): Promise<void> {
    await this.#work(async () => {
      await this.#client.call('reviews.close', { reviewId });
      await this.#list();
      this.result = await this.#client.call('reviews.result', { reviewId });
    });
  }

  async showResult(reviewId: string): Promise<void> {
    await this.#work(async () => {
      this.result = await this.#client.call('reviews.result', { reviewId });
    });
  }

  async save(what: ReviewFile, id: string): Promise<void> {
    await this.#work(async () => {
      this.saved = (await this.#client.call('reviews.chooseSave', { what, id })).file ?? this.saved;
    });
  }

  /** A packed study, or the answers of a reader. */
  async openFile(): Promise<void> {
    await this.#work(async () => {
      await this.#client.call('reviews.chooseOpen', {});
      await this.#list();
    });
  }

  /** Leaves the reading screen; every confirmed answer is already saved. */
  async leave(): Promise<void> {
    const reading = this.reading;
    this.reading = null;
    await this.load();
    const review = this.reviews.find(({ id }) => id === reading?.reviewId);
    if (reading?.finished && review?.state === 'closed') await this.showResult(review.id);
  }

  closeResult(): void {
    this.result = null;
  }

  /** Cases that one reader needs; null where it cannot be said. */
  async power(
    input: CallInput<'reviews.power'>,
  ): Promise<{ toDetect: number | null; forEquivalence: number | null } | null> {
    let found: { toDetect: number | null; forEquivalence: number | null } | null = null;
    await attempt(this, async () => {
      found = await this.#client.call('reviews.power', input);
    });
    return found;
  }

  async #begin(reviewId: string, reader: Reader): Promise<void> {
    const reading = await this.#client.call('reviews.begin', { reviewId, reader });
    const review = this.reviews.find(({ id }) => id === reviewId);
    this.result = null;
    if (review !== undefined) this.reading = new ReadingState(this.#client, { review, reading });
  }

  async #list(): Promise<void> {
    this.reviews = (await this.#client.call('reviews.list', {})).reviews;
  }

  async #work(work: () => Promise<unknown>): Promise<void> {
    if (this.busy) return;
    this.busy = true;
    this.saved = null;
    await attempt(this, work);
    this.busy = false;
  }
}
