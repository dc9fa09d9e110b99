import type { EvaluationResult } from '../../preload/evaluation.ts';
import type { ExtractorPack } from '../engine/extractor-packs.ts';
import { radiomicsVersion } from '../evaluation/radiomics/vector.ts';
import { standardiser } from '../evaluation/standardise.ts';
import { type FeatureSource, openFeatureSource, openRadiomicsSource } from './evaluate-features.ts';
import type { SetGrid, SetImage } from './set-image.ts';

/** What an image is measured by: its grid, where features come from, and what is said of it. */
interface Means {
  facts: Omit<EvaluationResult['extractor'], 'width'>;
  grid: SetGrid;
  open(cacheFolder: string | null): Promise<{
    source: FeatureSource;
    /** Before features are taken: radiomic ones are scaled by the real set, those of a network stay as they are. */
    scaleTo(real: SetImage[], onBatch: (done: number, total: number) => void): Promise<void>;
  }>;
}

/** The network of a pack, or where there is none the radiomic features of the image itself. */
export function meansOf(extractor: ExtractorPack | null): Means {
  return extractor === null ? radiomicMeans : networkMeans(extractor);
}

function networkMeans(extractor: ExtractorPack): Means {
  const { id, version, layer, image, resize, files } = extractor.manifest;
  return {
    facts: { id, version, layer, resize, sha256: files.extractor.sha256, inColour: image.channels === 3 },
    grid: image,
    open: async (cacheFolder) => ({
      source: await openFeatureSource(extractor, cacheFolder),
      scaleTo: () => Promise.resolve(),
    }),
  };
}

/** The identifier that chooses radiomic features in the place of an extractor. */
export const radiomicsId = 'radiomics';
const grid: SetGrid = { width: 128, height: 128, channels: 1 };

const radiomicMeans: Means = {
  facts: {
    id: radiomicsId,
    version: String(radiomicsVersion),
    layer: 'first order, GLCM, GLRLM, GLSZM and NGTDM of the whole image, scaled by the real set',
    resize: 'area-bilinear',
    sha256: '',
    inColour: false,
  },
  grid,
  async open(cacheFolder) {
    const raw = await openRadiomicsSource({ ...grid, filtered: false }, cacheFolder);
    let scale = (set: Awaited<ReturnType<FeatureSource['of']>>): typeof set => set;
    return {
      source: { of: async (images, onBatch) => scale(await raw.of(images, onBatch)), release: () => raw.release() },
      async scaleTo(real, onBatch) {
        scale = standardiser(await raw.of(real, onBatch));
      },
    };
  },
};
