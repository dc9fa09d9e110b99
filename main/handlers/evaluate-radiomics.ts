import type { MetricValue } from '../../preload/evaluation.ts';
import type { Features } from '../evaluation/features.ts';
import { frechetDistance, rowsOf } from '../evaluation/frechet-distance.ts';
import { radiomicsImages, radiomicsPerImage, radiomicsWidth } from '../evaluation/radiomics/vector.ts';
import { standardiser } from '../evaluation/standardise.ts';
import type { FeatureSource } from './evaluate-features.ts';
import type { SetImage } from './set-image.ts';
import { measureMetric, refusedMetric } from './evaluate-measures.ts';
import type { OnPhase } from './evaluate-run.ts';

interface Options {
  patients: readonly string[];
  labels: readonly string[];
  repeats: number;
  /** Throws to end the work. */
  onRepeat: () => void;
}

const extractor = 'radiomics';
/** A Fréchet distance of several hundred features takes most of a second. */
const repeatsOfMany = 8;

/** Takes only the features that the distance is made of, and measures; refused where it was not asked for and with too few images. */
export async function radiomicDistanceOf(
  real: SetImage[],
  synthetic: SetImage[],
  {
    wanted,
    openSource,
    onPhase,
    ...options
  }: Omit<Options, 'onRepeat'> & {
    wanted: boolean;
    openSource: (filtered: boolean) => Promise<FeatureSource>;
    onPhase: OnPhase;
  },
): Promise<MetricValue> {
  const n = { real: real.length, synthetic: synthetic.length };
  if (!wanted)
    return refusedMetric(n, extractor, 'Not given: it was not asked for, as radiomic features take a while.');
  const refused = tooFew(n);
  if (refused !== null) return refused;
  const source = await openSource(Math.min(n.real, n.synthetic) > radiomicsWidth);
  try {
    const features = (images: SetImage[], what: string): Promise<Features> =>
      source.of(images, (done, total) => onPhase(`Radiomic features of the ${what} images`, done, total));
    const [a, b] = [await features(real, 'real'), await features(synthetic, 'synthetic')];
    let done = 0;
    return await radiomicDistance(a, b, {
      ...options,
      onRepeat: () => onPhase('Measuring the radiomic distance', ++done, 2 * options.repeats),
    });
  } finally {
    await source.release();
  }
}

/**
 * Fréchet radiomic distance (Osuala et al. 2024): of features scaled to mean 0 and deviation 1 of the real set. They are those of the
 * image, its Laplacians and its wavelet bands, or with fewer images than that of the image alone; with fewer still it is refused.
 */
export async function radiomicDistance(
  real: Features,
  synthetic: Features,
  { patients, labels, repeats, onRepeat }: Options,
): Promise<MetricValue> {
  const n = { real: real.count, synthetic: synthetic.count };
  const refused = tooFew(n);
  if (refused !== null) return refused;
  const all = real.dimension === radiomicsWidth;
  const scale = standardiser(real);
  const [a, b] = [scale(real), scale(synthetic)];
  const what = all
    ? `of ${radiomicsImages.join(', ')}`
    : 'of the image alone, as there are too few images for its filtered versions';
  return measureMetric(
    {
      real: a,
      synthetic: b,
      makeStatistic: (other) => (left, right) => frechetDistance(rowsOf(a, left), rowsOf(other, right)),
    },
    {
      ...{ patients, labels, extractor, onRepeat },
      repeats: all ? Math.min(repeats, repeatsOfMany) : repeats,
      fewestRows: a.dimension + 1,
      note: `${a.dimension} radiomic features ${what}; first order, GLCM, GLRLM, GLSZM, NGTDM. Biased upwards by the number of images.`,
    },
  );
}

/** Null where there are enough for the features of the image alone. */
function tooFew(n: { real: number; synthetic: number }): MetricValue | null {
  const fewest = Math.min(n.real, n.synthetic);
  if (fewest > radiomicsPerImage) return null;
  const reason = `with ${fewest} images and ${radiomicsPerImage} radiomic features the distance is mostly bias`;
  return refusedMetric(
    n,
    extractor,
    `Not given: ${reason}. It needs more than ${radiomicsPerImage} images in each set.`,
  );
}
