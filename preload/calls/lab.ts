import { z } from 'zod';
import * as l from '../lab.ts';
import { type Call, call } from './call.ts';
import { setPart } from './measure.ts';
import { id, imageReference, nothing } from './values.ts';

export const labCalls = {
  /** Splits an image, edits the bands, puts it together again. */
  'lab.wavelet': call<l.WaveletView>()(
    z.strictObject({
      image: imageReference,
      wavelet: z.enum(l.waveletNames),
      mode: z.enum(l.waveletModes),
      levels: z.int().min(1).max(12),
      /** Bands that are set to zero. */
      zeroed: z.array(z.string().max(20)).max(100),
      /** Only the largest coefficients stay, the approximation apart; 100 = all. */
      keepPercent: z.number().min(0).max(100),
    }),
  ),
  /** To the latents of a model and back. Refused for a model without an autoencoder. */
  'lab.reconstruct': call<l.Reconstruction>()(z.strictObject({ modelId: id, image: imageReference })),
  /** On the great circle between the latents of two images. */
  'lab.interpolate': call<l.Interpolation>()(
    z.strictObject({
      modelId: id,
      left: imageReference,
      right: imageReference,
      frames: z.int().min(3).max(15).default(7),
    }),
  ),
  /** A map of cohorts by their latents or pixels: a run of the log with progress, which runs.cancel ends. */
  'lab.map': call<l.LatentMap>()(
    z.strictObject({
      modelId: id.nullable(),
      method: z.enum(['pca', 'umap']),
      sets: z
        .array(z.strictObject({ name: z.string().trim().min(1).max(120), parts: z.array(setPart).min(1).max(500) }))
        .min(1)
        .max(8),
      /** Images of each set, whole patients at random. */
      most: z.int().min(10).max(2000).default(400),
    }),
  ),
  /** Counted from the graphs of all packs. */
  'lab.complexity': call<{ rows: l.ComplexityRow[] }>()(nothing),
} satisfies Record<string, Call<z.ZodType, unknown>>;
