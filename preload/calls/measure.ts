import { z } from 'zod';
import type * as m from '../measure.ts';
import { type Call, call } from './call.ts';
import { id, nothing } from './values.ts';

export const setPart = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('folder'), folderId: id }),
  z.strictObject({ kind: z.literal('series'), seriesId: id }),
  z.strictObject({ kind: z.literal('run'), runId: id }),
]) satisfies z.ZodType<m.SetPart>;
/** Several parts make one set together. */
export const set = z.array(setPart).min(1).max(500);

export const measureCalls = {
  /** Shows a folder dialog; null when dismissed. The folder is remembered under an identifier. */
  'measure.chooseFolder': call<{ folder: m.MeasureFolder | null }>()(nothing, 'app'),
  'measure.addFolder': call<{ folder: m.MeasureFolder | null }>()(z.strictObject({ folder: z.string().min(1) })),
  'measure.choices': call<{ folders: m.MeasureFolder[]; extractors: m.ExtractorSummary[] }>()(nothing),
  /**
   * Takes from seconds to minutes: a run of the log with progress, which runs.cancel ends. Several cohorts are measured against the
   * same real set one after the other. No extractor: that of what made the images.
   */
  'measure.run': call<m.Evaluation>()(
    z.strictObject({
      real: set,
      cohorts: z
        .array(z.strictObject({ name: z.string().trim().min(1).max(120), parts: set }))
        .min(1)
        .max(12),
      training: z.array(setPart).max(500).default([]),
      extractorId: id.nullable().default(null),
      /** Also the Fréchet radiomic distance, which takes a while. */
      radiomics: z.boolean().default(true),
      bootstrap: z.int().min(10).max(2000).default(100),
    }),
  ),
  /** Finished evaluations, newest first. */
  'measure.list': call<{ evaluations: m.EvaluationRow[] }>()(nothing),
  'measure.show': call<m.Evaluation>()(z.strictObject({ runId: id })),
  /** Shows a folder dialog, then writes an HTML report that needs no other file, a CSV and a JSON; empty list when dismissed. */
  'measure.chooseReport': call<{ files: string[] }>()(z.strictObject({ runId: id }), 'app'),
  'measure.writeReport': call<{ files: string[] }>()(z.strictObject({ runId: id, folder: z.string().min(1) })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
