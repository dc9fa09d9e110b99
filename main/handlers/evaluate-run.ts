import type { ClassMeasures, EvaluationResult } from '../../preload/evaluation.ts';
import type { ExtractorPack } from '../engine/extractor-packs.ts';
import { openMatrixProducts } from '../engine/matrix-product.ts';
import type { Features } from '../evaluation/features.ts';
import { rowsOf } from '../evaluation/frechet-distance.ts';
import type { MatrixProduct } from '../evaluation/large-sets.ts';
import { failureSignatures } from '../evaluation/signatures.ts';
import { diversityOf } from './evaluate-diversity.ts';
import { openRadiomicsSource } from './evaluate-features.ts';
import { type ImageSource, readImageSet } from './evaluate-images.ts';
import type { SetImage } from './set-image.ts';
import { measureFeatures } from './evaluate-measures.ts';
import { meansOf } from './evaluate-means.ts';
import { findCopies } from './evaluate-originality.ts';
import { radiomicDistanceOf } from './evaluate-radiomics.ts';
import { warningsOf } from './evaluate-warnings.ts';

export interface EvaluationRequest {
  real: ImageSource;
  synthetic: ImageSource;
  /** The images that the generator was trained on: where copies are looked for. */
  training: ImageSource | null;
  /** Where pictures of the images most like a real one go; null makes none. */
  pictures: { folder: string; prefix: string } | null;
  /** Whether the Fréchet radiomic distance is wanted too; some twentieths of a second an image. */
  radiomics: boolean;
  /** How many random halves make an interval. */
  bootstrap: number;
}

export interface EvaluationWork {
  kind: 'evaluation';
  request: EvaluationRequest;
  /** Null: radiomic features, which need no network. */
  extractor: ExtractorPack | null;
  cacheFolder: string | null;
}

/** done of total in one phase; the callback throws to end the work. */
export type OnPhase = (phase: string, done: number, total: number) => void;

/** Reads both sets, takes their features and measures. Runs in its own thread. Throws EmptyFolder, PackInvalid, HashMismatch. */
export async function evaluate(
  { request, extractor, cacheFolder }: EvaluationWork,
  onPhase: OnPhase,
): Promise<EvaluationResult> {
  const clock = stopwatch();
  const { facts, grid, open } = meansOf(extractor);
  const read = (set: ImageSource, what: string): ReturnType<typeof readImageSet> =>
    readImageSet(set, { grid, onImage: (done, total) => onPhase(`Reading the ${what} images`, done, total) });
  const real = await read(request.real, 'real');
  const synthetic = await read(request.synthetic, 'synthetic');
  const training = request.training === null ? null : await read(request.training, 'training');
  const readSeconds = clock();
  const { source, scaleTo } = await open(cacheFolder);
  const products = openMatrixProducts();
  try {
    const features = (images: SetImage[], what: string): ReturnType<typeof source.of> =>
      source.of(images, (done, total) => onPhase(`Features of the ${what} images`, done, total));
    await scaleTo(real.images, (done, total) => onPhase('Features of the real images', done, total));
    const [a, b] = [await features(real.images, 'real'), await features(synthetic.images, 'synthetic')];
    if (training !== null) await features(training.images, 'training');
    const labels = sharedLabels(real.images, synthetic.images);
    const patients = real.images.map(({ patient }) => patient);
    const frd = await radiomicDistanceOf(real.images, synthetic.images, {
      wanted: request.radiomics || extractor === null,
      openSource: (filtered) => openRadiomicsSource({ ...grid, filtered }, cacheFolder),
      ...{ patients, labels: labels.real, repeats: request.bootstrap, onPhase },
    });
    const featureSeconds = clock();
    const options = { repeats: request.bootstrap, extractor: facts.id, multiply: products.multiply };
    const onPart = (share: number): void => onPhase('Measuring the distributions', Math.round(share * 100), 100);
    const measured = await measureFeatures(a, b, { ...options, patients, labels: labels.real, onPart });
    const classes = await classMeasures(
      { features: a, labels: labels.real, patients },
      { features: b, labels: labels.synthetic },
      { ...options, onPhase },
    );
    const msSsim = diversityOf(real.images, synthetic.images, { grid, onPhase });
    const signatures = signaturesOf(real.images, synthetic.images);
    const measureSeconds = clock();
    const originality = await findCopies(
      { real: real.images, synthetic: synthetic.images, training: training?.images ?? null, grid },
      source,
      { pictures: request.pictures, onPart: (share) => onPhase('Looking for copies', Math.round(share * 100), 100) },
    );
    const originalitySeconds = clock();
    return {
      n: { real: real.images.length, synthetic: synthetic.images.length },
      extractor: { ...facts, width: a.dimension },
      metrics: { ...measured, frd, msSsim },
      classes,
      failureSignatures: signatures,
      originality,
      warnings: warningsOf(real.images, synthetic.images, grid),
      skipped: [...real.skipped, ...synthetic.skipped, ...(training?.skipped ?? [])],
      seconds: {
        read: readSeconds,
        features: featureSeconds,
        measure: measureSeconds,
        originality: originalitySeconds,
        total: readSeconds + featureSeconds + measureSeconds + originalitySeconds,
      },
    };
  } finally {
    await source.release();
    await products.release();
  }
}

/** Classes count where both sets know them; otherwise all images are of one class without a name. */
export function sharedLabels(
  real: readonly Pick<SetImage, 'label'>[],
  synthetic: readonly Pick<SetImage, 'label'>[],
): { real: string[]; synthetic: string[] } {
  const made = new Set(synthetic.map(({ label }) => label));
  const shared = real.some(({ label }) => label !== '' && made.has(label));
  const of = (images: readonly Pick<SetImage, 'label'>[]): string[] => images.map(({ label }) => (shared ? label : ''));
  return { real: of(real), synthetic: of(synthetic) };
}

async function classMeasures(
  real: { features: Features; labels: string[]; patients: string[] },
  synthetic: { features: Features; labels: string[] },
  {
    repeats,
    extractor,
    multiply,
    onPhase,
  }: { repeats: number; extractor: string; multiply: MatrixProduct; onPhase: OnPhase },
): Promise<ClassMeasures[]> {
  const names = [...new Set(real.labels)].filter((label) => label !== '' && synthetic.labels.includes(label)).sort();
  const rowsWith = (labels: string[], wanted: string): number[] =>
    labels.flatMap((label, row) => (label === wanted ? [row] : []));
  const found: ClassMeasures[] = [];
  for (const label of names) {
    const [a, b] = [rowsWith(real.labels, label), rowsWith(synthetic.labels, label)];
    const metrics = await measureFeatures(rowsOf(real.features, a), rowsOf(synthetic.features, b), {
      patients: a.map((row) => real.patients[row]!),
      labels: a.map(() => label),
      repeats: Math.min(repeats, repeatsOfClass),
      extractor,
      multiply,
      onPart: (share) => onPhase(`Measuring the class ${label}`, Math.round(share * 100), 100),
    });
    found.push({ label, n: { real: a.length, synthetic: b.length }, metrics });
  }
  return found;
}

const repeatsOfClass = 40;

function signaturesOf(real: SetImage[], synthetic: SetImage[]): EvaluationResult['failureSignatures'] {
  const scores = (images: SetImage[]) => images.flatMap((image) => (image.scores === null ? [] : [image.scores]));
  const [a, b] = [scores(real), scores(synthetic)];
  return a.length === 0 || b.length === 0 ? null : failureSignatures(a, b);
}

/** Seconds since the last call. */
function stopwatch(): () => number {
  let last = performance.now();
  return () => {
    const before = last;
    last = performance.now();
    return (last - before) / 1000;
  };
}
