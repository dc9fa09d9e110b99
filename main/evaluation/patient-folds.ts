import { permutation, randomFrom } from './random.ts';

/**
 * The fold (0 … count − 1) of each image: all images of a patient in one fold, the classes spread as evenly as that allows (patients in
 * random order, those with most images first, each to the fold that has fewest images of the patient's commonest class). A patient of
 * '' is unknown and every such image counts as a patient of its own.
 */
export function patientFolds(
  { labels, patients }: { labels: ArrayLike<number>; patients: readonly string[] },
  { count, seed }: { count: number; seed: number },
): Int32Array {
  const groups = [...groupsOf(patients)];
  const shuffled = [...permutation(groups.length, randomFrom(seed))].map((place) => groups[place]!);
  shuffled.sort((a, b) => b.length - a.length);
  const folds = new Int32Array(patients.length);
  const filled = Array.from({ length: count }, () => new Map<number, number>());
  for (const rows of shuffled) {
    const label = commonest(rows.map((row) => labels[row]!));
    const sizes = filled.map((fold) => fold.get(label) ?? 0);
    const target = sizes.indexOf(Math.min(...sizes));
    for (const row of rows) {
      folds[row] = target;
      filled[target]!.set(labels[row]!, (filled[target]!.get(labels[row]!) ?? 0) + 1);
    }
  }
  return folds;
}

/** Rows of each patient. */
export function groupsOf(patients: readonly string[]): number[][] {
  const groups = new Map<string, number[]>();
  patients.forEach((patient, row) => {
    const key = patient === '' ? ` ${row}` : patient;
    const rows = groups.get(key);
    if (rows === undefined) groups.set(key, [row]);
    else rows.push(row);
  });
  return [...groups.values()];
}

function commonest(labels: number[]): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0])[0]![0];
}
