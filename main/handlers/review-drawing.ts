import { sha256Of } from '../engine/hash.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { encodePng8 } from '../imaging/png.ts';
import { type Draft, type ReviewDesign, sequenceOf, type StudyKey } from '../review/design.ts';
import { type ColourEqualisation, equaliseCase, equaliseColourCase } from '../review/equalise.ts';
import { fewestForLeaks, findLeaks, measureCase, type MeasuredCase } from '../review/leak.ts';
import type { Workspace } from './dependencies.ts';
import { type ColourStudy, learnColour } from './review-colour.ts';
import { leakNotes } from './review-equality.ts';
import { rememberShown } from './review-repeats.ts';

/** The longer side of an image in pixels, where the study's grid is not larger. */
const shownSize = 512;

export interface Drawing extends ColourStudy {
  workspace: Workspace;
  id: string;
}

export interface Drawn {
  images: ReviewDesign['images'];
  key: StudyKey['images'];
  equalisation: ReviewDesign['equalisation'];
  /** What tells the classes apart all the same. */
  notes: string[];
}

/** Makes every image equal in all but what it shows, and writes it. Throws InvalidInput, what reading an image throws, DiskFull. */
export async function drawImages(drawing: Drawing): Promise<Drawn> {
  const { workspace, id, draft, setOf, target, signal } = drawing;
  const { grid } = target;
  const size = Math.max(shownSize, grid.width, grid.height);
  const colour = target.isColour ? await learnColour(drawing) : null;
  const places = placesOf(draft);
  const measured: MeasuredCase[] = [];
  const repeats = rememberShown();
  const images: ReviewDesign['images'] = [];
  const key: StudyKey['images'] = [];
  for (const [number, { truth, candidate }] of draft.images.entries()) {
    signal.throwIfAborted();
    const set = setOf(candidate.id);
    const image = await set.image(candidate.id, grid);
    repeats.add(truth, image);
    let shown;
    if ('pixels' in image || colour === null) {
      const pixels = 'pixels' in image ? image.pixels : new Float32Array();
      shown = equaliseCase({ pixels, grid, size });
    } else {
      const { rgb } = await colour.onGrid(set, image);
      shown = equaliseColourCase({ rgb, grid, size });
      // Every file has one size and comes at once; the reading screen waits until all are there.
      const file = { byteLength: 0, loadMs: 0, place: places.get(number) ?? 0, imageNumber: number };
      measured.push(measureCase({ truth, pixels: rgb, channels: 3, ...grid, ...file }));
    }
    const channels = colour === null ? 1 : 3;
    // Stored and not compressed: every file has one size and takes one time to decode, whatever it shows.
    const png = encodePng8({ width: shown.width, height: shown.height, channels, values: shown.pixels, stored: true });
    await writeFileAtomic(workspace.folder.reviewCase(id, number), png);
    images.push({ sha256: sha256Of(png) });
    workspace.emit('reviews.progress', { done: images.length, total: draft.images.length });
    const { id: imageId, ...origin } = candidate;
    key.push({ truth, title: image.title, imageId, ...origin });
  }
  const enough = (['real', 'synthetic'] as const).every(
    (truth) => measured.filter((one) => one.truth === truth).length >= fewestForLeaks,
  );
  return {
    images,
    key,
    equalisation: colour?.equalisation ?? draft.design.equalisation,
    notes: [
      ...repeats.notes(),
      ...madeEqual(colour?.equalisation ?? null),
      ...(enough ? leakNotes(findLeaks(measured)) : []),
    ],
  };
}

function madeEqual(colour: ColourEqualisation | null): string[] {
  if (colour === null) return [];
  const { stain, jpeg } = colour;
  return [
    ...(stain === 'none'
      ? []
      : [`The colours of each set were brought to one reference (${stain === 'reinhard' ? 'Reinhard' : 'Macenko'}).`]),
    ...(jpeg === null
      ? []
      : [
          `The squares of JPEG stood out in some images. All passed through one more coding (quality ${jpeg.quality}, ${jpeg.chroma}), at which they stand out most alike.`,
        ]),
  ];
}

/** The place of each image in the first session. */
function placesOf({ design }: Draft): Map<number, number> {
  const places = new Map<number, number>();
  for (const [place, item] of sequenceOf(design, 1).entries())
    for (const number of design.items[item] ?? []) if (!places.has(number)) places.set(number, place);
  return places;
}
