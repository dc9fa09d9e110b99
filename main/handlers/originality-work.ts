import type { NearestPair } from '../../preload/evaluation.ts';
import { findExtractor, type ExtractorPack } from '../engine/extractor-packs.ts';
import { type FeatureSource, openFeatureSource } from './evaluate-features.ts';
import { type ImageSource, readImageSet } from './evaluate-images.ts';
import { findCopies } from './evaluate-originality.ts';
import type { OnPhase } from './evaluate-run.ts';
import type { SetGrid } from './set-image.ts';

export interface OriginalityWork {
  kind: 'originality';
  synthetic: ImageSource;
  real: ImageSource;
  /** Null: neighbours are sought among images averaged to 16 × 16 pixels. */
  extractor: { folders: string[]; id: string } | null;
  cacheFolder: string;
  pictures: { folder: string; prefix: string };
}

export interface OriginalityFound {
  searched: number;
  threshold: number | null;
  note: string;
  pairs: NearestPair[];
}

/** Looks for the images of a run among real ones. Runs in its own thread. Throws EmptyFolder, PackInvalid, HashMismatch. */
export async function checkOriginality(work: OriginalityWork, onPhase: OnPhase): Promise<OriginalityFound> {
  const extractor: ExtractorPack | null =
    work.extractor === null ? null : await findExtractor(work.extractor.folders, work.extractor.id);
  const grid: SetGrid = extractor?.manifest.image ?? { width: 128, height: 128, channels: 1 };
  const read = (set: ImageSource, what: string): ReturnType<typeof readImageSet> =>
    readImageSet(set, { grid, onImage: (done, total) => onPhase(`Reading the ${what} images`, done, total) });
  const [real, synthetic] = [await read(work.real, 'real'), await read(work.synthetic, 'generated')];
  const source = extractor === null ? pooledSource(grid) : await openFeatureSource(extractor, work.cacheFolder);
  try {
    await source.of(real.images, (done, total) => onPhase('Features of the real images', done, total));
    const { searched, threshold, note, nearest } = await findCopies(
      { real: real.images, synthetic: synthetic.images, training: null, grid },
      source,
      {
        pictures: work.pictures,
        onPart: (share) => onPhase('Looking for copies', Math.round(share * 100), 100),
      },
    );
    return { searched, threshold, note, pairs: nearest };
  } finally {
    await source.release();
  }
}

const side = 16;

/** Means of blocks as features, for images that no extractor is made for. */
function pooledSource({ width, height }: { width: number; height: number }): FeatureSource {
  return {
    of: (images) => {
      const values = new Float64Array(images.length * side * side);
      const share = (side * side) / (width * height);
      images.forEach(({ pixels }, row) => {
        for (let i = 0; i < width * height; i++) {
          const column = Math.floor(((i % width) * side) / width);
          const line = Math.floor((Math.floor(i / width) * side) / height);
          values[row * side * side + line * side + column]! += pixels[i]! * share;
        }
      });
      return Promise.resolve({ values, count: images.length, dimension: side * side });
    },
    release: () => Promise.resolve(),
  };
}
