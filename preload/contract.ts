import { z } from 'zod';
import { type Annotation, annotationKinds } from './annotations.ts';
import type { BenchmarkResult } from './benchmark.ts';
import type * as d from './domain.ts';
import type * as m from './models.ts';
import type { Overlay } from './overlays.ts';
import type { RunPreview } from './run-preview.ts';
import { inpaintingMethods } from './generation-request.ts';
import { samplerNames } from './samplers.ts';

/**
 * Every call (name → zod input, TypeScript output) and every event between the window, the application process
 * and the engine. Inputs are parsed where they arrive, in main and in the engine; outputs are our own and typed only.
 * `where: 'app'` marks the few calls that need the application process (dialogs); all others run in the engine.
 */
const id = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'an identifier of letters, digits, dot, dash, underscore');
const index = z.int().min(0).max(1_000_000);
const provider = z.enum(['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml']);
const exportFormat = z.enum(['dicom', 'nifti', 'png']);

export const generationRequest = z.strictObject({
  modelId: id,
  count: z.int().min(1).max(100_000),
  seed: z.int().min(0).max(0xffff_ffff),
  classId: id.nullable(),
  guidance: z.number().min(0).max(30),
  sampler: z.enum(samplerNames),
  steps: z.int().min(1).max(1000),
  provider,
  source: z
    .strictObject({
      seriesId: id,
      sliceIndices: z.array(index).min(1).max(100_000),
      strength: z.number().min(0).max(1),
    })
    .nullable(),
  inpaint: z
    .strictObject({
      maskId: z.string().regex(/^[0-9a-f]{64}$/, 'the SHA-256 of a mask'),
      method: z.enum(inpaintingMethods),
      jumpLength: z.int().min(1).max(1000),
      resamples: z.int().min(1).max(100),
    })
    .optional(),
});

const imageReference = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slice'), seriesId: id, sliceIndex: index }),
  z.strictObject({ kind: z.literal('runInput'), runId: id, index }),
  z.strictObject({ kind: z.literal('output'), runId: id, index }),
]);

const imageSet = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('series'), seriesId: id }),
  z.strictObject({ kind: z.literal('run'), runId: id }),
]);

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

const paths = z.array(z.string().min(1)).min(1).max(100_000);
const settingName = z.enum(['viewer.keys']);
const nothing = z.strictObject({});

interface Call<Input extends z.ZodType, Output> {
  input: Input;
  where: 'engine' | 'app';
  /** Exists only in the type system. */
  readonly output?: Output;
}

function call<Output>() {
  return <Input extends z.ZodType>(input: Input, where: 'engine' | 'app' = 'engine'): Call<Input, Output> => ({
    input,
    where,
  });
}

export const calls = {
  'app.info': call<d.ApplicationInfo>()(nothing),

  /** Shows a dialog, then indexes what was chosen; empty result when the dialog is dismissed. */
  'studies.choose': call<d.OpenResult>()(z.strictObject({ kind: z.enum(['files', 'folder']) }), 'app'),
  /** Paths come from a drop (preload resolves them) or the CLI, never from renderer code. */
  'studies.open': call<d.OpenResult>()(z.strictObject({ paths })),
  'studies.openSample': call<d.OpenResult>()(nothing),
  'studies.list': call<d.OpenResult>()(nothing),
  'studies.forget': call<Record<string, never>>()(z.strictObject({ seriesId: id })),
  /** Decodes once, caches, describes; voxels at app://verisim/volumes/<id>. */
  'studies.volume': call<d.VolumeDescription>()(z.strictObject({ seriesId: id })),
  /** Label volumes at app://verisim/volumes/<volume.id>, and outlines in the patient. */
  'studies.overlays': call<{ overlays: Overlay[]; skipped: d.SkippedFile[] }>()(z.strictObject({ seriesId: id })),
  'studies.tags': call<{ elements: d.TagElement[] }>()(z.strictObject({ seriesId: id, sliceIndex: index })),

  'models.list': call<{ models: m.ListedModel[]; refused: d.SkippedFile[] }>()(nothing),
  /** Shows a folder dialog, then imports the pack in it, after a question where a pack of that id would be replaced; null when dismissed. */
  'models.choose': call<{ model: m.ListedModel | null }>()(nothing, 'app'),
  /** Refused with ModelExists where a pack of that id is there and `replace` is false. */
  'models.import': call<{ model: m.ListedModel }>()(
    z.strictObject({ folder: z.string().min(1), replace: z.boolean() }),
  ),
  'models.remove': call<Record<string, never>>()(z.strictObject({ modelId: id })),
  /** Measures the memory once for each pack and provider on a machine, which takes seconds; `guided`: a class and a guidance above 1. */
  'models.cost': call<m.ModelCost>()(
    z.strictObject({ modelId: id, provider, steps: z.int().min(1).max(1000), guided: z.boolean() }),
  ),

  'providers.list': call<{ providers: m.ProviderStatus[] }>()(nothing),
  /** Remembered: what later runs start with. Refused with ProviderUnavailable where it is not installed. */
  'providers.prefer': call<{ providers: m.ProviderStatus[] }>()(z.strictObject({ provider })),
  /** Runs the model on the provider and on the processor, in a process of its own. */
  'providers.check': call<m.ProviderCheck>()(z.strictObject({ provider, modelId: id })),

  /** Takes minutes: a run of the log with progress, which runs.cancel ends. No models: all; a count of null: a full batch of the model. */
  'benchmark.run': call<BenchmarkResult>()(
    z.strictObject({
      modelIds: z.array(id).max(100).default([]),
      steps: z.int().min(1).max(1000),
      repeats: z.int().min(1).max(100),
      counts: z.array(z.int().min(1).max(100_000).nullable()).min(1).max(10).default([null]),
      sampler: z.enum(samplerNames),
      provider,
    }),
  ),

  /** Keeps a mask as drawn over one slice: row by row from the top as the slice is shown, a bit a pixel, 1 = to be made anew. */
  'masks.save': call<{ maskId: string }>()(
    z.strictObject({
      columns: z.int().min(1).max(65_535),
      rows: z.int().min(1).max(65_535),
      bits: z.base64().max(64_000_000),
    }),
  ),

  /** `first`: before the runs that wait. It changes no byte and is no part of what is logged as the request. */
  'runs.generate': call<{ runId: string }>()(generationRequest.extend({ first: z.boolean().optional() })),
  'runs.cancel': call<Record<string, never>>()(z.strictObject({ runId: id })),
  'runs.retry': call<{ runId: string }>()(z.strictObject({ runId: id })),
  'runs.rerun': call<{ runId: string }>()(z.strictObject({ runId: id })),
  'runs.list': call<{ rows: d.RunRow[]; total: number }>()(
    z.strictObject({
      text: z.string().max(200).default(''),
      kind: z.enum(['generation', 'comparison', 'review', 'export', 'benchmark']).nullable().default(null),
      state: z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']).nullable().default(null),
      limit: z.int().min(1).max(1000).default(200),
      offset: z.int().min(0).default(0),
    }),
  ),
  'runs.show': call<d.RunDetail>()(z.strictObject({ runId: id })),

  'images.describe': call<d.ImageDescription>()(z.strictObject({ image: imageReference })),
  'compare.pair': call<d.ComparisonResult>()(z.strictObject({ left: imageReference, right: imageReference })),
  /** The nearest slices of a real series to one synthetic image, best first. */
  'compare.nearest': call<{ nearest: d.NearestImage[] }>()(
    z.strictObject({ runId: id, index, seriesId: id, most: z.int().min(1).max(20).default(3) }),
  ),

  'reviews.create': call<d.ReviewSummary>()(
    z.strictObject({
      title: z.string().min(1).max(200),
      real: imageSet,
      synthetic: imageSet,
      casesPerClass: z.int().min(1).max(1000),
      seed: z.int().min(0).max(0xffff_ffff),
    }),
  ),
  'reviews.list': call<{ reviews: d.ReviewSummary[] }>()(nothing),
  'reviews.case': call<d.ReviewCase>()(z.strictObject({ reviewId: id, position: index })),
  'reviews.answer': call<d.ReviewSummary>()(
    z.strictObject({
      reviewId: id,
      position: index,
      answer: z.enum(['real', 'synthetic']),
      confidence: z.union([z.literal(1), z.literal(2), z.literal(3), z.literal(4)]),
      elapsedMs: z.number().min(0),
    }),
  ),
  /** Refused with ReviewLocked until every case is answered. */
  'reviews.result': call<d.ReviewResult>()(z.strictObject({ reviewId: id })),

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

  /** Oldest first. */
  'annotations.list': call<{ annotations: Annotation[] }>()(z.strictObject({ seriesId: id })),
  /** All or nothing: writes what was drawn or changed, takes away what was removed. */
  'annotations.save': call<Record<string, never>>()(
    z.strictObject({ saved: z.array(annotation).max(10_000), removed: z.array(id).max(10_000) }),
  ),
  /** Shows a folder dialog, then writes one table (CSV) or one report (DICOM SR, TID 1500); empty list when dismissed. */
  'annotations.choose': call<{ files: string[] }>()(z.strictObject(annotationExport), 'app'),
  'annotations.write': call<{ files: string[] }>()(z.strictObject({ ...annotationExport, folder: z.string().min(1) })),

  /** Small named choices of the person; null where none was made. */
  'settings.read': call<{ value: Record<string, string> | null }>()(z.strictObject({ name: settingName })),
  'settings.write': call<Record<string, never>>()(
    z.strictObject({ name: settingName, value: z.record(z.string().max(80), z.string().max(200)) }),
  ),
  /** The whole screen for the images, or the window as it was. */
  'app.fullScreen': call<Record<string, never>>()(z.strictObject({ on: z.boolean() }), 'app'),
} satisfies Record<string, Call<z.ZodType, unknown>>;

export type CallName = keyof typeof calls;
export type CallInput<Name extends CallName> = z.input<(typeof calls)[Name]['input']>;
export type CallParsed<Name extends CallName> = z.output<(typeof calls)[Name]['input']>;
export type CallOutput<Name extends CallName> = NonNullable<(typeof calls)[Name]['output']>;

/** Events go one way, from the engine to every window. */
export interface Events {
  'runs.changed': d.RunRow;
  /** The denoising as it happens; a run that nobody can watch sends none. */
  'runs.preview': RunPreview;
  'studies.progress': { done: number; total: number | null; phase: string };
  /** The window stays; it shows that the engine is coming back. */
  'engine.state': { state: 'starting' | 'ready' | 'restarting' | 'failed'; reason: string };
}
export type EventName = keyof Events;

export type Envelope<Value> =
  | { ok: true; value: Value }
  | {
      ok: false;
      error: { tag: string; message: string; details: { path?: string; expected?: string; found?: string } };
    };

/** What the preload script puts on `window.verisim`. */
export interface VerisimBridge {
  invoke<Name extends CallName>(name: Name, input: CallInput<Name>): Promise<Envelope<CallOutput<Name>>>;
  /** Files of a drop event; their paths never reach the page. */
  openDropped(files: File[]): Promise<Envelope<d.OpenResult>>;
  /** Returns the function that ends the subscription. */
  on<Name extends EventName>(name: Name, listener: (payload: Events[Name]) => void): () => void;
}
