import type { ReadingSummary, ReviewSummary } from '../../preload/review.ts';
import type { StoredReading, StoredReview } from '../log/reviews.ts';
import { type ReviewDesign, sequenceOf } from '../review/design.ts';
import type { Workspace } from './dependencies.ts';
import { designOf } from './review-design.ts';

/** What a person may know of a study before it is closed. */
export function summaryOf({ log }: Pick<Workspace, 'log'>, review: StoredReview): ReviewSummary {
  const design = designOf(review);
  const { id, title, createdAt, closedAt, origin, designSha256 } = review;
  return {
    id,
    title,
    createdAt,
    state: closedAt === null ? 'open' : 'closed',
    origin,
    question: design.question,
    choices: design.choices,
    trainingCases: design.training.length,
    sessions: design.orders.length,
    timeLimitSeconds: design.timeLimitSeconds,
    tools: design.tools,
    showsResult: design.showsResult,
    total: sequenceOf(design, 1).length,
    version: design.version,
    designSha256,
    notes: [...notesOf(design), ...log.runs.detail(id).warnings],
    readings: log.reviews.readings(id).map((reading) => readingSummary(reading, design)),
  };
}

export function readingSummary(reading: StoredReading, design: ReviewDesign): ReadingSummary {
  const { id, reviewId, reader, session, answered, startedAt, finishedAt, machine } = reading;
  return {
    id,
    reviewId,
    reader,
    session,
    answered,
    total: sequenceOf(design, session).length,
    state: finishedAt === null ? 'reading' : 'finished',
    startedAt,
    finishedAt,
    merged: machine !== null,
  };
}

function notesOf({ neighbours }: ReviewDesign): string[] {
  return neighbours === 0
    ? []
    : [`${neighbours} neighbouring cases are of one patient: the sets have too few patients to keep them apart.`];
}
