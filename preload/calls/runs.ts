import { z } from 'zod';
import type * as d from '../domain.ts';
import { runKinds } from '../domain.ts';
import { inpaintingMethods } from '../generation-request.ts';
import { samplerNames } from '../samplers.ts';
import { type Call, call } from './call.ts';
import { id, index, provider } from './values.ts';

export const generationRequest = z.strictObject({
  modelId: id,
  count: z.int().min(1).max(100_000),
  seed: z.int().min(0).max(0xffff_ffff),
  classId: id.nullable(),
  guidance: z.number().min(0).max(30),
  sampler: z.enum(samplerNames),
  steps: z.int().min(1).max(1000),
  provider,
  source: z
    .strictObject({
      seriesId: id,
      sliceIndices: z.array(index).min(1).max(100_000),
      strength: z.number().min(0).max(1),
    })
    .nullable(),
  inpaint: z
    .strictObject({
      maskId: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of a mask'),
      method: z.enum(inpaintingMethods),
      jumpLength: z.int().min(1).max(1000),
      resamples: z.int().min(1).max(100),
    })
    .optional(),
});

export const runsCalls = {
  /** Keeps a mask as drawn over one slice: row by row from the top as the slice is shown, a bit a pixel, 1 = to be made anew. */
  'masks.save': call<{ maskId: string }>()(
    z.strictObject({
      columns: z.int().min(1).max(65_535),
      rows: z.int().min(1).max(65_535),
      bits: z.base64().max(64_000_000),
    }),
  ),

  /** `first`: before the runs that wait. It changes no byte and is no part of what is logged as the request. */
  'runs.generate': call<{ runId: string }>()(generationRequest.extend({ first: z.boolean().optional() })),
  'runs.cancel': call<Record<string, never>>()(z.strictObject({ runId: id })),
  'runs.retry': call<{ runId: string }>()(z.strictObject({ runId: id })),
  'runs.rerun': call<{ runId: string }>()(z.strictObject({ runId: id })),
  'runs.list': call<{ rows: d.RunRow[]; total: number }>()(
    z.strictObject({
      text: z.string().max(200).default(''),
      kind: z.enum(runKinds).nullable().default(null),
      state: z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']).nullable().default(null),
      limit: z.int().min(1).max(1000).default(200),
      offset: z.int().min(0).default(0),
    }),
  ),
  'runs.show': call<d.RunDetail>()(z.strictObject({ runId: id })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
