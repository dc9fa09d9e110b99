import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import type { CallParsed } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ReaderAnswer, ReviewResult, ReviewSummary } from '../../preload/review.ts';
import { sha256Of } from '../engine/hash.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { encodePng8 } from '../imaging/png.ts';
import type { StoredReview } from '../log/reviews.ts';
import { canonicalJson } from '../review/canonical-json.ts';
import { type Candidate, type Draft, freezeDesign, type ReviewDesign, type StudyKey } from '../review/design.ts';
import { equaliseCase } from '../review/equalise.ts';
import { casesForEquivalence, casesToDetect } from '../review/sample-size.ts';
import { analyseStudy } from '../review/study-result.ts';
import type { Workspace } from './dependencies.ts';
import type { Grid } from './fit-slices.ts';
import { newRunId } from './generation.ts';
import { designOf, keyOfFirst } from './review-design.ts';
import { openKey, sealKey } from './review-keys.ts';
import { gridOf, openReviewSet, type ReviewSet } from './review-sets.ts';
import { summaryOf } from './review-summary.ts';
import { versions } from './versions.ts';

/** The longer side of an image in pixels, where the model's grid is not larger. */
const shownSize = 512;

/**
 * Freezes the design, draws every image in one way, seals the key, and only then makes the study known.
 * Throws InvalidInput, UnknownSeries, UnknownRun, DiskFull, and what reading a series throws.
 */
export async function createReview(
  workspace: Workspace,
  plan: CallParsed<'reviews.create'>,
  { signal }: { signal: AbortSignal },
): Promise<ReviewSummary> {
  const grid = await gridOf(workspace, plan.synthetic[0]!, signal);
  const open = (truth: ReaderAnswer) =>
    Promise.all(plan[truth].map((set) => openReviewSet(workspace, { set, truth, grid }, signal)));
  const sets = { synthetic: await open('synthetic'), real: await open('real') };
  const candidates = (truth: ReaderAnswer): Candidate[] => sets[truth].flatMap((set) => set.candidates);
  const draft = freezeDesign(plan, { real: candidates('real'), synthetic: candidates('synthetic') });
  const id = newRunId();
  const { folder, log } = workspace;
  try {
    const drawn = await drawImages({ workspace, id, draft, sets, grid, signal });
    const key: StudyKey = { salt: randomBytes(16).toString('hex'), images: drawn.key };
    const sealedKey = await sealKey(folder, id, key);
    const version = 1 + log.reviews.list().filter(({ title }) => title === plan.title).length;
    const design: ReviewDesign = {
      ...draft.design,
      version,
      images: drawn.images,
      keySha256: sha256Of(canonicalJson(key)),
    };
    keepStudy(workspace, { id, design, origin: 'own', sealedKey, parameters: { ...plan } });
  } catch (error) {
    await rm(folder.review(id), { recursive: true, force: true });
    await rm(folder.reviewSecret(id), { force: true });
    throw error;
  }
  return summaryOf(workspace, log.reviews.get(id));
}

/** Writes the run and the study; the images lie in the data folder already. */
export function keepStudy(
  { log, emit }: Workspace,
  study: Pick<StoredReview, 'id' | 'origin' | 'sealedKey'> & {
    design: ReviewDesign;
    parameters: Record<string, unknown>;
  },
): void {
  const { id, design, origin, sealedKey, parameters } = study;
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
    log.runs.change(id, { startedAt: new Date().toISOString() });
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
  return analyseStudy({ reviewId: id, designSha256, design, key, readings });
}

async function drawImages(options: {
  workspace: Workspace;
  id: string;
  draft: Draft;
  sets: Record<ReaderAnswer, ReviewSet[]>;
  grid: Grid;
  signal: AbortSignal;
}): Promise<{ images: ReviewDesign['images']; key: StudyKey['images'] }> {
  const { workspace, id, draft, sets, grid, signal } = options;
  const size = Math.max(shownSize, grid.width, grid.height);
  const images: ReviewDesign['images'] = [];
  const key: StudyKey['images'] = [];
  for (const [number, { truth, candidate }] of draft.images.entries()) {
    signal.throwIfAborted();
    const set = sets[truth].find(({ candidates }) => candidates.some((one) => one.id === candidate.id))!;
    const { pixels, title } = await set.image(candidate.id);
    const { pixels: values, width, height } = equaliseCase({ pixels, grid, size });
    // Stored and not compressed: every file has one size and takes one time to decode, whatever it shows.
    const png = encodePng8({ width, height, channels: 1, values, stored: true });
    await writeFileAtomic(workspace.folder.reviewCase(id, number), png);
    images.push({ sha256: sha256Of(png) });
    key.push({ truth, title, imageId: candidate.id, group: candidate.group, patient: candidate.patient });
  }
  return { images, key };
}
