import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import {
  defaultTissue,
  type RegionSource,
  type SlideComparison,
  type SlideFeature,
  type SlideFeatureMap,
  type SlideGenerationResult,
  type SlideMask,
  type SlideNotes,
  type SlideStatistics,
  type SlideSummary,
  type TilingEstimate,
  type TilingPlaces,
  type TilingResult,
  type TilingSettings,
  type TissueSettings,
} from '../../preload/slides.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { maskOverlay } from '../imaging/slide/tissue/mask-overlay.ts';
import { findTissue, type TissueMask } from '../imaging/slide/tissue/mask.ts';
import { mapFeature } from '../imaging/slide/tiling/feature-map.ts';
import { measureStains, stainAngle } from '../imaging/slide/tiling/statistics.ts';
import { estimateTiling, planSlide, slideName } from '../imaging/slide/tiling/tile-slide.ts';
import { readViewTile } from '../imaging/slide/view-tile.ts';
import type { Workspace } from './dependencies.ts';
import type { SlideGenerationInput } from './slide-facts.ts';
import { generateSlide } from './slide-generation.ts';
import type { OpenedSlide } from './slide-store.ts';
import { tileSlides } from './slide-tiling.ts';

export function listSlides({ slides }: Workspace): { slides: SlideSummary[] } {
  return { slides: slides.list() };
}

export async function forgetSlide({ slides }: Workspace, slideId: string): Promise<Record<string, never>> {
  await slides.forget(slideId);
  return {};
}

/** Throws UnknownImage where the slide has no such tile. */
export async function slidePicture(
  { slides }: Workspace,
  { slideId, ...place }: { slideId: string; level: number; column: number; row: number },
): Promise<{ jpeg: Uint8Array }> {
  const { slide } = await slides.open(slideId);
  const jpeg = await readViewTile(slide, place);
  if (jpeg !== null) return { jpeg };
  throw new VerisimError(
    'UnknownImage',
    `The slide ${slideId} has no tile ${place.level}/${place.column}_${place.row}.`,
  );
}

export async function slideMask(
  { slides }: Workspace,
  { slideId, tissue }: { slideId: string; tissue: TissueSettings },
): Promise<SlideMask> {
  const opened = await slides.open(slideId);
  await opened.features();
  const started = performance.now();
  const mask = await maskOf(opened, tissue);
  const image = await maskOverlay(mask);
  return {
    image: `data:image/png;base64,${Buffer.from(image).toString('base64')}`,
    width: mask.width,
    height: mask.height,
    saturation: mask.saturation,
    tissue: mask.values.reduce((sum, value) => sum + value, 0) / mask.values.length,
    elapsedMs: performance.now() - started,
  };
}

const mostCorners = 20_000;

export async function estimateSlide(
  { slides }: Workspace,
  { slideId, tiling }: { slideId: string; tiling: TilingSettings },
): Promise<TilingEstimate & TilingPlaces> {
  const opened = await slides.open(slideId);
  const mask = await maskOf(opened, tiling.tissue);
  const { plan } = await planSlide(opened.slide, tiling, mask);
  const corners = plan.places.slice(0, mostCorners).map(({ x, y }): [number, number] => [x, y]);
  return { ...(await estimateTiling(opened.slide, tiling, mask)), corners };
}

export function slideNotes({ log, slides }: Workspace, slideId: string): SlideNotes {
  slides.find(slideId);
  const notes = log.settings.value(notesName(slideId)) as SlideNotes | null;
  return notes ?? { tissue: defaultTissue, annotations: [] };
}

export function rememberNotes({ log, slides }: Workspace, slideId: string, notes: SlideNotes): Record<string, never> {
  slides.find(slideId);
  log.settings.set(notesName(slideId), { ...notes });
  return {};
}

export async function tileKnown(
  workspace: Workspace,
  { slideIds, tiling, out }: { slideIds: string[]; tiling: TilingSettings; out: string },
  context: { signal: AbortSignal },
): Promise<{ result: TilingResult }> {
  const files = slideIds.map((slideId) => workspace.slides.find(slideId).path);
  if (slideIds.length === 1)
    return { result: await tileSlides(workspace, { slides: files, settings: tiling, out }, context) };
  // Each slide with the mask and the outlines that were set for it.
  const perSlide = slideIds.map((slideId) => {
    const { tissue, annotations } = slideNotes(workspace, slideId);
    return { tissue, regions: annotations.map(({ polygon }) => polygon) };
  });
  return { result: await tileSlides(workspace, { slides: files, settings: tiling, perSlide, out }, context) };
}

/** From noise, or from a part of an open slide. Throws UnknownSlide and what `generateSlide` throws. */
export function generateKnown(
  workspace: Workspace,
  { source, ...input }: Omit<SlideGenerationInput, 'source'> & { source: RegionSource | null },
  context: { signal: AbortSignal },
): Promise<SlideGenerationResult> {
  if (source === null) return generateSlide(workspace, { ...input, source, out: null }, context);
  const { slideId, ...part } = source;
  const { path: file } = workspace.slides.find(slideId);
  return generateSlide(workspace, { ...input, source: { ...part, path: file }, out: null }, context);
}

/** The outlines of a slide as QuPath reads them. */
export async function writeOutlines(
  workspace: Workspace,
  { slideId, folder }: { slideId: string; folder: string },
): Promise<{ file: string }> {
  const { path: slide } = workspace.slides.find(slideId);
  const features = slideNotes(workspace, slideId).annotations.map(({ name, polygon }) => ({
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: polygon.map((ring) => [...ring, ring[0]]) },
    properties: { objectType: 'annotation', name },
  }));
  const file = path.join(folder, `${slideName(slide)}.geojson`);
  await writeFileAtomic(file, `${JSON.stringify({ type: 'FeatureCollection', features })}\n`);
  return { file };
}

export async function compareSlides(
  workspace: Workspace,
  { left, right }: { left: string; right: string },
): Promise<SlideComparison> {
  const [one, other] = [await statisticsOf(workspace, left), await statisticsOf(workspace, right)];
  return {
    left: one,
    right: other,
    haematoxylinDegrees: stainAngle(one.haematoxylin, other.haematoxylin),
    eosinDegrees: stainAngle(one.eosin, other.eosin),
  };
}

/** Throws UnknownSlide, Cancelled and what reading a tile throws. */
export async function slideFeatureMap(
  workspace: Workspace,
  { slideId, feature, side }: { slideId: string; feature: SlideFeature; side: number | null },
  { signal }: { signal: AbortSignal },
): Promise<SlideFeatureMap> {
  const opened = await workspace.slides.open(slideId);
  const mask = await maskOf(opened, slideNotes(workspace, slideId).tissue);
  return { feature, ...(await mapFeature(opened.slide, mask, { feature, side, signal })) };
}

async function statisticsOf(workspace: Workspace, slideId: string): Promise<SlideStatistics> {
  const { name, synthetic } = workspace.slides.find(slideId);
  const opened = await workspace.slides.open(slideId);
  const mask = await maskOf(opened, slideNotes(workspace, slideId).tissue);
  return { slideId, name, synthetic, ...(await measureStains(opened.slide, mask)) };
}

async function maskOf(opened: OpenedSlide, tissue: TissueSettings): Promise<TissueMask> {
  const { downsample } = await opened.overview();
  const scale = { downsample, micronsPerPixel: opened.slide.micronsPerPixel?.x ?? null };
  return findTissue(await opened.features(), tissue, scale);
}

function notesName(slideId: string): string {
  return `slide:${slideId}`;
}
