import type { ReaderAnswer } from '../../preload/review.ts';
import type { StainNormalisation } from '../../preload/slides.ts';
import { inLanes } from '../imaging/lanes.ts';
import { fitPicture } from '../imaging/patches/fit-picture.ts';
import { throughJpeg } from '../imaging/patches/patch-picture.ts';
import type { Picture } from '../imaging/slide/slide.ts';
import { createNormaliser, type Normaliser } from '../imaging/slide/tiling/normalise.ts';
import type { Draft } from '../review/design.ts';
import { type ColourEqualisation, colourEqualisation } from '../review/equalise.ts';
import { equalisingQuality, jpegSquares } from '../review/jpeg-squares.ts';
import { luminance } from '../review/leak-properties.ts';
import type { ReviewTarget } from './review-equality.ts';
import type { CaseImage, ReviewSet } from './review-set.ts';

type ColourImage = Extract<CaseImage, { picture: Picture }>;

/** The one way on which all colour images of a study come to its grid. */
export interface ColourPath {
  equalisation: ColourEqualisation;
  onGrid(set: ReviewSet, image: ColourImage): Promise<Picture>;
}

export interface ColourStudy {
  draft: Draft;
  /** The set that each candidate is of. */
  setOf: (candidateId: string) => ReviewSet;
  target: ReviewTarget;
  stain: StainNormalisation;
  signal: AbortSignal;
}

/** So many images of each set tell its stain, and of each class how it was coded. */
const looked = 40;
/** Images that are coded at a time. */
const lanes = 4;

/** Learns from the images that are shown. Throws what reading one throws. */
export async function learnColour(study: ColourStudy): Promise<ColourPath> {
  const { target, stain } = study;
  const normalisers = await learnStains(study);
  const stained = (set: ReviewSet, image: ColourImage): Picture => {
    const picture = fitted(image, target);
    normalisers.get(set)?.(picture.rgb);
    return picture;
  };
  const equalisation = colourEqualisation(stain, await learnQuality(study, stained));
  const { jpeg } = equalisation;
  return {
    equalisation,
    onGrid: async (set, image) => {
      const picture = stained(set, image);
      return jpeg === null ? picture : throughJpeg(picture, jpeg);
    },
  };
}

function fitted({ picture, micronsPerPixel }: ColourImage, { grid, micronsPerPixel: wanted }: ReviewTarget): Picture {
  return fitPicture(picture, grid, wanted === null || micronsPerPixel === null ? Infinity : wanted / micronsPerPixel);
}

async function learnStains({ draft, setOf, target, stain, signal }: ColourStudy): Promise<Map<ReviewSet, Normaliser>> {
  const normalisers = new Map<ReviewSet, Normaliser>();
  if (stain === 'none') return normalisers;
  const bySet = Map.groupBy(draft.images, ({ candidate }) => setOf(candidate.id));
  for (const [set, images] of bySet) {
    const pixels: Uint8Array[] = [];
    for (const { candidate } of images.slice(0, looked)) {
      signal.throwIfAborted();
      const image = await set.image(candidate.id, target.grid);
      if ('picture' in image) pixels.push(fitted(image, target).rgb);
    }
    normalisers.set(set, createNormaliser(stain, Buffer.concat(pixels)));
  }
  return normalisers;
}

/** Of the coding that makes the squares of JPEG stand out alike; null where none is needed. */
async function learnQuality(
  { draft, setOf, target, signal }: ColourStudy,
  stained: (set: ReviewSet, image: ColourImage) => Picture,
): Promise<number | null> {
  const { grid } = target;
  const pictures: { truth: ReaderAnswer; picture: Picture }[] = [];
  for (const truth of ['real', 'synthetic'] as const)
    for (const { candidate } of draft.images.filter((one) => one.truth === truth).slice(0, looked)) {
      signal.throwIfAborted();
      const set = setOf(candidate.id);
      const image = await set.image(candidate.id, grid);
      if ('picture' in image) pictures.push({ truth, picture: stained(set, image) });
    }
  return equalisingQuality(async (quality) => {
    const squares = { real: [] as number[], synthetic: [] as number[] };
    await inLanes(pictures, lanes, async ({ truth, picture }) => {
      signal.throwIfAborted();
      const { rgb } = quality === null ? picture : await throughJpeg(picture, { quality, chroma: '4:2:0' });
      squares[truth].push(jpegSquares(luminance({ pixels: rgb, channels: 3, ...grid }), grid));
    });
    return squares;
  });
}
