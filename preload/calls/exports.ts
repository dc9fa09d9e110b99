import { z } from 'zod';
import { type Call, call } from './call.ts';
import { originalityDecision } from './originality.ts';
import { imageSet } from './values.ts';

const exportFormat = z.enum(['dicom', 'nifti', 'png']);

export const exportsCalls = {
  /** Shows a folder dialog, then writes; empty list when dismissed. */
  'exports.choose': call<{ files: string[] }>()(
    z.strictObject({
      set: imageSet,
      format: exportFormat,
      deidentify: z.boolean(),
      /** Asked for where the set is a run. */
      originality: originalityDecision.optional(),
    }),
    'app',
  ),
  'exports.write': call<{ files: string[] }>()(
    z.strictObject({
      set: imageSet,
      format: exportFormat,
      deidentify: z.boolean(),
      /** Refused with OriginalityOpen where the set is a run and this leaves a suspected copy undecided. */
      originality: originalityDecision.optional(),
      /** DICOM of a series: one object with all its slices. */
      multiFrame: z.boolean().optional(),
      folder: z.string().min(1),
    }),
  ),
} satisfies Record<string, Call<z.ZodType, unknown>>;
