import { z } from 'zod';
import type * as d from '../domain.ts';
import { type Call, call } from './call.ts';
import { id, imageReference, index } from './values.ts';

export const comparisonsCalls = {
  'images.describe': call<d.ImageDescription>()(z.strictObject({ image: imageReference })),
  'compare.pair': call<d.ComparisonResult>()(z.strictObject({ left: imageReference, right: imageReference })),
  /** The nearest slices of a real series to one synthetic image, best first. */
  'compare.nearest': call<{ nearest: d.NearestImage[] }>()(
    z.strictObject({ runId: id, index, seriesId: id, most: z.int().min(1).max(20).default(3) }),
  ),
} satisfies Record<string, Call<z.ZodType, unknown>>;
