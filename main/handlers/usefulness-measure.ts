import { VerisimError } from '../../preload/errors.ts';
import type { ClassAgreement, UsefulnessArm, UsefulnessPoint, UsefulnessResult } from '../../preload/usefulness.ts';
import { classAucs, type ClassScores, macroAuc } from '../evaluation/class-auc.ts';
import type { Features } from '../evaluation/features.ts';
import type { FeatureRows } from '../evaluation/logistic.ts';
import { groupsOf } from '../evaluation/patient-folds.ts';
import { scoreRows } from '../evaluation/probe.ts';
import { permutation, randomFrom } from '../evaluation/random.ts';
import { exactInterval } from '../review/binomial.ts';
import { cohenKappa } from '../review/kappa.ts';
import { usefulnessFindings } from './usefulness-findings.ts';
import type { UsefulnessSettings } from './usefulness-work.ts';

export interface LabelledFeatures {
  features: Features;
  labels: string[];
  patients: string[];
}

interface Sets {
  real: LabelledFeatures;
  synthetic: LabelledFeatures;
  test: LabelledFeatures;
}

const drawsOfCurve = 5;
const fewestOfClass = 10;
const grounding =
  'Esteban et al. 2017 (train on synthetic, test on real); Ravuri and Vinyals 2019 (classification accuracy score); Hand and Till 2001';
const limits =
  'A linear classifier on fixed features learns less from more images than a large network would; it answers for these classes and this test set, and a gain of synthetic images within the interval is none.';

/** Every arm is tested on the same images. Throws InvalidInput where a class is missing in a set, and what `onPart` throws. */
export function measureUsefulness(
  sets: Sets,
  { perReal, bootstrap, seed }: Pick<UsefulnessSettings, 'perReal' | 'bootstrap' | 'seed'>,
  onPart: (done: number, total: number) => void,
): Omit<UsefulnessResult, 'runId' | 'sets' | 'extractor' | 'seconds'> {
  const names = [...new Set(sets.test.labels)].sort();
  checkClasses(sets, names);
  const counts = { real: sets.real.labels.length, synthetic: sets.synthetic.labels.length };
  const points = perReal.filter((k) => k > 0 && Math.round(k * counts.real) <= counts.synthetic);
  const total = 4 + points.length * drawsOfCurve;
  let done = 0;
  const fit = (rows: { real: Int32Array; synthetic: Int32Array }, on: LabelledFeatures = sets.test): ClassScores => {
    const scores = classify(sets, { rows, on, names, seed, onFit: () => onPart(done, total) });
    onPart(++done, total);
    return scores;
  };
  const every = { real: everyRow(counts.real), synthetic: everyRow(counts.synthetic) };
  const nobody = new Int32Array(0);
  const ofReal = fit({ real: every.real, synthetic: nobody });
  const ofSynthetic = fit({ real: nobody, synthetic: every.synthetic });
  const ofBoth = fit(every);
  const arm = (
    name: UsefulnessArm['name'],
    title: string,
    scores: ClassScores,
    n: UsefulnessArm['n'],
  ): UsefulnessArm => {
    const { auc, differences } = macroAuc(scores, {
      repeats: bootstrap,
      seed,
      others: name === 'real' ? [] : [ofReal],
    });
    return { name, title, n, auc, classAuc: byClass(scores, names), againstReal: differences[0] ?? null };
  };
  const arms = [
    arm('real', 'Train on real, test on real', ofReal, { real: counts.real, synthetic: 0 }),
    arm('synthetic', 'Train on synthetic, test on real', ofSynthetic, { real: 0, synthetic: counts.synthetic }),
    arm('both', 'Train on both, test on real', ofBoth, counts),
  ];
  const none = mean(classAucs(ofReal));
  const curve: UsefulnessPoint[] = [{ perReal: 0, synthetic: 0, auc: none, smallest: none, largest: none, draws: 1 }];
  for (const k of points) {
    const aucs: number[] = [];
    for (let draw = 0; draw < drawsOfCurve; draw++) {
      const many = Math.round(k * counts.real);
      const drawn = permutation(counts.synthetic, randomFrom(seed + 1000 * draw + 1)).slice(0, many);
      aucs.push(mean(classAucs(fit({ real: every.real, synthetic: drawn }))));
    }
    const range = { smallest: Math.min(...aucs), largest: Math.max(...aucs) };
    curve.push({ perReal: k, synthetic: Math.round(k * counts.real), auc: mean(aucs), ...range, draws: aucs.length });
  }
  const named = fit({ real: every.real, synthetic: nobody }, sets.synthetic);
  const left = perReal.filter((k) => k > 0 && !points.includes(k));
  const measured = {
    labels: names,
    n: {
      train: counts.real,
      synthetic: counts.synthetic,
      test: sets.test.labels.length,
      testPatients: groupsOf(sets.test.patients).length,
    },
    arms,
    curve,
    agreement: agreementOf(named, ofReal, names),
  };
  return {
    ...measured,
    findings: usefulnessFindings(measured),
    grounding,
    limits,
    warnings:
      left.length === 0
        ? []
        : [
            `The points ${left.join(', ')} of the curve need more synthetic images than the ${counts.synthetic} given and were left out.`,
          ],
  };
}

/** Scores of the images of `on`, standardised by what is learnt from. */
function classify(
  { real, synthetic }: Sets,
  {
    rows,
    on,
    names,
    seed,
    onFit,
  }: {
    rows: { real: Int32Array; synthetic: Int32Array };
    on: LabelledFeatures;
    names: string[];
    seed: number;
    onFit: () => void;
  },
): ClassScores {
  const learnt = [
    ...Array.from(rows.real, (row) => ({ set: real, row })),
    ...Array.from(rows.synthetic, (row) => ({ set: synthetic, row })),
  ];
  const tested = Array.from(on.labels, (_, row) => ({ set: on, row }));
  const all = [...learnt, ...tested];
  const features = standardised(all, learnt.length);
  const labels = all.map(({ set, row }) => names.indexOf(set.labels[row]!));
  const patients = all.map(({ set, row }) => (set === synthetic ? '' : set.patients[row]!));
  const scores = new Float64Array(all.length * names.length);
  const split = { rows: everyRow(learnt.length), tested: everyRow(all.length).subarray(learnt.length) };
  scoreRows(features, { ...split, labels, patients, classes: names.length, seed, onFit }, scores);
  return {
    scores: scores.slice(learnt.length * names.length),
    classes: names.length,
    labels: labels.slice(learnt.length),
    patients: patients.slice(learnt.length),
  };
}

/** Each column of mean 0 and variance 1 ∕ columns over the first `learnt` rows, so that a row has about unit length. */
function standardised(rows: { set: LabelledFeatures; row: number }[], learnt: number): FeatureRows {
  const { dimension } = rows[0]!.set.features;
  const values = new Float64Array(rows.length * dimension);
  rows.forEach(({ set, row }, at) => {
    for (let i = 0; i < dimension; i++) values[at * dimension + i] = set.features.values[row * dimension + i]!;
  });
  for (let column = 0; column < dimension; column++) {
    let [sum, squares] = [0, 0];
    for (let row = 0; row < learnt; row++) sum += values[row * dimension + column]!;
    const middle = sum / learnt;
    for (let row = 0; row < learnt; row++) squares += (values[row * dimension + column]! - middle) ** 2;
    const scale = 1 / (Math.max(Math.sqrt(squares / learnt), 1e-12) * Math.sqrt(dimension));
    for (let row = 0; row < rows.length; row++) {
      const at = row * dimension + column;
      values[at] = (values[at]! - middle) * scale;
    }
  }
  return { values, count: rows.length, dimension };
}

function agreementOf(onSynthetic: ClassScores, onReal: ClassScores, labels: string[]): ClassAgreement {
  const named = namedClasses(onSynthetic);
  const wanted = Array.from(onSynthetic.labels);
  const confusion = labels.map((_, row) =>
    labels.map((__, column) => named.filter((one, i) => one === column && wanted[i] === row).length),
  );
  return {
    n: wanted.length,
    accuracy: accuracyOf(named, wanted),
    accuracyOnReal: accuracyOf(namedClasses(onReal), Array.from(onReal.labels)),
    kappa: cohenKappa(wanted, named),
    labels,
    confusion,
  };
}

/** The class with the highest score. */
function namedClasses({ scores, classes, labels }: ClassScores): number[] {
  return Array.from(labels, (_, row) => {
    const own = scores.subarray(row * classes, (row + 1) * classes);
    return own.indexOf(Math.max(...own));
  });
}

function accuracyOf(named: number[], wanted: number[]): { value: number; low: number; high: number } {
  const { value, low, high } = exactInterval(named.filter((one, i) => one === wanted[i]).length, wanted.length);
  return { value, low, high };
}

function checkClasses(sets: Sets, names: string[]): void {
  for (const [what, { labels }] of Object.entries(sets) as [keyof Sets, LabelledFeatures][]) {
    const strange = labels.find((label) => !names.includes(label));
    const few = names.find((name) => labels.filter((label) => label === name).length < fewestOfClass);
    if (strange === undefined && few === undefined) continue;
    const found = few ?? strange ?? '';
    throw new VerisimError(
      'InvalidInput',
      few === undefined
        ? `The ${what} set has images of the class ${found}, which the test set lacks; the classes are ${names.join(', ')}.`
        : `The ${what} set has fewer than ${fewestOfClass} images of the class ${found}; training, synthetic and test images need at least as many of each class (${names.join(', ')}).`,
      { expected: names.join(', '), found },
    );
  }
}

function byClass(scores: ClassScores, names: string[]): { label: string; auc: number }[] {
  return classAucs(scores).map((auc, label) => ({ label: names[label]!, auc }));
}

function everyRow(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

function mean(values: number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
