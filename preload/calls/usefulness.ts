import { z } from 'zod';
import * as u from '../usefulness.ts';
import { type Call, call } from './call.ts';
import { set } from './measure.ts';
import { id } from './values.ts';

const seed = z.int().min(0).max(0xffff_ffff).default(0);
/** Column of manifest.csv that is the class; without such a table the class is that of what made an image, else its subfolder. */
const label = z.string().trim().min(1).max(80).default('label');
const bootstrap = z.int().min(10).max(10_000).default(1000);
const kind = z.enum(u.usefulnessKinds);

export const usefulnessCalls = {
  /**
   * Train on synthetic, on real and on both, test on real: a run of the log with progress, which runs.cancel ends. No extractor: that of
   * what made the images.
   */
  'usefulness.run': call<u.UsefulnessResult>()(
    z.strictObject({
      real: set,
      synthetic: set,
      test: set,
      extractorId: id.nullable().default(null),
      label,
      /** How many synthetic images are added for each real one, a point of the curve each. */
      perReal: z.array(z.number().gt(0).max(100)).max(20).default([0.1, 0.25, 0.5, 1, 2, 4]),
      bootstrap,
      seed,
    }),
  ),
  /** A linear classifier on the latents of models against one on pixels: a run of the log likewise. */
  'usefulness.probe': call<u.ProbeResult>()(
    z.strictObject({
      data: set,
      modelIds: z.array(id).min(1).max(8),
      label,
      folds: z.int().min(2).max(20).default(5),
      /** More images than this are not used: the time grows with their square. */
      most: z.int().min(20).max(5000).default(600),
      bootstrap,
      seed,
    }),
  ),
  /** Finished tests or probes, newest first. */
  'usefulness.list': call<{ rows: u.UsefulnessRow[] }>()(z.strictObject({ kind })),
  'usefulness.show': call<u.UsefulnessReport>()(z.strictObject({ runId: id })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
