import { sha256Of } from '../engine/hash.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { fitPicture } from '../imaging/patches/fit-picture.ts';
import { throughJpeg } from '../imaging/patches/patch-picture.ts';
import { encodePng8 } from '../imaging/png.ts';
import type { Picture } from '../imaging/slide/slide.ts';
import { type Draft, type ReviewDesign, sequenceOf, type StudyKey } from '../review/design.ts';
import { type ColourEqualisation, colourEqualisation, equaliseCase, equaliseColourCase } from '../review/equalise.ts';
import { equalisingQuality, jpegSquares } from '../review/jpeg-squares.ts';
import { fewestForLeaks, findLeaks, measureCase, type MeasuredCase } from '../review/leak.ts';
import { luminance } from '../review/leak-properties.ts';
import type { Workspace } from './dependencies.ts';
import { leakNotes, type ReviewTarget } from './review-equality.ts';
import type { ReviewSet } from './review-set.ts';

/** The longer side of an image in pixels, where the study's grid is not larger. */
const shownSize = 512;

export interface Drawing {
  workspace: Workspace;
  id: string;
  draft: Draft;
  /** The set that each candidate is of. */
  setOf: (candidateId: string) => ReviewSet;
  target: ReviewTarget;
  signal: AbortSignal;
}

export interface Drawn {
  images: ReviewDesign['images'];
  key: StudyKey['images'];
  equalisation: ReviewDesign['equalisation'];
  /** What tells the classes apart all the same. */
  notes: string[];
}

/** Makes every image equal in all but what it shows, and writes it. Throws what reading an image throws, DiskFull. */
export async function drawImages(drawing: Drawing): Promise<Drawn> {
  const { workspace, id, draft, setOf, target, signal } = drawing;
  const { grid } = target;
  const size = Math.max(shownSize, grid.width, grid.height);
  const colour = target.isColour ? colourEqualisation(await jpegQuality(drawing)) : null;
  const places = placesOf(draft);
  const measured: MeasuredCase[] = [];
  const images: ReviewDesign['images'] = [];
  const key: StudyKey['images'] = [];
  for (const [number, { truth, candidate }] of draft.images.entries()) {
    signal.throwIfAborted();
    const image = await setOf(candidate.id).image(candidate.id, grid);
    let shown;
    if ('pixels' in image) shown = equaliseCase({ pixels: image.pixels, grid, size });
    else {
      const { rgb } = await onGrid(image, target, colour?.jpeg ?? null);
      shown = equaliseColourCase({ rgb, grid, size });
      // Every file has one size and comes at once; the reading screen waits until all are there.
      const file = { byteLength: 0, loadMs: 0, place: places.get(number) ?? 0, imageNumber: number };
      measured.push(measureCase({ truth, pixels: rgb, channels: 3, ...grid, ...file }));
    }
    const channels = 'pixels' in image ? 1 : 3;
    // Stored and not compressed: every file has one size and takes one time to decode, whatever it shows.
    const png = encodePng8({ width: shown.width, height: shown.height, channels, values: shown.pixels, stored: true });
    await writeFileAtomic(workspace.folder.reviewCase(id, number), png);
    images.push({ sha256: sha256Of(png) });
    key.push({ truth, title: image.title, imageId: candidate.id, group: candidate.group, patient: candidate.patient });
  }
  const enough = (['real', 'synthetic'] as const).every(
    (truth) => measured.filter((one) => one.truth === truth).length >= fewestForLeaks,
  );
  return {
    images,
    key,
    equalisation: colour ?? draft.design.equalisation,
    notes: [...jpegNotes(colour), ...(enough ? leakNotes(findLeaks(measured)) : [])],
  };
}

async function onGrid(
  { picture, micronsPerPixel }: { picture: Picture; micronsPerPixel: number | null },
  { grid, micronsPerPixel: wanted }: ReviewTarget,
  jpeg: ColourEqualisation['jpeg'],
): Promise<Picture> {
  const ratio = wanted === null || micronsPerPixel === null ? Infinity : wanted / micronsPerPixel;
  const fitted = fitPicture(picture, grid, ratio);
  return jpeg === null ? fitted : throughJpeg(fitted, jpeg);
}

/** So many images of each class tell how it was coded. */
const looked = 24;
const qualities = [95, 90, 85, 80, 75, 70, 65, 60];

/** Of the coding that makes the squares of JPEG stand out alike; null where none is needed. */
async function jpegQuality({ draft, setOf, target, signal }: Drawing): Promise<number | null> {
  const { grid } = target;
  const codings = [null, ...qualities].map((quality) => ({ quality, real: [] as number[], synthetic: [] as number[] }));
  for (const truth of ['real', 'synthetic'] as const) {
    for (const { candidate } of draft.images.filter((one) => one.truth === truth).slice(0, looked)) {
      signal.throwIfAborted();
      const image = await setOf(candidate.id).image(candidate.id, grid);
      if ('pixels' in image) continue;
      const fitted = await onGrid(image, target, null);
      for (const coding of codings) {
        const { jpeg } = colourEqualisation(coding.quality);
        const { rgb } = jpeg === null ? fitted : await throughJpeg(fitted, jpeg);
        coding[truth].push(jpegSquares(luminance({ pixels: rgb, channels: 3, ...grid }), grid));
      }
    }
  }
  const [without, ...coded] = codings;
  return equalisingQuality(
    without!,
    coded.map((one) => ({ ...one, quality: one.quality ?? 100 })),
  );
}

function jpegNotes(colour: ColourEqualisation | null): string[] {
  if (colour === null || colour.jpeg === null) return [];
  const { quality, chroma } = colour.jpeg;
  return [
    `The squares of JPEG stood out in some images. All passed through one more coding (quality ${quality}, ${chroma}), after which they stand out alike.`,
  ];
}

/** The place of each image in the first session. */
function placesOf({ design }: Draft): Map<number, number> {
  const places = new Map<number, number>();
  for (const [place, item] of sequenceOf(design, 1).entries())
    for (const number of design.items[item] ?? []) if (!places.has(number)) places.set(number, place);
  return places;
}
