import { z } from 'zod';
import type { SetPart } from '../measure.ts';
import type { OriginalityCheck, OriginalityDecision } from '../originality.ts';
import { type Call, call } from './call.ts';
import { setPart } from './measure.ts';
import { id, imageSet, index } from './values.ts';

const reason = z.string().trim().min(3, 'a reason').max(500);

/** Part of an export of generated images. */
export const originalityDecision = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('checked'),
    checkId: id,
    threshold: z.number().min(0).max(1),
    excluded: z.array(index).max(100_000),
    kept: z.array(z.strictObject({ index, reason })).max(10_000),
  }),
  z.strictObject({ kind: z.literal('unchecked'), reason }),
]) satisfies z.ZodType<OriginalityDecision>;

export const originalityCalls = {
  /** Looks for each image of a run or of a synthetic series among real ones: a run of the log with progress, which runs.cancel ends. */
  'originality.check': call<OriginalityCheck>()(
    z.strictObject({ set: imageSet, against: z.array(setPart).min(1).max(500) }),
  ),
  /** The newest check of a set, and the real images that images of its model were last held against. */
  'originality.find': call<{ check: OriginalityCheck | null; against: SetPart[] }>()(z.strictObject({ set: imageSet })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
