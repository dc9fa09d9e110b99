import type { UsefulnessResult } from '../../preload/usefulness.ts';
import type { ExtractorPack } from '../engine/extractor-packs.ts';
import type { ImageSource } from './evaluate-images.ts';
import type { SetImage } from './set-image.ts';
import { meansOf } from './evaluate-means.ts';
import type { OnPhase } from './evaluate-run.ts';
import { readLabelledImages } from './labelled-images.ts';
import { type LabelledFeatures, measureUsefulness } from './usefulness-measure.ts';

export interface UsefulnessSettings {
  /** Column of manifest.csv that is the class. */
  label: string;
  /** How many synthetic images are added for each real one, a point of the curve each. */
  perReal: readonly number[];
  bootstrap: number;
  seed: number;
}

export interface UsefulnessWork {
  kind: 'usefulness';
  /** Real images to learn from, synthetic ones, and real ones to test on. */
  sets: { real: ImageSource; synthetic: ImageSource; test: ImageSource };
  /** Null: radiomic features. */
  extractor: ExtractorPack | null;
  cacheFolder: string;
  settings: UsefulnessSettings;
}

export type UsefulnessMeasured = Omit<UsefulnessResult, 'runId' | 'sets' | 'seconds'>;

/** Reads the sets, takes their features, trains and tests. Runs in its own thread. Throws EmptyFolder, InvalidInput, PackInvalid, HashMismatch. */
export async function usefulnessOf(
  { sets, extractor, cacheFolder, settings }: UsefulnessWork,
  onPhase: OnPhase,
): Promise<UsefulnessMeasured> {
  const { facts, grid, open } = meansOf(extractor);
  const read = (source: ImageSource, what: string) =>
    readLabelledImages(source, {
      ...{ grid, column: settings.label, what },
      onImage: (done, total) => onPhase(`Reading the ${what} images`, done, total),
    });
  const real = await read(sets.real, 'real training');
  const synthetic = await read(sets.synthetic, 'synthetic');
  const test = await read(sets.test, 'real test');
  const { train, warnings } = withoutTestPatients(real.images, test.images);
  const unlabelled = real.unlabelled + synthetic.unlabelled + test.unlabelled;
  if (unlabelled > 0) warnings.push(`${unlabelled} images without a class were left out.`);
  const marked = [...train, ...test.images].filter((one) => one.synthetic).length;
  if (marked > 0)
    warnings.push(`${marked} of the real images are marked as synthetic: the numbers do not hold for real ones.`);
  const { source, scaleTo } = await open(cacheFolder);
  try {
    await scaleTo(train, (done, total) => onPhase('Features of the real training images', done, total));
    const features = async (images: SetImage[], what: string): Promise<LabelledFeatures> => ({
      features: await source.of(images, (done, total) => onPhase(`Features of the ${what} images`, done, total)),
      labels: images.map(({ label }) => label),
      patients: images.map(({ patient }) => patient),
    });
    const labelled = {
      real: await features(train, 'real training'),
      synthetic: await features(synthetic.images, 'synthetic'),
      test: await features(test.images, 'real test'),
    };
    const measured = measureUsefulness(labelled, settings, (done, total) =>
      onPhase('Training the classifiers', done, total),
    );
    return {
      extractor: { id: facts.id, version: facts.version, width: labelled.test.features.dimension },
      ...measured,
      warnings: [...warnings, ...measured.warnings],
    };
  } finally {
    await source.release();
  }
}

/** Images of a patient who is tested are not learnt from. */
function withoutTestPatients(real: SetImage[], test: SetImage[]): { train: SetImage[]; warnings: string[] } {
  const tested = new Set(test.flatMap(({ patient }) => (patient === '' ? [] : [patient])));
  const pixels = new Set(test.map(({ sha256 }) => sha256));
  const train = real.filter(({ patient, sha256 }) => !tested.has(patient) && !pixels.has(sha256));
  const warnings: string[] = [];
  if (train.length < real.length)
    warnings.push(
      `${real.length - train.length} training images are of patients, or the very images, of the test set and were left out.`,
    );
  const unknown = [...real, ...test].filter(({ patient }) => patient === '').length;
  if (unknown > 0)
    warnings.push(`The patient of ${unknown} real images is not known, so that training and test may share patients.`);
  return { train, warnings };
}
