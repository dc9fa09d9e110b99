import type { CallParsed } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { AnswerReceipt, ReadingSummary, ReviewCase } from '../../preload/review.ts';
import type { StoredReading } from '../log/reviews.ts';
import { type ReviewDesign, sequenceOf } from '../review/design.ts';
import type { Workspace } from './dependencies.ts';
import { newRunId } from './generation.ts';
import { checkChoice, designOf } from './review-design.ts';
import { readingSummary } from './review-summary.ts';
import { closeReview } from './reviews.ts';

const dayMs = 86_400_000;

/**
 * Goes on with the unfinished reading of this pseudonym, or begins its next session. Throws UnknownReview, ReviewLocked when
 * the study is closed, all sessions are read or the wash-out is not over.
 */
export function beginReading({ log }: Workspace, { reviewId, reader }: CallParsed<'reviews.begin'>): ReadingSummary {
  return log.transaction(() => {
    const review = log.reviews.get(reviewId);
    const design = designOf(review);
    if (review.closedAt !== null) throw closed(review.title);
    const own = log.reviews.readings(reviewId).filter((one) => one.reader.pseudonym === reader.pseudonym);
    const unfinished = own.find(({ finishedAt }) => finishedAt === null);
    if (unfinished !== undefined) return readingSummary(unfinished, design);
    const session = own.length + 1;
    if (session > design.orders.length) {
      throw new VerisimError(
        'ReviewLocked',
        `${reader.pseudonym} has read all ${design.orders.length} sessions of this study. Another reader takes another pseudonym.`,
        { expected: `at most ${design.orders.length} sessions`, found: `session ${session}` },
      );
    }
    checkWashOut(own, design);
    const id = newRunId();
    const begun = {
      id,
      reviewId,
      reader,
      session,
      startedAt: new Date().toISOString(),
      finishedAt: null,
      machine: null,
    };
    log.reviews.begin(begun);
    return readingSummary({ ...begun, answered: 0 }, design);
  });
}

/** Throws UnknownReview, UnknownImage. */
export function showCase({ log }: Workspace, { readingId, position }: CallParsed<'reviews.case'>): ReviewCase {
  const { design, session } = readingOf(log, readingId);
  const sequence = sequenceOf(design, session);
  checkPosition(position, sequence.length);
  const answered = log.reviews.answers(readingId).find((one) => one.position === position);
  if (answered === undefined)
    return { readingId, position, total: sequence.length, ...shown(design, sequence, position), answer: null };
  const { choice, confidence, elapsedMs, mark, comment } = answered;
  const answer = { choice, confidence, elapsedMs, mark, comment };
  return { readingId, position, total: sequence.length, ...shown(design, sequence, position), answer };
}

/**
 * Cases are answered in order; the latest answer may be changed until the last case is answered, one of a training case
 * not at all, as its truth was told. Throws UnknownReview, ReviewLocked, InvalidInput.
 */
export async function answerCase(workspace: Workspace, input: CallParsed<'reviews.answer'>): Promise<AnswerReceipt> {
  const { log, emit } = workspace;
  const { readingId, ...answer } = input;
  const { position, choice } = answer;
  const { receipt, closes } = log.transaction(() => {
    const { design, session, reading, closedAt, title } = readingOf(log, readingId);
    const sequence = sequenceOf(design, session);
    const total = sequence.length;
    checkPosition(position, total);
    if (closedAt !== null) throw closed(title);
    if (reading.finishedAt !== null)
      throw new VerisimError('ReviewLocked', 'This reading is finished; its answers stay as they are.');
    const { answered } = reading;
    const training = design.training[position];
    if (position !== answered && (position !== answered - 1 || training !== undefined)) {
      throw new VerisimError(
        'InvalidInput',
        `Case ${position + 1} cannot be answered now: the next one is case ${answered + 1}, and only the answer before it can be changed.`,
        { expected: `case ${answered + 1}`, found: `case ${position + 1}` },
      );
    }
    checkChoice(design, choice);
    log.reviews.saveAnswer(readingId, answer);
    const after = log.reviews.reading(readingId);
    const finished = after.answered >= total;
    if (finished) log.reviews.finish(readingId, new Date().toISOString());
    const answers = log.reviews.readings(reading.reviewId).reduce((sum, one) => sum + one.answered, 0);
    log.runs.change(reading.reviewId, { progress: { done: answers, total: 0, secondsLeft: null, phase: 'Reading' } });
    const summary = readingSummary(log.reviews.reading(readingId), design);
    return { receipt: { reading: summary, feedback: training?.right ?? null }, closes: finished && design.showsResult };
  });
  const { reviewId } = receipt.reading;
  emit('runs.changed', log.runs.row(reviewId));
  if (closes && log.reviews.get(reviewId).origin === 'own') await closeReview(workspace, reviewId);
  return receipt;
}

function readingOf(log: Workspace['log'], readingId: string) {
  const reading = log.reviews.reading(readingId);
  const review = log.reviews.get(reading.reviewId);
  return {
    reading,
    session: reading.session,
    design: designOf(review),
    closedAt: review.closedAt,
    title: review.title,
  };
}

function shown(design: ReviewDesign, sequence: readonly number[], position: number) {
  return { images: design.items[sequence[position]!]!, training: position < design.training.length };
}

function checkWashOut(own: readonly StoredReading[], { washOutDays }: ReviewDesign): void {
  const last = own.reduce((latest, { finishedAt }) => Math.max(latest, Date.parse(finishedAt ?? '')), -Infinity);
  const from = last + washOutDays * dayMs;
  if (own.length === 0 || Date.now() >= from) return;
  const date = new Date(from).toISOString();
  throw new VerisimError(
    'ReviewLocked',
    `The next session may begin on ${date.slice(0, 10)}, ${washOutDays} days after the last.`,
    {
      expected: date,
      found: new Date().toISOString(),
    },
  );
}

function checkPosition(position: number, total: number): void {
  if (position < total) return;
  throw new VerisimError('UnknownImage', `The reading has ${total} cases; there is no case ${position + 1}.`, {
    expected: `1 to ${total}`,
    found: String(position + 1),
  });
}

const closed = (title: string) =>
  new VerisimError('ReviewLocked', `The study ${title} is closed; its answers stay as they are.`);
