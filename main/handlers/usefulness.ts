import path from 'node:path';
import type { UsefulnessResult } from '../../preload/usefulness.ts';
import { findExtractor } from '../engine/extractor-packs.ts';
import type { Workspace } from './dependencies.ts';
import { openFeatureSource } from './evaluate-features.ts';
import type { SetImage } from './evaluate-images.ts';
import { readLabelledImages } from './labelled-images.ts';
import { loggedRun } from './logged-run.ts';
import { builtInPacks } from './models.ts';
import { percentReporter } from './percent-progress.ts';
import { type LabelledFeatures, measureUsefulness } from './usefulness-measure.ts';

export interface UsefulnessInput {
  /** Real images to learn from, synthetic ones, and real ones to test on: three folders with classes. */
  real: string;
  synthetic: string;
  test: string;
  extractorId: string;
  /** Column of manifest.csv. */
  label: string;
  /** How many synthetic images are added for each real one, a point of the curve each. */
  perReal: number[];
  bootstrap: number;
  seed: number;
}

/**
 * Whether synthetic images are worth training on: a classifier of features that learnt from real, from synthetic and from both, tested on
 * real images of other patients; what adding more and more changes; and whether a classifier of real images names the class that
 * synthetic ones were made for. Throws UnknownModel, EmptyFolder, InvalidInput, PackInvalid, HashMismatch, Cancelled.
 */
export async function testUsefulness(
  workspace: Workspace,
  input: UsefulnessInput,
  { signal }: { signal: AbortSignal },
): Promise<UsefulnessResult> {
  const folders = [builtInPacks(workspace.applicationRoot), workspace.folder.packs.packs];
  const extractor = await findExtractor(folders, input.extractorId);
  const { id, version, width, image: grid, files } = extractor.manifest;
  return loggedRun(
    workspace,
    {
      kind: 'usefulness',
      title: `Usefulness of ${path.basename(input.synthetic)}`,
      parameters: { ...input },
      inputs: [{ name: id, sha256: files.extractor.sha256, path: path.join(extractor.folder, files.extractor.path) }],
      total: 100,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const started = performance.now();
        const report = percentReporter(context);
        const read = async (folder: string, what: string, at: number) => {
          const onImage = report(`Reading the ${what} images`, at, at + 8);
          return readLabelledImages(folder, { grid, column: input.label, onImage });
        };
        const real = await read(input.real, 'real training', 0);
        const synthetic = await read(input.synthetic, 'synthetic', 8);
        const test = await read(input.test, 'real test', 16);
        const { train, warnings } = withoutTestPatients(real.images, test.images);
        const unlabelled = real.unlabelled + synthetic.unlabelled + test.unlabelled;
        if (unlabelled > 0) warnings.push(`${unlabelled} images without a class were left out.`);
        const marked = [...train, ...test.images].filter((one) => one.synthetic).length;
        if (marked > 0)
          warnings.push(`${marked} of the real images are marked as synthetic: the numbers do not hold for real ones.`);
        const source = await openFeatureSource(extractor, path.join(workspace.folder.root, 'cache', 'features'));
        try {
          const features = async (images: SetImage[], what: string, at: number): Promise<LabelledFeatures> => ({
            features: await source.of(images, report(`Features of the ${what} images`, at, at + 12)),
            labels: images.map(({ label }) => label),
            patients: images.map(({ patient }) => patient),
          });
          const sets = {
            real: await features(train, 'real training', 24),
            synthetic: await features(synthetic.images, 'synthetic', 36),
            test: await features(test.images, 'real test', 48),
          };
          const measured = await measureUsefulness(sets, input, report('Training the classifiers', 60, 100));
          const result: UsefulnessResult = {
            runId: context.runId,
            extractor: { id, version, width },
            ...measured,
            warnings: [...warnings, ...measured.warnings],
            seconds: (performance.now() - started) / 1000,
          };
          return { result, changes: { result } };
        } finally {
          await source.release();
        }
      },
    },
  );
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
