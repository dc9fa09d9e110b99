import { deserialiseError, serialiseError, type VerisimError } from '../../preload/errors.ts';
import type { CaseAnswer, Confidence, Mark, ReadingSummary, ReviewSummary } from '../../preload/review.ts';
import type { Client } from '../client.ts';
import { type ReadingClock, startReadingClock } from './reading-clock.ts';

/**
 * One reader going through the cases of one study. Knows positions and answers only: nothing here tells a real
 * image from a synthetic one. The screen calls `imagesShown` once the images are decoded and painted; time runs from then
 * to the confirmed answer, without pauses.
 */
export class ReadingState {
  readonly review: ReviewSummary;
  readonly reviewId: string;
  readonly readingId: string;
  readonly total: number;
  /** Cases before this position train. */
  #firstJudged = 0;
  position = $state(0);
  /** Numbers of the images of the case at `position`; empty until they are known. */
  images = $state.raw<readonly number[]>([]);
  training = $state(false);
  /** Cases answered so far, always the first ones. */
  answered = $state(0);
  choice = $state<number | null>(null);
  confidence = $state<Confidence | null>(null);
  mark = $state.raw<Mark | null>(null);
  comment = $state('');
  shown = $state(false);
  paused = $state(false);
  saving = $state(false);
  finished = $state(false);
  /** The time for this case is over: the images are hidden, the answer is still asked for. */
  timeOver = $state(false);
  /** The right choice of the training case that was just answered. */
  feedback = $state<number | null>(null);
  error = $state.raw<VerisimError | null>(null);
  readonly needsConfidence: boolean;
  readonly complete = $derived(this.choice !== null && this.confidence !== null);
  /** Only the last answer can be changed, as on paper forms that are handed in one by one; never one of training. */
  readonly canGoBack = $derived(
    this.position > 0 &&
      this.position === this.answered &&
      this.position - 1 >= this.#firstJudged &&
      !this.saving &&
      this.feedback === null,
  );
  readonly #client: Client;
  readonly #now: () => number;
  #clock: ReadingClock;
  #limit: ReturnType<typeof setTimeout> | undefined;

  constructor(
    client: Client,
    { review, reading }: { review: ReviewSummary; reading: ReadingSummary },
    now: () => number = () => performance.now(),
  ) {
    this.#client = client;
    this.#now = now;
    this.review = review;
    this.reviewId = review.id;
    this.readingId = reading.id;
    this.#firstJudged = review.trainingCases;
    this.total = reading.total;
    this.answered = reading.answered;
    this.finished = reading.state === 'finished';
    // A quality is its own rating; every other answer is weighed by how sure the reader is.
    this.needsConfidence = review.question !== 'quality';
    this.#clock = startReadingClock(now);
    this.#enter(Math.min(reading.answered, reading.total - 1), null);
    void this.#look();
  }

  imagesShown(position: number): void {
    if (position !== this.position) return;
    this.shown = true;
    if (!this.paused) this.#run();
  }

  choose(choice: number): void {
    if (!this.#asks) return;
    this.choice = choice;
  }

  rate(confidence: Confidence): void {
    if (this.#asks && this.needsConfidence) this.confidence = confidence;
  }

  pause(): void {
    this.paused = true;
    this.#clock.pause();
    clearTimeout(this.#limit);
  }

  resume(): void {
    this.paused = false;
    if (this.shown && this.feedback === null) this.#run();
  }

  /** Saves the answer before the next case is shown; on failure the case stays and can be confirmed again. */
  async confirm(): Promise<void> {
    const { choice, confidence, position, readingId, comment, mark } = this;
    if (choice === null || confidence === null || !this.#asks || this.saving) return;
    this.saving = true;
    this.#clock.pause();
    clearTimeout(this.#limit);
    try {
      const elapsedMs = Math.round(this.#clock.elapsedMs());
      const given = { readingId, position, choice, confidence, elapsedMs, mark, comment };
      const { reading, feedback } = await this.#client.call('reviews.answer', given);
      this.error = null;
      this.answered = reading.answered;
      if (feedback !== null) this.feedback = feedback;
      else await this.#next(reading);
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
      this.#run();
    } finally {
      this.saving = false;
    }
  }

  /** From the feedback of a training case to the next case. */
  async goOn(): Promise<void> {
    if (this.feedback === null) return;
    await this.#next({ state: this.answered >= this.total ? 'finished' : 'reading' });
  }

  /** Shows the last answered case again with its answer; the time spent on it goes on from where it stopped. */
  async back(): Promise<void> {
    if (!this.canGoBack || this.paused) return;
    const position = this.position - 1;
    this.#enter(position, null);
    await this.#look(true);
  }

  get #asks(): boolean {
    return this.shown && !this.paused && this.feedback === null;
  }

  async #next({ state }: Pick<ReadingSummary, 'state'>): Promise<void> {
    this.finished = state === 'finished';
    if (this.finished) return;
    this.#enter(Math.min(this.answered, this.total - 1), null);
    await this.#look();
  }

  async #look(withAnswer = false): Promise<void> {
    const { readingId, position } = this;
    try {
      const shown = await this.#client.call('reviews.case', { readingId, position });
      if (position !== this.position) return;
      this.error = null;
      this.training = shown.training;
      if (withAnswer) this.#enter(position, shown.answer);
      this.images = shown.images;
    } catch (error) {
      this.error = deserialiseError(serialiseError(error));
    }
  }

  #run(): void {
    this.#clock.resume();
    const { timeLimitSeconds } = this.review;
    if (timeLimitSeconds === null) return;
    clearTimeout(this.#limit);
    const left = timeLimitSeconds * 1000 - this.#clock.elapsedMs();
    this.#limit = setTimeout(() => (this.timeOver = true), Math.max(0, left));
  }

  #enter(position: number, before: CaseAnswer | null): void {
    clearTimeout(this.#limit);
    this.#clock = startReadingClock(this.#now, before?.elapsedMs ?? 0);
    this.position = position;
    this.images = [];
    this.shown = false;
    this.timeOver = false;
    this.feedback = null;
    this.choice = before?.choice ?? null;
    this.confidence = before?.confidence ?? (this.needsConfidence ? null : 4);
    this.mark = before?.mark ?? null;
    this.comment = before?.comment ?? '';
  }
}
