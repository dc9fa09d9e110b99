import { z } from 'zod';
import type * as r from '../review.ts';
import { questionKinds } from '../review.ts';
import { type Call, call } from './call.ts';
import { set as sets, setPart } from './measure.ts';
import { id, index, nothing } from './values.ts';

const share = z.number().min(0).max(1);
const reader = z.strictObject({
  pseudonym: z.string().trim().min(1).max(80),
  yearsOfExperience: z.number().min(0).max(80).nullable(),
  specialty: z.string().trim().max(120),
});
const plan = z.strictObject({
  title: z.string().min(1).max(200),
  question: z.enum(questionKinds),
  choices: z.int().min(1).max(4),
  real: sets,
  synthetic: sets,
  stain: z.enum(['none', 'macenko', 'reinhard']).optional(),
  casesPerClass: z.int().min(1).max(1000),
  seed: z.int().min(0).max(0xffff_ffff),
  trainingCases: z.int().min(0).max(50),
  repeats: z.int().min(0).max(200),
  sessions: z.int().min(1).max(4),
  washOutDays: z.number().min(0).max(365),
  timeLimitSeconds: z.number().min(1).max(3600).nullable(),
  tools: z.strictObject({ zoom: z.boolean(), window: z.boolean(), mark: z.boolean(), comment: z.boolean() }),
  showsResult: z.boolean(),
  margin: z.number().min(0.01).max(0.4),
});
const file = z.string().min(1).max(4096);
const written = z.enum(['study', 'page', 'answers', 'csv', 'imrmc', 'json', 'html']);

export const reviewsCalls = {
  /** Counts, sizes and resolutions of sets that a review might be made of, and what of them would tell. */
  'reviews.survey': call<r.ReviewSurvey>()(
    z.strictObject({ real: z.array(setPart).max(500), synthetic: z.array(setPart).max(500) }),
  ),
  'reviews.create': call<r.ReviewSummary>()(plan),
  /** Ends the making of a study; nothing of it is left. */
  'reviews.cancel': call<Record<string, never>>()(nothing),
  'reviews.list': call<{ reviews: r.ReviewSummary[] }>()(nothing),
  /** Begins a reading, or goes on with the unfinished one of the same pseudonym. */
  'reviews.begin': call<r.ReadingSummary>()(z.strictObject({ reviewId: id, reader })),
  'reviews.case': call<r.ReviewCase>()(z.strictObject({ readingId: id, position: index })),
  'reviews.answer': call<r.AnswerReceipt>()(
    z.strictObject({
      readingId: id,
      position: index,
      choice: z.int().min(0).max(5),
      confidence: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
      elapsedMs: z.number().min(0),
      mark: z.strictObject({ image: z.int().min(0).max(3), x: share, y: share, radius: share }).nullable(),
      comment: z.string().max(2000),
    }),
  ),
  /** Opens the key; no answer is taken after that. */
  'reviews.close': call<r.ReviewSummary>()(z.strictObject({ reviewId: id })),
  /** Refused with ReviewLocked until the study is closed. */
  'reviews.result': call<r.ReviewResult>()(z.strictObject({ reviewId: id })),
  /** Cases that one reader needs, by exact power; null above 5,000. */
  'reviews.power': call<{ toDetect: number | null; forEquivalence: number | null }>()(
    z.strictObject({
      chance: share,
      accuracy: share,
      margin: z.number().min(0.01).max(0.4),
      power: z.number().min(0.5).max(0.99),
    }),
  ),
  /** Shows a save dialog, then writes; null when dismissed. `id` is that of a reading for answers, else of a review. */
  'reviews.chooseSave': call<{ file: string | null }>()(z.strictObject({ what: written, id }), 'app'),
  'reviews.write': call<{ file: string | null }>()(z.strictObject({ what: written, id, file })),
  /** Shows an open dialog, then reads a study or answers; null when dismissed. */
  'reviews.chooseOpen': call<{ review: r.ReviewSummary | null }>()(nothing, 'app'),
  'reviews.read': call<{ review: r.ReviewSummary | null }>()(z.strictObject({ file })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
