import { z } from 'zod';
import type { DeidentifyOptions } from '../deidentify.ts';
import { type Call, call } from './call.ts';
import { originalityDecision } from './originality.ts';
import { id, imageSet } from './values.ts';

const exportFormat = z.enum(['dicom', 'nifti', 'png']);
const retain = z.strictObject({
  dates: z.enum(['remove', 'shift', 'keep']),
  uids: z.boolean(),
  device: z.boolean(),
  institution: z.boolean(),
  patient: z.boolean(),
  descriptors: z.boolean(),
}) satisfies z.ZodType<DeidentifyOptions>;
const request = {
  set: imageSet,
  format: exportFormat,
  deidentify: z.boolean(),
  /** What a de-identified DICOM series may keep; nothing where it is not given. */
  retain: retain.optional(),
  /** Where the set is synthetic, what was decided on suspected copies; refused with OriginalityOpen while one is undecided. */
  originality: originalityDecision.optional(),
  /** DICOM of a series: one object with all its slices. */
  multiFrame: z.boolean().optional(),
};

export const exportsCalls = {
  /** Shows a folder dialog, then writes; empty list when dismissed. */
  'exports.choose': call<{ files: string[] }>()(z.strictObject(request), 'app'),
  'exports.write': call<{ files: string[] }>()(
    z.strictObject({
      ...request,
      folder: z.string().min(1),
    }),
  ),
  /** What taking identity out of the header leaves in the pixels: burned-in text, faces. Whole sentences. */
  'exports.risks': call<{ risks: string[] }>()(z.strictObject({ seriesId: id })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
