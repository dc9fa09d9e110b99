import { choleskyFactor } from './matrix.ts';
import { classAucs } from './class-auc.ts';
import { type FeatureRows, fitLogistic, logisticScore } from './logistic.ts';
import { patientFolds } from './patient-folds.ts';

/** Penalties that are tried, as C of the usual notation; rows have unit length on average. */
const penalties = [0.01, 0.1, 1, 10, 100];
const innerFolds = 3;
/** Ranks of scores are settled long before the weights are. */
const [roughly, closely] = [1e-3, 1e-6];

interface Labelled {
  labels: ArrayLike<number>;
  patients: readonly string[];
  classes: number;
}

/** Called after each classifier that was fitted; throws to end the work. */
type OnFit = () => void;

/**
 * A linear probe (Alain and Bengio 2017): scores of each image by classifiers (one class against the rest) that saw no image of its
 * patient. The strength of the penalty is chosen anew in each fold, among patients of the training part. images × classes.
 */
export function probeScores(
  features: FeatureRows,
  { labels, patients, classes, folds, seed, onFit }: Labelled & { folds: number; seed: number; onFit: OnFit },
): Float64Array {
  const fold = patientFolds({ labels, patients }, { count: folds, seed });
  const scores = new Float64Array(features.count * classes);
  for (let out = 0; out < folds; out++) {
    const rows = rowsWhere(features.count, (row) => fold[row] !== out);
    const tested = rowsWhere(features.count, (row) => fold[row] === out);
    scoreRows(features, { rows, tested, labels, patients, classes, seed: seed + out + 1, onFit }, scores);
  }
  return scores;
}

/** Learns from `rows`, with the penalty that inner folds prefer, and writes the scores of `tested`. */
export function scoreRows(
  features: FeatureRows,
  {
    rows,
    tested,
    labels,
    patients,
    classes,
    seed,
    onFit,
  }: Labelled & { rows: Int32Array; tested: Int32Array; seed: number; onFit: OnFit },
  scores: Float64Array,
): void {
  const penalty = choosePenalty(features, { rows, labels, patients, classes, seed, onFit });
  writeScores(features, { rows, tested, labels, classes, penalty, tolerance: closely, onFit }, scores);
}

/**
 * The same images in as few numbers as there are images: inner products, which are all that a linear classifier with a square penalty
 * sees, stay as they were (up to one factor that gives rows unit length on average). Columns are centred. For more columns than rows.
 */
export function inSpan({ values, count, dimension }: FeatureRows, onRow: (done: number) => void): FeatureRows {
  const centred = Float64Array.from(values);
  for (let column = 0; column < dimension; column++) {
    let mean = 0;
    for (let row = 0; row < count; row++) mean += centred[row * dimension + column]!;
    mean /= count;
    for (let row = 0; row < count; row++) centred[row * dimension + column]! -= mean;
  }
  const gram = new Float64Array(count * count);
  for (let a = 0; a < count; a++) {
    const left = centred.subarray(a * dimension, (a + 1) * dimension);
    for (let b = 0; b <= a; b++) {
      const right = centred.subarray(b * dimension, (b + 1) * dimension);
      let sum = 0;
      for (let i = 0; i < dimension; i++) sum += left[i]! * right[i]!;
      gram[a * count + b] = sum;
      gram[b * count + a] = sum;
    }
    onRow(a + 1);
  }
  let length = 0;
  for (let row = 0; row < count; row++) length += gram[row * count + row]! / count;
  for (let i = 0; i < gram.length; i++) gram[i]! /= length;
  // Centring leaves one direction of no length; the little that is added is far below every penalty.
  for (let row = 0; row < count; row++) gram[row * count + row]! += 1e-7;
  const factor = choleskyFactor(gram, count);
  if (factor === null) throw new RangeError('The images are too alike for a probe.');
  return { values: factor, count, dimension: count };
}

function choosePenalty(
  features: FeatureRows,
  { rows, labels, patients, classes, seed, onFit }: Labelled & { rows: Int32Array; seed: number; onFit: OnFit },
): number {
  const own = { labels: Array.from(rows, (row) => labels[row]!), patients: Array.from(rows, (row) => patients[row]!) };
  const fold = patientFolds(own, { count: innerFolds, seed });
  let best = { penalty: 1, auc: -Infinity };
  for (const penalty of penalties) {
    const scores = new Float64Array(features.count * classes);
    for (let out = 0; out < innerFolds; out++) {
      const inner = rows.filter((_, i) => fold[i] !== out);
      const tested = rows.filter((_, i) => fold[i] === out);
      writeScores(features, { rows: inner, tested, labels, classes, penalty, tolerance: roughly, onFit }, scores);
    }
    const aucs = classAucs({ scores, classes, labels, patients }, rows);
    const auc = aucs.reduce((sum, one) => sum + one, 0);
    if (auc > best.auc) best = { penalty, auc };
  }
  return best.penalty;
}

function writeScores(
  features: FeatureRows,
  facts: {
    rows: Int32Array;
    tested: Int32Array;
    labels: ArrayLike<number>;
    classes: number;
    penalty: number;
    tolerance: number;
    onFit: OnFit;
  },
  scores: Float64Array,
): void {
  const { rows, tested, labels, classes, penalty, tolerance, onFit } = facts;
  for (let label = 0; label < classes; label++) {
    // Two classes are one question.
    const mirrored = classes === 2 && label === 1;
    if (!mirrored) {
      const own = Uint8Array.from({ length: features.count }, (_, row) => (labels[row] === label ? 1 : 0));
      if (rows.every((row) => own[row] === 0) || rows.every((row) => own[row] === 1)) continue;
      const model = fitLogistic(features, { rows, labels: own, penalty, tolerance });
      for (const row of tested) scores[row * classes + label] = logisticScore(features, row, model);
      onFit();
    } else for (const row of tested) scores[row * classes + 1] = -scores[row * classes]!;
  }
}

function rowsWhere(count: number, keep: (row: number) => boolean): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row).filter(keep);
}
