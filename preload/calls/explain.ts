import { z } from 'zod';
import type { Explanation } from '../explain.ts';
import type { HeadToHead } from '../head-to-head.ts';
import { type Call, call } from './call.ts';
import { id, index, nothing } from './values.ts';

export const explainCalls = {
  /**
   * Takes from seconds to minutes: a run of the log with progress, which runs.cancel ends. `members` other seeds; strengths are the
   * share of noise that the image is brought back to.
   */
  'explain.run': call<Explanation>()(
    z.strictObject({
      runId: id,
      index,
      members: z.int().min(2).max(64).default(8),
      spreadStrength: z.number().min(0.1).max(1).default(0.6),
      restoreStrength: z.number().min(0.1).max(1).default(0.25),
      frames: z.int().min(2).max(24).default(10),
    }),
  ),
  /** The newest explanation of an image; null where none was made. */
  'explain.find': call<{ explanation: Explanation | null }>()(z.strictObject({ runId: id, index })),
  /** The stored comparisons of packs that come with the application, newest first. */
  'frontier.list': call<{ comparisons: HeadToHead[] }>()(nothing),
} satisfies Record<string, Call<z.ZodType, unknown>>;
