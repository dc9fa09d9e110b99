import { z } from 'zod';
import { type Annotation, annotationKinds } from '../annotations.ts';
import { type Call, call } from './call.ts';
import { id, index } from './values.ts';

const vector = z.tuple([z.number(), z.number(), z.number()]).readonly();

/** Checked against the type that the window and the log share: a field that one lacks does not compile. */
const annotation = z.strictObject({
  id,
  seriesId: id,
  kind: z.enum(annotationKinds),
  label: z.string().max(500),
  pointsLps: z.array(vector).min(1).max(100),
  rightLps: vector,
  downLps: vector,
  sliceIndex: index,
  measured: z
    .strictObject({
      lengthUnit: z.enum(['mm', 'px']),
      unit: z.string().max(64),
      length: z.number().optional(),
      angleDegrees: z.number().optional(),
      area: z.number().optional(),
      voxels: z.number().optional(),
      mean: z.number().optional(),
      standardDeviation: z.number().optional(),
      minimum: z.number().optional(),
      maximum: z.number().optional(),
      value: z.number().optional(),
    })
    .nullable(),
  createdAt: z.iso.datetime(),
}) satisfies z.ZodType<Annotation>;
const annotationExport = { seriesId: id, format: z.enum(['csv', 'sr']) };

export const annotationsCalls = {
  /** Oldest first. */
  'annotations.list': call<{ annotations: Annotation[] }>()(z.strictObject({ seriesId: id })),
  /** All or nothing: writes what was drawn or changed, takes away what was removed. */
  'annotations.save': call<Record<string, never>>()(
    z.strictObject({ saved: z.array(annotation).max(10_000), removed: z.array(id).max(10_000) }),
  ),
  /** Shows a folder dialog, then writes one table (CSV) or one report (DICOM SR, TID 1500); empty list when dismissed. */
  'annotations.choose': call<{ files: string[] }>()(z.strictObject(annotationExport), 'app'),
  'annotations.write': call<{ files: string[] }>()(z.strictObject({ ...annotationExport, folder: z.string().min(1) })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
