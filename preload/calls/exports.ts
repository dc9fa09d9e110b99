import { z } from 'zod';
import { type Call, call } from './call.ts';
import { imageSet } from './values.ts';

const exportFormat = z.enum(['dicom', 'nifti', 'png']);

export const exportsCalls = {
  /** Shows a folder dialog, then writes; empty list when dismissed. */
  'exports.choose': call<{ files: string[] }>()(
    z.strictObject({ set: imageSet, format: exportFormat, deidentify: z.boolean() }),
    'app',
  ),
  'exports.write': call<{ files: string[] }>()(
    z.strictObject({
      set: imageSet,
      format: exportFormat,
      deidentify: z.boolean(),
      /** DICOM of a series: one object with all its slices. */
      multiFrame: z.boolean().optional(),
      folder: z.string().min(1),
    }),
  ),
} satisfies Record<string, Call<z.ZodType, unknown>>;
