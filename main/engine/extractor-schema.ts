import { z } from 'zod';

/** model.json of a feature extractor: parsed once, here, and trusted afterwards. Unknown keys are refused. */
const identifier = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'letters, digits, dot, dash, underscore, at most 80');
const sha256 = z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits');
const text = z.string().max(4000);
const count = z.int().min(0);
const side = z.int().min(16).max(1024);
const shape = z.array(z.int().min(1)).min(2).max(4);

export const extractorManifest = z
  .strictObject({
    schema: z.literal(1),
    role: z.literal('extractor'),
    id: identifier,
    version: identifier,
    name: text.min(1),
    licence: text.min(1),
    modality: z.string().regex(/^[A-Z]{2,16}$/, 'a DICOM modality code'),
    anatomy: text,
    /** Where in the network the features are taken, in words. */
    layer: text.min(1),
    /** Features per image. */
    width: z.int().min(2).max(8192),
    /** What the network takes; a grey image is repeated for three channels. */
    image: z.strictObject({
      width: side,
      height: side,
      channels: z.union([z.literal(1), z.literal(3)]),
      layout: z.enum(['nchw', 'nhwc']),
    }),
    /** How an image of another size comes onto the grid: bilinear when enlarging, the mean of the covered area when reducing. */
    resize: z.literal('area-bilinear'),
    /** Applied to values in 0…1, which stand for the whole bit depth of a PNG or the window of a DICOM or NIfTI image. */
    normalisation: z.strictObject({
      mean: z.array(z.number()).min(1).max(3),
      deviation: z.array(z.number().positive()).min(1).max(3),
    }),
    files: z.strictObject({
      extractor: z.strictObject({
        path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/, 'a file name in the folder of model.json'),
        sha256,
        bytes: z.int().min(1),
        /** The one batch size of the static shapes. */
        batch: z.int().min(1).max(1024),
        inputs: z.record(z.string(), shape),
        outputs: z.record(z.string(), shape),
      }),
    }),
    parameters: count,
    /** For one image; a multiply–add counts as two. */
    gflops: z.number().positive().nullable(),
    data: z.strictObject({
      name: text,
      licence: text,
      source: text,
      images: count,
      split: text,
      trainingListSha256: sha256,
    }),
    training: z.strictObject({ optimiserSteps: count, imagesSeen: count, hours: z.number().min(0), hardware: text }),
    quality: z.array(
      z.strictObject({ metric: text, value: z.number(), low: z.number(), high: z.number(), n: count, extractor: text }),
    ),
    intendedUse: text,
    limits: z.array(text),
  })
  .superRefine((manifest, context) => {
    for (const [path, message] of contradictions(manifest)) context.addIssue({ code: 'custom', path, message });
  });

export type ExtractorManifest = z.infer<typeof extractorManifest>;

/** Facts that no single field shows: each is [where, what is wrong]. */
function contradictions({ image, width, normalisation, files }: Omit<ExtractorManifest, never>): [string[], string][] {
  const found: [string[], string][] = [];
  const { batch, inputs, outputs } = files.extractor;
  const { channels, layout } = image;
  const place = ['files', 'extractor'];
  const grid = layout === 'nchw' ? [channels, image.height, image.width] : [image.height, image.width, channels];
  const checkOne = (side: 'inputs' | 'outputs', shapes: Record<string, number[]>, wanted: number[]): void => {
    const [only, ...others] = Object.values(shapes);
    if (only === undefined || others.length > 0) found.push([[...place, side], 'must name exactly one tensor']);
    else if (only.join() !== wanted.join())
      found.push([[...place, side], `must have the shape [${wanted.join(', ')}]`]);
  };
  checkOne('inputs', inputs, [batch, ...grid]);
  checkOne('outputs', outputs, [batch, width]);
  for (const name of ['mean', 'deviation'] as const)
    if (normalisation[name].length !== channels)
      found.push([
        ['normalisation', name],
        `must hold ${channels} ${channels === 1 ? 'number' : 'numbers'}, one a channel`,
      ]);
  return found;
}
