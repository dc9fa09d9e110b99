import { z } from 'zod';
import type * as d from '../domain.ts';
import { type Call, call } from './call.ts';
import { id, imageSet, index, nothing } from './values.ts';

export const reviewsCalls = {
  'reviews.create': call<d.ReviewSummary>()(
    z.strictObject({
      title: z.string().min(1).max(200),
      real: imageSet,
      synthetic: imageSet,
      casesPerClass: z.int().min(1).max(1000),
      seed: z.int().min(0).max(0xffff_ffff),
    }),
  ),
  'reviews.list': call<{ reviews: d.ReviewSummary[] }>()(nothing),
  'reviews.case': call<d.ReviewCase>()(z.strictObject({ reviewId: id, position: index })),
  'reviews.answer': call<d.ReviewSummary>()(
    z.strictObject({
      reviewId: id,
      position: index,
      answer: z.enum(['real', 'synthetic']),
      confidence: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
      elapsedMs: z.number().min(0),
    }),
  ),
  /** Refused with ReviewLocked until every case is answered. */
  'reviews.result': call<d.ReviewResult>()(z.strictObject({ reviewId: id })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
