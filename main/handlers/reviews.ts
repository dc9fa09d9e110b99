import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { CallParsed } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ReaderAnswer, ReviewResult, ReviewSummary } from '../../preload/review.ts';
import { sha256Of } from '../engine/hash.ts';
import type { StoredReview } from '../log/reviews.ts';
import { canonicalJson } from '../review/canonical-json.ts';
import { type Candidate, freezeDesign, type ReviewDesign, type StudyKey } from '../review/design.ts';
import { casesForEquivalence, casesToDetect } from '../review/sample-size.ts';
import { analyseStudy } from '../review/study-result.ts';
import type { Workspace } from './dependencies.ts';
import { newRunId } from './generation.ts';
import { designOf, keyOfFirst } from './review-design.ts';
import { drawImages } from './review-drawing.ts';
import { sizeNotes, targetOf } from './review-equality.ts';
import { openKey, sealKey } from './review-keys.ts';
import type { ReviewSet } from './review-set.ts';
import { openReviewSet } from './review-sets.ts';
import { summaryOf } from './review-summary.ts';
import { versions } from './versions.ts';

/**
 * Freezes the design, draws every image in one way, seals the key, and only then makes the study known.
 * Throws InvalidInput, UnknownSeries, UnknownRun, EmptyFolder, DiskFull, Cancelled, and what reading a set throws.
 */
export async function createReview(
  workspace: Workspace,
  plan: CallParsed<'reviews.create'>,
  context: { signal: AbortSignal },
): Promise<ReviewSummary> {
  const own = new AbortController();
  creations.set(workspace, own);
  const signal = AbortSignal.any([context.signal, own.signal]);
  const open = (truth: ReaderAnswer) =>
    Promise.all(plan[truth].map((part) => openReviewSet(workspace, part, { truth, signal })));
  const sets = { synthetic: await open('synthetic'), real: await open('real') };
  const target = targetOf(sets);
  const setOf = new Map<string, ReviewSet>();
  const candidates = async (truth: ReaderAnswer): Promise<Candidate[]> => {
    const found: Candidate[] = [];
    for (const set of sets[truth])
      for (const candidate of await set.candidates(target.grid)) {
        found.push(candidate);
        setOf.set(candidate.id, set);
      }
    return found;
  };
  const pools = { real: await candidates('real'), synthetic: await candidates('synthetic') };
  const draft = freezeDesign(plan, pools);
  const id = newRunId();
  const { folder, log } = workspace;
  try {
    const drawing = {
      workspace,
      id,
      draft,
      setOf: (one: string) => setOf.get(one)!,
      target,
      stain: plan.stain ?? 'none',
      signal,
    };
    const { images, key: shown, equalisation, notes } = await drawImages(drawing);
    const key: StudyKey = { salt: randomBytes(16).toString('hex'), images: shown };
    const sealedKey = await sealKey(folder, id, key);
    const version = 1 + log.reviews.list().filter(({ title }) => title === plan.title).length;
    // Brightness and contrast of a colour are no window: they would only change the stain.
    const tools = { ...plan.tools, window: plan.tools.window && !target.isColour };
    const design: ReviewDesign = {
      ...draft.design,
      equalisation,
      tools,
      version,
      images,
      keySha256: sha256Of(canonicalJson(key)),
    };
    const warnings = [...sizeNotes(sets, target), ...notes];
    keepStudy(workspace, { id, design, origin: 'own', sealedKey, parameters: { ...plan }, warnings });
  } catch (error) {
    await rm(folder.review(id), { recursive: true, force: true });
    await rm(folder.reviewSecret(id), { force: true });
    throw error;
  }
  return summaryOf(workspace, log.reviews.get(id));
}

/** A person makes one study at a time. */
const creations = new WeakMap<Workspace, AbortController>();

/** Ends the making of a study; nothing of it is left. */
export function cancelCreation(workspace: Workspace): Record<string, never> {
  creations.get(workspace)?.abort();
  return {};
}

/** Writes the run and the study; the images lie in the data folder already. */
export function keepStudy(
  { log, emit }: Workspace,
  study: Pick<StoredReview, 'id' | 'origin' | 'sealedKey'> & {
    design: ReviewDesign;
    parameters: Record<string, unknown>;
    warnings?: string[];
  },
): void {
  const { id, design, origin, sealedKey, parameters, warnings = [] } = study;
  const json = canonicalJson(design);
  const designSha256 = sha256Of(json);
  log.transaction(() => {
    log.runs.create({
      id,
      kind: 'review',
      state: 'running',
      title: design.title,
      modelId: null,
      seed: design.seed,
      provider: null,
      progress: { done: 0, total: 0, secondsLeft: null, phase: 'Reading' },
      parentRunId: null,
      parameters: { reviewId: id, ...parameters, designSha256 },
      versions: versions(),
      inputs: [],
      result: null,
      owner: null,
      delivery: null,
    });
    log.runs.change(id, { startedAt: new Date().toISOString(), warnings });
    log.reviews.create({ id, design: json, designSha256, origin, sealedKey });
  });
  emit('runs.changed', log.runs.row(id));
}

export function listReviews(workspace: Workspace): { reviews: ReviewSummary[] } {
  return { reviews: workspace.log.reviews.list().map((review) => summaryOf(workspace, review)) };
}

/**
 * Opens the key and analyses; from here on no answer is taken. Throws UnknownReview, ReviewLocked where nothing was read to the
 * end or the study is not one's own, HashMismatch where the key is not the one of the design.
 */
export async function closeReview(workspace: Workspace, reviewId: string): Promise<ReviewSummary> {
  const { log, emit } = workspace;
  const review = log.reviews.get(reviewId);
  if (review.closedAt === null) {
    const result = await analyse(workspace, review);
    const at = new Date().toISOString();
    log.transaction(() => {
      log.reviews.close(reviewId, at);
      const { progress } = log.runs.row(reviewId);
      log.runs.change(reviewId, { state: 'done', finishedAt: at, progress: { ...progress, phase: 'Done' }, result });
    });
    emit('runs.changed', log.runs.row(reviewId));
  }
  return summaryOf(workspace, log.reviews.get(reviewId));
}

/** Throws UnknownReview, and ReviewLocked until the study is closed. */
export async function reviewResult(workspace: Workspace, reviewId: string): Promise<ReviewResult> {
  const review = workspace.log.reviews.get(reviewId);
  if (review.closedAt !== null) return analyse(workspace, review);
  throw new VerisimError(
    'ReviewLocked',
    'The result is shown when the study is closed. Close it after the last reader; no answer is taken after that.',
    { expected: 'a closed study', found: 'an open one' },
  );
}

export function requiredCases({ chance, accuracy, margin, power }: CallParsed<'reviews.power'>) {
  return {
    toDetect: casesToDetect({ chance, accuracy, power }),
    forEquivalence: casesForEquivalence({ chance, margin, power }),
  };
}

async function analyse({ log, folder }: Workspace, review: StoredReview): Promise<ReviewResult> {
  const { id, origin, sealedKey, designSha256 } = review;
  if (origin === 'imported') {
    throw new VerisimError(
      'ReviewLocked',
      'The key of this study stays with its owner. Save the answers and send them back.',
      { expected: 'a study of one’s own', found: 'a study from another machine' },
    );
  }
  const readings = log.reviews
    .readings(id)
    .filter(({ finishedAt }) => finishedAt !== null)
    .map((reading) => ({ ...reading, answers: log.reviews.answers(reading.id) }));
  if (readings.length === 0) {
    throw new VerisimError(
      'ReviewLocked',
      'Nobody has read this study to its end. Close it when a reading is finished.',
      {
        expected: 'one finished reading or more',
        found: 'none',
      },
    );
  }
  const design = designOf(review);
  const key = sealedKey === null ? keyOfFirst(log.reviews.cases(id)) : await openKey(folder, id, sealedKey);
  if (sealedKey !== null && sha256Of(canonicalJson(key)) !== design.keySha256)
    throw new VerisimError(
      'HashMismatch',
      `The key of the study ${id} is not the one that its design was frozen with.`,
      {
        expected: design.keySha256,
        found: sha256Of(canonicalJson(key)),
      },
    );
  const { notes } = summaryOf({ log }, review);
  return analyseStudy({ reviewId: id, designSha256, design, key, readings, notes });
}
