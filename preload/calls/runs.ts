import { z } from 'zod';
import type * as d from '../domain.ts';
import { runKinds, runSortColumns } from '../domain.ts';
import type * as l from '../run-log.ts';
import { inpaintingMethods } from '../generation-request.ts';
import { samplerNames } from '../samplers.ts';
import { type Call, call } from './call.ts';
import { id, index, nothing, provider } from './values.ts';

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

/** A word of letters, digits and a few signs, so that a filter can name it. */
const tag = z
  .string()
  .regex(/^[\p{L}\p{N}][\p{L}\p{N}._/-]{0,39}$/u, 'a tag: letters, digits, dot, dash, underscore, slash');

interface QueueState {
  paused: boolean;
  /** In the order in which they will be taken. */
  waiting: string[];
}

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
      /** Words and conditions such as `steps>=20 -state:failed`; see main/log/filter/parse.ts. */
      text: z.string().max(1000).default(''),
      kind: z.enum(runKinds).nullable().default(null),
      state: z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']).nullable().default(null),
      limit: z.int().min(1).max(1000).default(200),
      offset: z.int().min(0).default(0),
      sort: z.strictObject({ by: z.enum(runSortColumns), descending: z.boolean() }).optional(),
    }),
  ),
  /** What is left out stays. */
  'runs.mark': call<{ rows: d.RunRow[] }>()(
    z.strictObject({
      runIds: z.array(id).min(1).max(1000),
      starred: z.boolean().optional(),
      note: z.string().max(20_000).optional(),
      addTags: z.array(tag).max(50).optional(),
      removeTags: z.array(tag).max(50).optional(),
    }),
  ),
  /** What a filter may name: fields, then parameters, metrics and timings that some run has; and the tags in use. */
  'runs.vocabulary': call<{ fields: readonly string[]; names: string[]; tags: string[] }>()(nothing),
  'runs.compare': call<l.RunsComparison>()(z.strictObject({ runIds: z.array(id).min(2).max(12) })),
  /** Of one image, or with no index of the run. */
  'runs.lineage': call<l.Lineage>()(z.strictObject({ runId: id, index: index.nullable() })),
  /** One generation for every combination of the values, all with one tag. */
  'runs.grid': call<{ runIds: string[]; tag: string }>()(
    generationRequest.extend({
      tag: tag.nullable().default(null),
      grid: z.strictObject({
        modelId: z.array(id).max(50).optional(),
        classId: z.array(id.nullable()).max(50).optional(),
        sampler: z.array(z.enum(samplerNames)).max(50).optional(),
        steps: z.array(generationRequest.shape.steps).max(100).optional(),
        guidance: z.array(generationRequest.shape.guidance).max(100).optional(),
        seed: z.array(generationRequest.shape.seed).max(500).optional(),
        strength: z.array(z.number().min(0).max(1)).max(100).optional(),
      }),
    }),
  ),
  'queue.state': call<QueueState>()(nothing),
  'queue.pause': call<QueueState>()(z.strictObject({ paused: z.boolean() })),
  /** These jobs first, in this order; then the others that wait. */
  'queue.reorder': call<QueueState>()(z.strictObject({ runIds: z.array(id).min(1).max(1000) })),
  'runs.show': call<d.RunDetail>()(z.strictObject({ runId: id })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
