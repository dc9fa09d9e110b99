import type { ReaderAnswer, ReviewSummary } from '../../preload/domain.ts';
import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { Client } from '../client.ts';
import { type ReadingClock, startReadingClock } from './reading-clock.ts';

export type Confidence = 1 | 2 | 3 | 4;
export const confidences: readonly Confidence[] = [1, 2, 3, 4];

/**
 * One reader going through the cases of one review. Knows positions and answers only: nothing here tells a real
 * image from a synthetic one. The screen calls `imageShown` once the image is decoded and painted; time runs from then
 * to the confirmed answer, without pauses.
 */
export class ReadingState {
  readonly reviewId: string;
  readonly total: number;
  position = $state(0);
  /** Cases answered so far, always the first ones. */
  answered = $state(0);
  answer = $state<ReaderAnswer | null>(null);
  confidence = $state<Confidence | null>(null);
  shown = $state(false);
  paused = $state(false);
  saving = $state(false);
  finished = $state(false);
  error = $state.raw<VerisimError | null>(null);
  readonly complete = $derived(this.answer !== null && this.confidence !== null);
  /** Only the last answer can be changed, as on paper forms that are handed in one by one. */
  readonly canGoBack = $derived(this.position > 0 && this.position === this.answered && !this.saving);
  readonly #client: Client;
  readonly #now: () => number;
  #clock: ReadingClock;

  constructor(client: Client, review: ReviewSummary, now: () => number = () => performance.now()) {
    this.#client = client;
    this.#now = now;
    this.reviewId = review.id;
    this.total = review.total;
    this.answered = review.answered;
    this.position = Math.min(review.answered, review.total - 1);
    this.finished = review.answered >= review.total;
    this.#clock = startReadingClock(now);
  }

  imageShown(position: number): void {
    if (position !== this.position) return;
    this.shown = true;
    if (!this.paused) this.#clock.resume();
  }

  choose(answer: ReaderAnswer): void {
    if (this.shown && !this.paused) this.answer = answer;
  }

  rate(confidence: Confidence): void {
    if (this.shown && !this.paused) this.confidence = confidence;
  }

  pause(): void {
    this.paused = true;
    this.#clock.pause();
  }

  resume(): void {
    this.paused = false;
    if (this.shown) this.#clock.resume();
  }

  /** Saves the answer before the next case is shown; on failure the case stays and can be confirmed again. */
  async confirm(): Promise<void> {
    const { answer, confidence, position, reviewId } = this;
    if (answer === null || confidence === null || !this.shown || this.paused || this.saving) return;
    this.saving = true;
    this.#clock.pause();
    try {
      const elapsedMs = Math.round(this.#clock.elapsedMs());
      const review = await this.#client.call('reviews.answer', { reviewId, position, answer, confidence, elapsedMs });
      this.error = null;
      this.answered = review.answered;
      this.finished = review.answered >= review.total;
      if (!this.finished) this.#enter(Math.max(position + 1, Math.min(review.answered, this.total - 1)), null);
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
      this.#clock.resume();
    } finally {
      this.saving = false;
    }
  }

  /** Shows the last answered case again with its answer; the time spent on it goes on from where it stopped. */
  async back(): Promise<void> {
    if (!this.canGoBack || this.paused) return;
    const position = this.position - 1;
    try {
      const { answer } = await this.#client.call('reviews.case', { reviewId: this.reviewId, position });
      this.error = null;
      this.#enter(position, answer);
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
    }
  }

  #enter(position: number, before: { answer: ReaderAnswer; confidence: Confidence; elapsedMs: number } | null): void {
    this.#clock = startReadingClock(this.#now, before?.elapsedMs ?? 0);
    this.position = position;
    this.shown = false;
    this.answer = before?.answer ?? null;
    this.confidence = before?.confidence ?? null;
  }
}
