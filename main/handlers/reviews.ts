import { rm } from 'node:fs/promises';
import type { CallParsed } from '../../preload/contract.ts';
import type { ReviewCase, ReviewResult, ReviewSummary } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { sha256Of } from '../engine/hash.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { encodePng8 } from '../imaging/png.ts';
import type { StoredCase, StoredReview } from '../log/reviews.ts';
import type { RunChanges } from '../log/runs.ts';
import { canonicalJson } from '../review/canonical-json.ts';
import { freezeDesign, type ReviewDesign } from '../review/design.ts';
import { equaliseCase } from '../review/equalise.ts';
import { analyseReview } from '../review/statistics.ts';
import type { Workspace } from './dependencies.ts';
import type { Grid } from './fit-slices.ts';
import { newRunId } from './generation.ts';
import { gridOf, openReviewSet, type ReviewSet } from './review-sets.ts';
import { versions } from './versions.ts';

/** The longer side of a case in pixels, where the model's grid is not larger. */
const shownSize = 512;

/**
 * Freezes the design, draws every case in one way, and only then makes the review known. The truth stays in the log.
 * Throws InvalidInput, UnknownSeries, UnknownRun, DiskFull, and what reading a series throws.
 */
export async function createReview(
  workspace: Workspace,
  input: CallParsed<'reviews.create'>,
  { signal }: { signal: AbortSignal },
): Promise<ReviewSummary> {
  const { title, seed, casesPerClass } = input;
  const grid = await gridOf(workspace, input.synthetic, signal);
  const sets = {
    synthetic: await openReviewSet(workspace, { set: input.synthetic, truth: 'synthetic', grid }, signal),
    real: await openReviewSet(workspace, { set: input.real, truth: 'real', grid }, signal),
  };
  const design = freezeDesign({ title, seed, casesPerClass, realIds: sets.real.ids, syntheticIds: sets.synthetic.ids });
  const json = canonicalJson(design);
  const sha256 = sha256Of(json);
  const id = newRunId();
  const cases = await drawCases({ workspace, id, design, sets, grid, signal });
  const total = cases.length;
  workspace.log.transaction(() => {
    workspace.log.runs.create({
      id,
      kind: 'review',
      state: 'running',
      title,
      modelId: null,
      seed,
      provider: null,
      progress: { done: 0, total, secondsLeft: null, phase: 'Reading' },
      parentRunId: null,
      parameters: { reviewId: id, ...input, designSha256: sha256 },
      versions: versions(),
      inputs: [],
      result: null,
      owner: null,
      delivery: null,
    });
    workspace.log.runs.change(id, { startedAt: new Date().toISOString() });
    workspace.log.reviews.create(id, { json, sha256 }, cases);
  });
  workspace.emit('runs.changed', workspace.log.runs.row(id));
  return summaryOf(workspace.log.reviews.get(id));
}

export function listReviews({ log }: Workspace): { reviews: ReviewSummary[] } {
  return { reviews: log.reviews.list().map(summaryOf) };
}

/** Throws UnknownReview, UnknownImage. */
export function showCase({ log }: Workspace, { reviewId, position }: CallParsed<'reviews.case'>): ReviewCase {
  const { total } = log.reviews.get(reviewId);
  checkPosition(reviewId, position, total);
  return { reviewId, position, total, answer: log.reviews.answer(reviewId, position) };
}

/**
 * Cases are answered in order; the latest answer may be changed until the last case is answered. Throws UnknownReview,
 * ReviewLocked, InvalidInput.
 */
export function answerCase(workspace: Workspace, input: CallParsed<'reviews.answer'>): ReviewSummary {
  const { log, emit } = workspace;
  const { reviewId, position, answer, confidence, elapsedMs } = input;
  const review = log.transaction(() => {
    const { total, answered } = log.reviews.get(reviewId);
    checkPosition(reviewId, position, total);
    if (answered >= total) {
      throw new VerisimError('ReviewLocked', `The review ${reviewId} is finished; its answers stay as they are.`);
    }
    if (position !== answered && position !== answered - 1) {
      throw new VerisimError(
        'InvalidInput',
        `Case ${position + 1} cannot be answered now: the next one is case ${answered + 1}, and only the answer before it can be changed.`,
        { expected: `case ${answered + 1}`, found: `case ${position + 1}` },
      );
    }
    log.reviews.saveAnswer(reviewId, { position, answer, confidence, elapsedMs });
    const after = log.reviews.get(reviewId);
    const finished = after.answered >= total;
    const progress = { done: after.answered, total, secondsLeft: null, phase: finished ? 'Done' : 'Reading' };
    log.runs.change(reviewId, { progress, ...(finished ? endOf(workspace, reviewId) : {}) });
    return after;
  });
  emit('runs.changed', log.runs.row(reviewId));
  return summaryOf(review);
}

/** Throws UnknownReview, and ReviewLocked until every case is answered. */
export function reviewResult(workspace: Workspace, reviewId: string): ReviewResult {
  const { total, answered } = workspace.log.reviews.get(reviewId);
  if (answered >= total) return analyse(workspace, reviewId);
  throw new VerisimError(
    'ReviewLocked',
    `The result of the review ${reviewId} is shown after its last case; ${answered} of ${total} are answered.`,
    { expected: `${total} answers`, found: String(answered) },
  );
}

function analyse({ log }: Workspace, reviewId: string): ReviewResult {
  const answers = new Map(log.reviews.answers(reviewId).map((answer) => [answer.position, answer]));
  const cases = log.reviews.cases(reviewId).flatMap((one) => {
    const answer = answers.get(one.position);
    return answer === undefined ? [] : [{ ...one, ...answer }];
  });
  return analyseReview({ reviewId, cases });
}

function endOf(workspace: Workspace, reviewId: string): RunChanges {
  return { state: 'done', finishedAt: new Date().toISOString(), result: analyse(workspace, reviewId) };
}

async function drawCases(options: {
  workspace: Workspace;
  id: string;
  design: ReviewDesign;
  sets: { real: ReviewSet; synthetic: ReviewSet };
  grid: Grid;
  signal: AbortSignal;
}): Promise<StoredCase[]> {
  const { workspace, id, design, sets, grid, signal } = options;
  const { folder } = workspace;
  const size = Math.max(shownSize, grid.width, grid.height);
  const cases: StoredCase[] = [];
  try {
    for (const { position, truth, imageId } of design.cases) {
      signal.throwIfAborted();
      const { pixels, title } = await sets[truth].image(imageId);
      const { pixels: values, width, height } = equaliseCase({ pixels, grid, size });
      await writeFileAtomic(folder.reviewCase(id, position), encodePng8({ width, height, channels: 1, values }));
      cases.push({ position, truth, title });
    }
    return cases;
  } catch (error) {
    await rm(folder.review(id), { recursive: true, force: true });
    throw error;
  }
}

function checkPosition(reviewId: string, position: number, total: number): void {
  if (position < total) return;
  throw new VerisimError(
    'UnknownImage',
    `The review ${reviewId} has ${total} cases; there is no case ${position + 1}.`,
    {
      expected: `1 to ${total}`,
      found: String(position + 1),
    },
  );
}

function summaryOf({ id, title, createdAt, designSha256, total, answered }: StoredReview): ReviewSummary {
  return { id, title, createdAt, state: answered >= total ? 'finished' : 'reading', total, answered, designSha256 };
}
