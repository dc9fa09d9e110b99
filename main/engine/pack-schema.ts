import { z } from 'zod';
import { samplerNames } from '../../preload/samplers.ts';
import { contradictions } from './pack-contradictions.ts';

/** model.json of a generator pack: parsed once, here, and trusted afterwards. Unknown keys are refused. */
const identifier = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'letters, digits, dot, dash, underscore, at most 80');
const text = z.string().max(4000);
const side = z.int().min(1).max(8192);
const count = z.int().min(0);
const shape = z.array(z.int().min(1)).min(1).max(4);
const sampler = z.enum(samplerNames);

/** One network of a pack: a file, and the static shapes of what goes in and comes out. */
function onnxFile<Inputs extends z.ZodRawShape, Outputs extends z.ZodRawShape>(inputs: Inputs, outputs: Outputs) {
  return z.strictObject({
    /** Relative to the folder of model.json; a plain name, so that nothing outside the pack is read. */
    path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/, 'a file name in the folder of model.json'),
    sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    bytes: z.int().min(1),
    /** The one batch size of the static shapes. */
    batch: z.int().min(1).max(1024),
    inputs: z.strictObject(inputs),
    outputs: z.strictObject(outputs),
  });
}

export const packManifest = z
  .strictObject({
    schema: z.literal(1),
    role: z.literal('generator'),
    id: identifier,
    version: identifier,
    name: text.min(1),
    licence: text.min(1),
    family: z.enum(['ddpm', 'ldm', 'wdm', 'lwdm']),
    modality: z.string().regex(/^[A-Z]{2,16}$/, 'a DICOM modality code'),
    anatomy: text,
    /** Grey or RGB. */
    image: z.strictObject({ width: side, height: side, channels: z.union([z.literal(1), z.literal(3)]) }),
    /** Stored units ↔ the range the network works in; the window with which stored values are shown. */
    intensity: z.strictObject({
      storedMin: z.number(),
      storedMax: z.number(),
      modelMin: z.number(),
      modelMax: z.number(),
      windowCentre: z.number(),
      windowWidth: z.number().positive(),
    }),
    schedule: z.strictObject({
      steps: z.int().min(1).max(10_000),
      kind: z.enum(['cosine', 'linear', 'scaled_linear', 'sigmoid']),
      betaStart: z.number().positive().lt(1).nullable(),
      betaEnd: z.number().positive().lt(1).nullable(),
      prediction: z.enum(['epsilon', 'v', 'sample']),
      zeroTerminalSnr: z.boolean(),
    }),
    conditioning: z
      .strictObject({
        classes: z.array(z.strictObject({ id: identifier, name: text.min(1) })).max(10_000),
        nullLabel: count,
        dropout: z.number().min(0).max(1),
        guidanceDefault: z.number().min(0).max(30),
      })
      .nullable(),
    /** `factor` pixels per latent position along each side. Noised values = latent × scale; the encoder gives the latent unscaled. */
    autoencoder: z
      .strictObject({ factor: z.int().min(2).max(32), channels: z.int().min(1).max(64), scale: z.number().positive() })
      .nullable(),
    /** Of the image, for the family lwdm of the latent: noised values = coefficient × scale. */
    wavelet: z
      .strictObject({
        name: z.literal('haar'),
        levels: z.int().min(1).max(6),
        kind: z.literal('packet'),
        bandOrder: z.array(z.string()),
        scale: z.number().positive(),
      })
      .nullable(),
    sampling: z.strictObject({
      sampler,
      steps: z.int().min(1).max(1000),
      spacing: z.enum(['leading', 'linspace', 'trailing']),
      guidance: z.number().min(0).max(30),
      /** Whether each predicted clean image is kept within the model range. */
      clip: z.boolean(),
      /** Dynamic thresholding (Saharia et al. 2022) instead of the plain clip: the share of values kept, the largest scale. */
      threshold: z
        .strictObject({ percentile: z.number().gt(0).max(1), largest: z.number().min(1).max(100) })
        .optional(),
      /** Guidance: how far the spread is pulled back to that of the conditional prediction (Lin et al. 2024). */
      guidanceRescale: z.number().min(0).max(1).optional(),
    }),
    /** The grid of what is noised and denoised. */
    latent: z.strictObject({ width: side, height: side, channels: z.int().min(1).max(4096) }),
    files: z.strictObject({
      denoiser: onnxFile({ sample: shape, timestep: shape, label: shape.optional() }, { prediction: shape }),
      /** Images in the model range → the mean of their latent. */
      encoder: onnxFile({ sample: shape }, { latent: shape }).optional(),
      /** Latents, unscaled → images in the model range. */
      decoder: onnxFile({ latent: shape }, { image: shape }).optional(),
    }),
    parameters: count,
    gflopsPerStep: z.number().positive().nullable(),
    data: z.strictObject({
      name: text,
      licence: text,
      source: text,
      images: count,
      split: text,
      trainingListSha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
    }),
    training: z.strictObject({
      optimiserSteps: count,
      imagesSeen: count,
      hours: z.number().min(0),
      hardware: text,
    }),
    quality: z.array(
      z.strictObject({
        metric: text,
        value: z.number(),
        low: z.number(),
        high: z.number(),
        n: count,
        extractor: text,
      }),
    ),
    intendedUse: text,
    limits: z.array(text),
  })
  .superRefine((pack, context) => {
    for (const [path, message] of contradictions(pack)) context.addIssue({ code: 'custom', path, message });
  });

export type PackManifest = z.infer<typeof packManifest>;
/** One network of a pack. */
export type PackFile = NonNullable<PackManifest['files'][keyof PackManifest['files']]>;
