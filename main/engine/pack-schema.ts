import { z } from 'zod';
import { samplerNames } from '../../preload/samplers.ts';
import { packetBands } from '../diffusion/wavelets/haar.ts';

/** model.json of a generator pack: parsed once, here, and trusted afterwards. Unknown keys are refused. */
const identifier = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'letters, digits, dot, dash, underscore, at most 80');
const text = z.string().max(4000);
const side = z.int().min(1).max(8192);
const count = z.int().min(0);
const shape = z.array(z.int().min(1)).min(1).max(4);
const sampler = z.enum(samplerNames);

const onnxFile = z.strictObject({
  /** Relative to the folder of model.json; a plain name, so that nothing outside the pack is read. */
  path: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]*\.onnx$/, 'a file name in the folder of model.json'),
  sha256: z.string().regex(/^[0-9a-f]{64}$/, '64 lower-case hexadecimal digits'),
  bytes: z.int().min(1),
  /** The one batch size of the static shapes. */
  batch: z.int().min(1).max(1024),
  inputs: z.strictObject({ sample: shape, timestep: shape, label: shape.optional() }),
  outputs: z.strictObject({ prediction: shape }),
});

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
    image: z.strictObject({ width: side, height: side, channels: z.int().min(1).max(4) }),
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
    autoencoder: z.record(z.string(), z.unknown()).nullable(),
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
    }),
    latent: z.strictObject({ width: side, height: side, channels: z.int().min(1).max(4096) }),
    files: z.strictObject({ denoiser: onnxFile }),
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
type Shape = readonly number[];

/** Facts that no single field shows: each is [where, what is wrong]. */
function contradictions(pack: Omit<PackManifest, never>): [string[], string][] {
  const found: [string[], string][] = [];
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) found.push([path.split('.'), message]);
  };
  const { intensity, schedule, conditioning, wavelet, image, latent } = pack;
  must(intensity.storedMax > intensity.storedMin, 'intensity.storedMax', 'must be above storedMin');
  must(intensity.modelMax > intensity.modelMin, 'intensity.modelMax', 'must be above modelMin');
  const constants = schedule.betaStart !== null && schedule.betaEnd !== null;
  must(schedule.kind === 'cosine' || constants, 'schedule.betaStart', `a ${schedule.kind} schedule needs both betas`);
  const zeroSnrAllowed = schedule.prediction === 'v' && pack.sampling.spacing === 'trailing';
  must(
    !schedule.zeroTerminalSnr || zeroSnrAllowed,
    'schedule.zeroTerminalSnr',
    'needs prediction v and spacing trailing, as there is no signal in the last step',
  );
  must(pack.sampling.steps <= schedule.steps, 'sampling.steps', `at most the ${schedule.steps} trained steps`);
  must(pack.family !== 'ddpm' || wavelet === null, 'wavelet', 'must be null for the family ddpm');
  must(pack.family !== 'ddpm' || sameGrid(latent, image), 'latent', 'must equal image for the family ddpm');
  must(pack.family !== 'wdm' || wavelet !== null, 'wavelet', 'is needed by the family wdm');
  const pixelOrWavelet = pack.family === 'ddpm' || pack.family === 'wdm';
  must(!pixelOrWavelet || pack.autoencoder === null, 'autoencoder', `must be null for the family ${pack.family}`);
  if (pack.family === 'wdm' && wavelet !== null) {
    const factor = 2 ** wavelet.levels;
    const grid = {
      width: image.width / factor,
      height: image.height / factor,
      channels: image.channels * factor ** 2,
    };
    must(
      sameGrid(latent, grid),
      'latent',
      `${wavelet.levels} levels need ${grid.width} × ${grid.height} × ${grid.channels}`,
    );
    const bands = packetBands(wavelet.levels);
    const complete = wavelet.bandOrder.length === bands.length && bands.every((b) => wavelet.bandOrder.includes(b));
    must(complete, 'wavelet.bandOrder', `must name each of the ${bands.length} bands once: ${bands.join(' ')}`);
  }
  if (conditioning !== null) {
    const { classes, nullLabel } = conditioning;
    must(new Set(classes.map((c) => c.id)).size === classes.length, 'conditioning.classes', 'ids must differ');
    must(
      nullLabel >= classes.length,
      'conditioning.nullLabel',
      `must not be one of the ${classes.length} class labels`,
    );
  }
  const { batch, inputs, outputs } = pack.files.denoiser;
  const sample = [batch, latent.channels, latent.height, latent.width];
  must(sameShape(inputs.sample, sample), 'files.denoiser.inputs.sample', `must be [${sample.join(', ')}]`);
  must(sameShape(outputs.prediction, sample), 'files.denoiser.outputs.prediction', `must be [${sample.join(', ')}]`);
  must(sameShape(inputs.timestep, [batch]), 'files.denoiser.inputs.timestep', `must be [${batch}]`);
  must(conditioning === null || batch >= 2, 'files.denoiser.batch', 'guidance needs a batch of at least 2');
  const label = conditioning === null ? inputs.label === undefined : sameShape(inputs.label ?? [], [batch]);
  must(label, 'files.denoiser.inputs.label', conditioning === null ? 'needs conditioning' : `must be [${batch}]`);
  return found;
}

function sameGrid(a: PackManifest['latent'], b: PackManifest['latent']): boolean {
  return a.width === b.width && a.height === b.height && a.channels === b.channels;
}

function sameShape(a: Shape, b: Shape): boolean {
  return a.length === b.length && a.every((value, i) => value === b[i]);
}
