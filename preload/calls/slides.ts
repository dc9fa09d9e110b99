import { z } from 'zod';
import type {
  SlideComparison,
  SlideFeatureMap,
  SlideGenerationResult,
  SlideMask,
  SlideNotes,
  SlideSummary,
  TilingEstimate,
  TilingPlaces,
  TilingResult,
} from '../slides.ts';
import { samplerNames } from '../samplers.ts';
import { type Call, call } from './call.ts';
import { id, nothing, provider } from './values.ts';

const number = z.number().finite();
const point = z.tuple([number, number]).readonly();
const polygon = z.array(z.array(point).max(100_000).readonly()).max(1000).readonly();
const stroke = z.strictObject({
  add: z.boolean(),
  radius: number.positive(),
  points: z.array(point).max(10_000).readonly(),
});

const tissue = z.strictObject({
  saturation: number.min(0).max(255).nullable(),
  texture: number.min(0).max(255),
  smallestPieceUm2: number.min(0).max(1e12),
  largestHoleUm2: number.min(0).max(1e12),
  withoutInk: z.boolean(),
  strokes: z.array(stroke).max(1000).readonly(),
});

const tiling = z.strictObject({
  size: z.int().min(8).max(8192),
  micronsPerPixel: number.min(0.01).max(1000).nullable(),
  overlap: z.int().min(0).max(8191),
  tissueFraction: number.min(0).max(1),
  tissue,
  leastFocus: number.min(0).max(1e9),
  normalisation: z.enum(['none', 'macenko', 'reinhard']),
  format: z.enum(['png', 'jpeg']),
  regions: z.array(polygon).max(10_000).readonly(),
});

const annotation = z.strictObject({ name: z.string().max(200), polygon });
const notes = z.strictObject({ tissue, annotations: z.array(annotation).max(10_000).readonly() });

const slideIds = z.array(id).min(1).max(10_000);

export const slidesCalls = {
  'slides.list': call<{ slides: SlideSummary[] }>()(nothing),
  'slides.forget': call<Record<string, never>>()(z.strictObject({ slideId: id })),
  /** JPEG of one tile of 512 pixels, for app://verisim/tiles/…: level 0 is the whole slide in one pixel, each next one twice as fine. */
  'slides.picture': call<{ jpeg: Uint8Array }>()(
    z.strictObject({ slideId: id, level: z.int().min(0).max(40), column: z.int().min(0), row: z.int().min(0) }),
  ),
  /** Tissue at low resolution: answers a slider. */
  'slides.mask': call<SlideMask>()(z.strictObject({ slideId: id, tissue })),
  'slides.estimate': call<TilingEstimate & TilingPlaces>()(z.strictObject({ slideId: id, tiling })),
  /** What the person set for a slide and drew on it. */
  'slides.notes': call<SlideNotes>()(z.strictObject({ slideId: id })),
  'slides.remember': call<Record<string, never>>()(z.strictObject({ slideId: id, notes })),
  /** Asks for a folder, then tiles into it: a run of the log with progress. Null where the dialog was dismissed. */
  'slides.chooseTiling': call<{ result: TilingResult | null }>()(z.strictObject({ slideIds, tiling }), 'app'),
  'slides.tile': call<{ result: TilingResult | null }>()(z.strictObject({ slideIds, tiling, out: z.string().min(1) })),
  /** Asks for a folder, then writes the outlines as GeoJSON, which QuPath reads. */
  'slides.chooseOutlines': call<{ file: string | null }>()(z.strictObject({ slideId: id }), 'app'),
  'slides.outlines': call<{ file: string | null }>()(z.strictObject({ slideId: id, folder: z.string().min(1) })),
  /** A seamless synthetic region as a slide of the data folder; a run of the log with progress. */
  'slides.generate': call<SlideGenerationResult>()(
    z.strictObject({
      modelId: id,
      width: z.int().min(16).max(1_000_000),
      height: z.int().min(16).max(1_000_000),
      seed: z.int().min(0).max(0xffff_ffff),
      classId: id.nullable(),
      guidance: number.min(0).max(30),
      sampler: z.enum(samplerNames),
      steps: z.int().min(1).max(1000),
      provider,
      micronsPerPixel: number.min(0.01).max(1000).nullable(),
      blockSide: z.int().min(256).max(4096).multipleOf(256).default(512),
      source: z
        .strictObject({
          slideId: id,
          x: number,
          y: number,
          width: number.positive(),
          height: number.positive(),
          use: z.enum(['variant', 'detail']),
          strength: number.min(0).max(1),
        })
        .nullable()
        .default(null),
      coarseScale: z
        .union([z.literal(2), z.literal(4)])
        .nullable()
        .default(null),
    }),
  ),
  /** A number for every patch, for a heat map; the side of a patch in pixels of level 0, null = as fits the slide. */
  'slides.featureMap': call<SlideFeatureMap>()(
    z.strictObject({
      slideId: id,
      feature: z.enum(['haematoxylin', 'eosin', 'brightness', 'contrast']),
      side: number.positive().nullable(),
    }),
  ),
  /** Colour and stain statistics of tissue on two slides. */
  'slides.compare': call<SlideComparison>()(z.strictObject({ left: id, right: id })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
