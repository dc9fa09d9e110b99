import type { ProbeResult, ProbeRow } from '../../preload/usefulness.ts';
import { classAucs, type ClassScores, macroAuc } from '../evaluation/class-auc.ts';
import type { FeatureRows } from '../evaluation/logistic.ts';
import { inSpan, probeScores } from '../evaluation/probe.ts';
import type { OnPhase } from './evaluate-run.ts';
import { pooled, randomProjection } from './probe-features.ts';
import { probeFindings } from './usefulness-findings.ts';

export interface ProbeWork {
  kind: 'probe';
  /** Grey images in 0…1. */
  pixels: Float32Array[];
  image: { width: number; height: number };
  latents: { modelId: string; features: FeatureRows }[];
  /** Places in `names`. */
  labels: number[];
  names: string[];
  patients: string[];
  folds: number;
  bootstrap: number;
  seed: number;
}

export type ProbeMeasured = Pick<ProbeResult, 'rows' | 'findings'>;

/** Probes latents, pixels, as few pixels, and random sums of them, on the same folds. Runs in its own thread. */
export function probeOf(work: ProbeWork, onPhase: OnPhase): ProbeMeasured {
  const { labels, names, patients, folds, bootstrap, seed } = work;
  const sources = sourcesOf(work);
  const scored = sources.map(({ title, features }): ClassScores => {
    const span = inSpan(features, (row) => onPhase(`Inner products: ${title}`, row, features.count));
    let fits = 0;
    const expected = folds * 16 * (names.length === 2 ? 1 : names.length);
    const onFit = (): void => onPhase(`Probing: ${title}`, Math.min(++fits, expected), expected);
    const scores = probeScores(span, { labels, patients, classes: names.length, folds, seed, onFit });
    return { scores, classes: names.length, labels, patients };
  });
  const rows = sources.map(({ features, ...row }, i): ProbeRow => {
    onPhase('Resampling patients', i, sources.length);
    const own = scored[i]!;
    const others = i === 0 ? [] : [scored[0]!];
    const { auc, differences } = macroAuc(own, { repeats: bootstrap, seed, others });
    const classAuc = classAucs(own).map((value, label) => ({ label: names[label]!, auc: value }));
    return { ...row, dimension: features.dimension, auc, classAuc, againstPixels: differences[0] ?? null };
  });
  return { rows, findings: probeFindings(rows) };
}

/** The pixels first: the others are held against them. */
function sourcesOf({
  pixels,
  image,
  latents,
  seed,
}: ProbeWork): (Pick<ProbeRow, 'kind' | 'title' | 'modelId'> & { features: FeatureRows })[] {
  const { dimension } = latents[0]!.features;
  const few = pooled(pixels, image, dimension);
  const projected = randomProjection(pixels, { dimension, seed });
  return [
    { kind: 'pixels', title: 'Pixels', modelId: null, features: rowsOf(pixels) },
    ...latents.map(({ modelId, features }) => ({
      ...{ kind: 'latents' as const, title: `Latents of ${modelId}` },
      ...{ modelId, features },
    })),
    { kind: 'pooled', title: `Pixels averaged to ${few.dimension} values`, modelId: null, features: few },
    { kind: 'projected', title: 'Random sums of pixels', modelId: null, features: projected },
  ];
}

/** One row for each image. */
export function rowsOf(images: readonly ArrayLike<number>[]): FeatureRows {
  const dimension = images[0]?.length ?? 0;
  const values = new Float64Array(images.length * dimension);
  images.forEach((image, row) => values.set(image, row * dimension));
  return { values, count: images.length, dimension };
}
