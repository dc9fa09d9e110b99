import { mkdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import type { TilingEstimate, TilingSettings } from '../../../../preload/slides.ts';
import { writeFileAtomic, writeError } from '../../atomic-write.ts';
import { inLanes } from '../../lanes.ts';
import { openSlide } from '../open.ts';
import { readOverview } from '../overview.ts';
import type { Slide } from '../slide.ts';
import { tissueFeatures } from '../tissue/features.ts';
import { tissueFraction } from '../tissue/fraction.ts';
import { findTissue, type TissueMask } from '../tissue/mask.ts';
import { writeClamCoordinates } from './clam.ts';
import { createNormaliser, type Normaliser } from './normalise.ts';
import { makePatch, readPlace } from './patch.ts';
import { inBlocks, type Place, planTiling, tileName, type TilingPlan } from './plan.ts';
import { claimFolder, maskName, openJournal, readDecided, type TileRecord, writeTables } from './records.ts';

export interface TilingWork {
  slide: string;
  out: string;
  /** The HDF5 file of the coordinates as CLAM reads them. */
  coordinates: string;
  settings: TilingSettings;
}

export interface SlideTiling {
  patches: number;
  background: number;
  blurred: number;
  /** Found whole from an earlier run. */
  kept: number;
  files: string[];
}

export interface TilingWatch {
  /** Throws where the work is to end. */
  onProgress(done: number, total: number): void;
}

const patchesAtOnce = 6;
const sampledPatches = 48;
const estimatedPatches = 12;

/**
 * Makes the patches of one slide: each file is whole or absent, a job that was killed makes only what is missing when it is asked for
 * again, and its folder then equals that of an undisturbed run byte for byte. Throws what opening and reading a slide throws,
 * InvalidInput, OutputNotWritable, DiskFull, and what `onProgress` throws.
 */
export async function tileSlide(
  { slide: file, out, coordinates, settings }: TilingWork,
  { onProgress }: TilingWatch,
): Promise<SlideTiling> {
  sharp.cache(false);
  const slide = await openSlide(file);
  try {
    const { plan, mask } = await planSlide(slide, settings);
    const name = slideName(file);
    await makeFolder(out);
    const { size: bytes } = await stat(file);
    const [{ width, height } = { width: 0, height: 0 }] = slide.levels;
    const { micronsPerPixel, synthetic } = slide;
    await claimFolder(
      out,
      { slide: { name, width, height, bytes }, settings },
      { micronsPerPixel: settings.micronsPerPixel ?? micronsPerPixel?.x ?? null, synthetic },
    );
    const normalise = await learnColours(slide, plan, settings);
    const decided = await readDecided(out);
    const journal = openJournal(out);
    const records: TileRecord[] = [];
    let kept = 0;
    try {
      await inLanes(inBlocks(plan.places), patchesAtOnce, async (place) => {
        const tile = tileName(name, place, settings);
        const before = decided.get(place.index);
        if (before !== undefined && (before.file === null || (await isThere(path.join(out, tile))))) {
          records.push({ place, ...before });
          kept++;
        } else {
          const { focus, bytes: coded } = await makePatch(slide, place, { settings, normalise });
          if (coded !== null) await writeTile(path.join(out, tile), coded);
          const record = { place, focus, file: coded === null ? null : tile };
          records.push(record);
          await journal.note(record);
        }
        onProgress(records.length, plan.places.length);
      });
    } finally {
      await journal.flush();
    }
    const tiles = records.flatMap((record) => (record.file === null ? [] : [path.join(out, record.file)])).sort();
    const tables = await writeTables(out, records, settings);
    const places = records.flatMap((record) => (record.file === null ? [] : [record.place]));
    const sorted = places.toSorted((a, b) => a.index - b.index);
    await writeClamCoordinates(coordinates, slide, { name, places: sorted, size: settings.size });
    const blurred = records.length - tiles.length;
    const maskFile = path.join(out, maskName);
    await writeFileAtomic(maskFile, await maskPng(mask));
    return {
      patches: tiles.length,
      background: plan.background,
      blurred,
      kept,
      files: [...tiles, ...tables, maskFile, coordinates],
    };
  } finally {
    await slide.close();
  }
}

/** How many patches and bytes tiling would give; makes a few patches to know. Throws as `tileSlide`. */
export async function estimateTiling(
  slide: Slide,
  settings: TilingSettings,
  known?: TissueMask,
): Promise<TilingEstimate> {
  const { plan } = await planSlide(slide, settings, known);
  const sample = spread(plan.places, estimatedPatches);
  const normalise = await learnColours(slide, plan, settings);
  let bytes = 0;
  for (const place of sample) bytes += (await makePatch(slide, place, { settings, normalise })).bytes?.length ?? 0;
  const { places, background, side, step } = plan;
  return {
    patches: places.length,
    background,
    side,
    step,
    bytes: Math.round((bytes / Math.max(1, sample.length)) * places.length),
  };
}

export async function planSlide(
  slide: Slide,
  settings: TilingSettings,
  known?: TissueMask,
): Promise<{ plan: TilingPlan; mask: TissueMask }> {
  const [size = { width: 0, height: 0 }] = slide.levels;
  const mask = known ?? (await findMask(slide, settings));
  return { plan: planTiling(slide, settings, tissueFraction(mask, size)), mask };
}

async function findMask(slide: Slide, { tissue }: TilingSettings): Promise<TissueMask> {
  const overview = await readOverview(slide);
  const scale = { downsample: overview.downsample, micronsPerPixel: slide.micronsPerPixel?.x ?? null };
  return findTissue(tissueFeatures(overview), tissue, scale);
}

/** From patches spread evenly over the plan, so that it does not matter in which order or how often patches are made. */
async function learnColours(slide: Slide, { places }: TilingPlan, settings: TilingSettings): Promise<Normaliser> {
  if (settings.normalisation === 'none') return createNormaliser('none', new Uint8Array(0));
  const pixels: Uint8Array[] = [];
  for (const place of spread(places, sampledPatches))
    pixels.push(everyThird((await readPlace(slide, place, settings.size)).rgb));
  return createNormaliser(settings.normalisation, Buffer.concat(pixels));
}

function everyThird(rgb: Uint8Array): Uint8Array {
  const out = new Uint8Array(Math.floor(rgb.length / 9) * 3);
  for (let i = 0; i < out.length; i += 3) out.set(rgb.subarray(3 * i, 3 * i + 3), i);
  return out;
}

export function spread(places: readonly Place[], count: number): Place[] {
  const many = Math.min(count, places.length);
  return Array.from({ length: many }, (_, i) => places[Math.floor(((i + 0.5) * places.length) / many)]).filter(
    (one) => one !== undefined,
  );
}

/** Without the endings that only say the kind of file. */
export function slideName(file: string): string {
  return path.basename(file).replace(/(\.ome)?\.(svs|tiff?|dcm|ndpi|btf)$/i, '');
}

/** Whole or absent also after kill -9; thousands of tiles do not wait for the disk one by one. */
async function writeTile(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.part`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true }).catch(() => undefined);
    throw writeError(file, error);
  }
}

async function makeFolder(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true }).catch((error: unknown) => Promise.reject(writeError(folder, error)));
}

async function isThere(file: string): Promise<boolean> {
  return stat(file).then(
    ({ size }) => size > 0,
    () => false,
  );
}

export function maskPng({ width, height, values }: TissueMask): Promise<Buffer> {
  const grey = values.map((value) => value * 255);
  return sharp(grey, { raw: { width, height, channels: 1 } })
    .toColourspace('b-w')
    .png()
    .toBuffer();
}
