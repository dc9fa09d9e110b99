import { groupsOf } from './patient-folds.ts';
import { randomFrom } from './random.ts';
import { quantile } from './resampling.ts';
import { areaUnderCurve } from './signatures.ts';

/** Scores of one image for each class, from classifiers of that class against the rest. */
export interface ClassScores {
  /** images × classes, row-major. */
  scores: Float64Array;
  classes: number;
  labels: ArrayLike<number>;
  patients: readonly string[];
}

export interface AucInterval {
  value: number;
  low: number;
  high: number;
}

/** One against the rest for each class; NaN where the images lack the class or hold nothing else. Two classes have one curve. */
export function classAucs({ scores, classes, labels }: ClassScores, rows?: Int32Array): number[] {
  const used = rows ?? Int32Array.from({ length: labels.length }, (_, row) => row);
  const of = (label: number): number => {
    const [inside, outside]: [number[], number[]] = [[], []];
    for (const row of used) (labels[row] === label ? inside : outside).push(scores[row * classes + label]!);
    return inside.length === 0 || outside.length === 0 ? NaN : areaUnderCurve(outside, inside);
  };
  return Array.from({ length: classes }, (_, label) => of(label));
}

/**
 * Mean of the classes' AUCs (Hand and Till 2001 in its one-against-rest form) with the 95 % interval of a bootstrap over patients:
 * images of one patient stay together, as they are not independent. `others` are scores of the same images by other means; their
 * differences (this − other) are taken in the same resamples.
 */
export function macroAuc(
  own: ClassScores,
  { repeats, seed, others = [] }: { repeats: number; seed: number; others?: readonly ClassScores[] },
): { auc: AucInterval; differences: AucInterval[] } {
  const groups = groupsOf(own.patients);
  const random = randomFrom(seed);
  const all = [own, ...others];
  const draws = all.map((): number[] => []);
  for (let repeat = 0; repeat < repeats; repeat++) {
    const rows = Int32Array.from(groups.flatMap(() => groups[Math.floor(random() * groups.length)]!));
    const values = all.map((one) => macro(classAucs(one, rows)));
    if (values.some(Number.isNaN)) continue;
    values.forEach((value, i) => draws[i]!.push(value));
  }
  const values = all.map((one) => macro(classAucs(one)));
  return {
    auc: interval(values[0]!, draws[0]!),
    differences: others.map((_, i) =>
      interval(
        values[0]! - values[i + 1]!,
        draws[0]!.map((draw, k) => draw - draws[i + 1]![k]!),
      ),
    ),
  };
}

function macro(aucs: number[]): number {
  return aucs.reduce((sum, auc) => sum + auc, 0) / aucs.length;
}

function interval(value: number, draws: number[]): AucInterval {
  const sorted = Float64Array.from(draws).sort();
  if (sorted.length === 0) return { value, low: NaN, high: NaN };
  return { value, low: quantile(sorted, 0.025), high: quantile(sorted, 0.975) };
}
