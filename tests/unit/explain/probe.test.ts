import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { classAucs, macroAuc } from '../../../main/evaluation/class-auc.ts';
import { type FeatureRows, fitLogistic, logisticScore } from '../../../main/evaluation/logistic.ts';
import { patientFolds } from '../../../main/evaluation/patient-folds.ts';
import { inSpan, probeScores } from '../../../main/evaluation/probe.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';

interface Golden {
  logistic: { penalty: number; values: number[][]; labels: number[]; weights: number[]; intercept: number }[];
  auc: { scores: number[][]; labels: number[]; oneAgainstRest: number[] };
}
const golden = JSON.parse(readFileSync('tests/fixtures/logistic/golden.json', 'utf8')) as Golden;

function rowsOf(values: number[][]): FeatureRows {
  return { values: Float64Array.from(values.flat()), count: values.length, dimension: values[0]!.length };
}

function every(count: number): Int32Array {
  return Int32Array.from({ length: count }, (_, row) => row);
}

describe('logistic regression', () => {
  it.each(golden.logistic)('finds the weights of scikit-learn at C = $penalty', (one) => {
    const features = rowsOf(one.values);
    const model = fitLogistic(features, { rows: every(features.count), labels: one.labels, penalty: one.penalty });
    const scale = Math.max(...one.weights.map(Math.abs));
    one.weights.forEach((weight, i) => expect(Math.abs(model.weights[i]! - weight) / scale).toBeLessThan(1e-6));
    expect(Math.abs(model.intercept - one.intercept) / scale).toBeLessThan(1e-6);
  });

  it('sees nothing but inner products: the span of the images gives the scores of the images themselves', () => {
    const { values, labels } = golden.logistic[2]!;
    const columns = values[0]!.map((_, i) => values.reduce((sum, row) => sum + row[i]!, 0) / values.length);
    const centred = values.map((row) => row.map((value, i) => value - columns[i]!));
    const length = centred.flat().reduce((sum, value) => sum + value * value, 0) / values.length;
    const unit = rowsOf(centred.map((row) => row.map((value) => value / Math.sqrt(length))));
    const span = inSpan(rowsOf(values), () => undefined);
    const rows = every(values.length);
    const direct = fitLogistic(unit, { rows, labels, penalty: 5 });
    const inside = fitLogistic(span, { rows, labels, penalty: 5 });
    for (const row of rows) expect(logisticScore(span, row, inside)).toBeCloseTo(logisticScore(unit, row, direct), 4);
  });
});

describe('the AUC of classes', () => {
  const { scores, labels, oneAgainstRest } = golden.auc;
  const patients = labels.map((_, row) => `p${Math.floor(row / 2)}`);
  const own = { scores: Float64Array.from(scores.flat()), classes: 3, labels, patients };

  it('is that of scikit-learn, one against the rest', () => {
    classAucs(own).forEach((auc, label) => expect(auc).toBeCloseTo(oneAgainstRest[label]!, 12));
  });

  it('has an interval over patients that holds the value, and no difference from itself', () => {
    const { auc, differences } = macroAuc(own, { repeats: 400, seed: 1, others: [own] });
    expect(auc.low).toBeLessThan(auc.value);
    expect(auc.high).toBeGreaterThan(auc.value);
    expect(auc.high - auc.low).toBeLessThan(0.3);
    expect(differences[0]).toEqual({ value: 0, low: 0, high: 0 });
  });
});

describe('folds', () => {
  it('keep the images of a patient together and spread the classes', () => {
    const patients = Array.from({ length: 200 }, (_, row) => `patient ${Math.floor(row / 3)}`);
    const labels = patients.map((patient) => Number(patient.split(' ')[1]) % 2);
    const folds = patientFolds({ labels, patients }, { count: 5, seed: 3 });
    for (const patient of new Set(patients))
      expect(new Set(folds.filter((_, row) => patients[row] === patient)).size).toBe(1);
    for (let fold = 0; fold < 5; fold++) {
      const own = labels.filter((_, row) => folds[row] === fold);
      expect(own.length).toBeGreaterThan(30);
      expect(own.filter((label) => label === 1).length / own.length).toBeCloseTo(0.5, 0);
    }
  });
});

describe('the probe', () => {
  const random = randomFrom(5);
  const normal = (): number => Array.from({ length: 12 }, random).reduce((sum, value) => sum + value, -6);
  const labels = Array.from({ length: 120 }, (_, row) => row % 2);
  const patients = labels.map((_, row) => `p${Math.floor(row / 4)}`);
  const probe = (values: number[][]): number => {
    const facts = { labels, patients, classes: 2, folds: 4, seed: 2, onFit: () => undefined };
    const scores = probeScores(
      inSpan(rowsOf(values), () => undefined),
      facts,
    );
    return macroAuc({ scores, classes: 2, labels, patients }, { repeats: 50, seed: 1 }).auc.value;
  };

  it('reads a class that lies in one direction, and finds nothing in noise', () => {
    const noise = labels.map(() => Array.from({ length: 20 }, normal));
    expect(probe(noise.map((row, i) => [row[0]! + 4 * labels[i]!, ...row.slice(1)]))).toBeGreaterThan(0.95);
    expect(Math.abs(probe(noise) - 0.5)).toBeLessThan(0.15);
  });

  it('does not read a class from what tells patients apart', () => {
    // Patients hold both classes, and each has its own large direction.
    const values = labels.map((_, row) =>
      Array.from({ length: 30 }, (__, i) => (i === Math.floor(row / 4) ? 10 : 0) + normal()),
    );
    expect(Math.abs(probe(values) - 0.5)).toBeLessThan(0.15);
  });
});
