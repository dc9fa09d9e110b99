import type { EvaluationRequest, EvaluationResult, MetricValue } from '../../preload/evaluation.ts';
import type { ExtractorPack } from '../engine/extractor-packs.ts';
import { pairwiseSimilarity } from '../evaluation/diversity.ts';
import { failureSignatures } from '../evaluation/signatures.ts';
import { openFeatureSource } from './evaluate-features.ts';
import { readImageFolder, type SetImage } from './evaluate-images.ts';
import { measureFeatures } from './evaluate-measures.ts';
import { findCopies } from './evaluate-originality.ts';

export interface EvaluationWork {
  request: EvaluationRequest;
  extractor: ExtractorPack;
  cacheFolder: string | null;
}

/** done of total in one phase; the callback throws to end the work. */
export type OnPhase = (phase: string, done: number, total: number) => void;

const mostPairs = 500;

/** Reads both sets, takes their features and measures. Runs in its own thread. Throws EmptyFolder, PackInvalid, HashMismatch. */
export async function evaluate(
  { request, extractor, cacheFolder }: EvaluationWork,
  onPhase: OnPhase,
): Promise<EvaluationResult> {
  const clock = stopwatch();
  const { id, version, layer, width: featureWidth, image: grid, resize, files } = extractor.manifest;
  const read = (folder: string, what: string): ReturnType<typeof readImageFolder> =>
    readImageFolder(folder, { grid, onImage: (done, total) => onPhase(`Reading the ${what} images`, done, total) });
  const real = await read(request.real, 'real');
  const synthetic = await read(request.synthetic, 'synthetic');
  const training = request.training === null ? null : await read(request.training, 'training');
  const readSeconds = clock();
  const source = await openFeatureSource(extractor, cacheFolder);
  try {
    const features = (images: SetImage[], what: string): ReturnType<typeof source.of> =>
      source.of(images, (done, total) => onPhase(`Features of the ${what} images`, done, total));
    const [a, b] = [await features(real.images, 'real'), await features(synthetic.images, 'synthetic')];
    if (training !== null) await features(training.images, 'training');
    const featureSeconds = clock();
    const measured = measureFeatures(a, b, {
      patients: real.images.map(({ patient }) => patient),
      repeats: request.bootstrap,
      extractor: id,
      onPart: (share) => onPhase('Measuring the distributions', Math.round(share * 100), 100),
    });
    const msSsim = diversity(real.images, synthetic.images, grid, onPhase);
    const signatures = signaturesOf(real.images, synthetic.images);
    const measureSeconds = clock();
    const originality = await findCopies(
      { real: real.images, synthetic: synthetic.images, training: training?.images ?? null, grid },
      source,
      (share) => onPhase('Looking for copies', Math.round(share * 100), 100),
    );
    const originalitySeconds = clock();
    return {
      n: { real: real.images.length, synthetic: synthetic.images.length },
      extractor: { id, version, sha256: files.extractor.sha256, layer, width: featureWidth, resize },
      metrics: { ...measured, msSsim },
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
  }
}

function diversity(
  real: SetImage[],
  synthetic: SetImage[],
  grid: { width: number; height: number },
  onPhase: OnPhase,
): MetricValue {
  let done = 0;
  const of = (images: SetImage[]): ReturnType<typeof pairwiseSimilarity> =>
    pairwiseSimilarity(
      images.map(({ pixels }) => pixels),
      {
        ...grid,
        most: mostPairs,
        seed: images.length,
        onPair: () =>
          onPhase(
            'Comparing pairs within each set',
            ++done,
            Math.min(mostPairs * 2, (real.length + synthetic.length) >> 1),
          ),
      },
    );
  const n = { real: real.length, synthetic: synthetic.length };
  const [ofReal, ofSynthetic] = [of(real), of(synthetic)];
  const floor = ofReal === null ? null : { value: ofReal.value, low: ofReal.low, high: ofReal.high };
  if (ofSynthetic === null) {
    const note = 'Not given: it needs at least 40 images of 11 × 11 pixels or more.';
    return { value: null, low: null, high: null, floor, n, extractor: '', note };
  }
  const { value, low, high, pairs, scales } = ofSynthetic;
  const note = `Mean similarity of ${pairs} random pairs, ${scales} scales; low means diverse. The floor is the same for the real set.`;
  return { value, low, high, floor, n, extractor: '', note };
}

function signaturesOf(real: SetImage[], synthetic: SetImage[]): EvaluationResult['failureSignatures'] {
  const scores = (images: SetImage[]) => images.flatMap((image) => (image.scores === null ? [] : [image.scores]));
  const [a, b] = [scores(real), scores(synthetic)];
  return a.length === 0 || b.length === 0 ? null : failureSignatures(a, b);
}

function warningsOf(real: SetImage[], synthetic: SetImage[], grid: { width: number; height: number }): string[] {
  const warnings: string[] = [];
  const marked = real.filter((image) => image.synthetic);
  if (marked.length > 0)
    warnings.push(
      `${marked.length} of ${real.length} images in the real folder are marked as synthetic, ${marked[0]!.name} among them: the numbers do not compare with real images only.`,
    );
  const unmarked = synthetic.filter((image) => !image.synthetic).length;
  if (unmarked > 0)
    warnings.push(
      `${unmarked} of ${synthetic.length} images in the synthetic folder carry no mark of being synthetic.`,
    );
  const realHashes = new Set(real.map(({ sha256 }) => sha256));
  const same = synthetic.filter(({ sha256 }) => realHashes.has(sha256)).length;
  if (same > 0)
    warnings.push(
      `${same} of ${synthetic.length} synthetic images are the same as an image of the real folder, pixel by pixel.`,
    );
  for (const [name, images] of [
    ['real', real],
    ['synthetic', synthetic],
  ] as const) {
    const distinct = new Set(images.map(({ sha256 }) => sha256)).size;
    if (distinct < images.length)
      warnings.push(
        `${images.length - distinct} of ${images.length} ${name} images repeat another one of that folder.`,
      );
  }
  const sizes = [...new Set([...real, ...synthetic].map(({ size }) => size))];
  const wanted = `${grid.width}×${grid.height}`;
  if (sizes.length > 1)
    warnings.push(
      `The images have ${sizes.length} sizes (${sizes.slice(0, 4).join(', ')}); all were fitted to ${wanted}, and a difference of size alone changes the numbers.`,
    );
  else if (sizes[0] !== wanted)
    warnings.push(
      `The images of ${sizes[0]} were fitted to the extractor’s ${wanted}: finer structure does not count.`,
    );
  const colour = [real, synthetic].map((images) => images.filter(({ isColour }) => isColour).length);
  if (colour[0]! + colour[1]! > 0)
    warnings.push(
      `${colour[0]} real and ${colour[1]} synthetic images are in colour; only their brightness was measured.`,
    );
  return warnings;
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
