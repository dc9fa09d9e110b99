import type { RandomSource } from './random.ts';

/** What the order must know of a case: its patient, and its truth where the reader is to name it (null otherwise). */
export interface Arrangeable {
  patients: readonly string[];
  truth: string | null;
}

/** No more cases of one truth than this stand in a row, so that a reader cannot lean on long runs. */
export const longestRun = 4;

const attempts = 60;

/**
 * A random order of the cases in which no two neighbours share a patient and at most four of one truth stand in a row.
 * Each place is drawn from what is left and fits; where nothing fits, neighbours of one patient are accepted and
 * counted. Of up to 60 orders the first without such neighbours is taken, else the one with the fewest.
 */
export function arrange(cases: readonly Arrangeable[], random: RandomSource): { order: number[]; neighbours: number } {
  let best: { order: number[]; neighbours: number } | null = null;
  for (let attempt = 0; attempt < attempts || best === null; attempt++) {
    const order = draw(cases, random);
    if (order === null) continue;
    const neighbours = countNeighbours(order, cases);
    if (best === null || neighbours < best.neighbours) best = { order, neighbours };
    if (neighbours === 0) break;
  }
  return best;
}

/** Neighbouring places that show one patient. */
export function countNeighbours(order: readonly number[], cases: readonly Arrangeable[]): number {
  return order.slice(1).filter((at, place) => shares(cases[at]!, cases[order[place]!]!)).length;
}

/**
 * Shows `count` of the cases a second time, at least a quarter of the order later where it is that long, and not beside
 * a case of the same patient where that can be. Returns the new order.
 */
export function plantRepeats(
  order: readonly number[],
  cases: readonly Arrangeable[],
  { count, random }: { count: number; random: RandomSource },
): number[] {
  const planted = [...order];
  const early = order.slice(0, Math.max(1, Math.ceil(order.length * 0.6)));
  const gap = Math.max(1, Math.floor(order.length / 4));
  for (let k = 0; k < count; k++) {
    const chosen = early.splice(random.below(early.length), 1)[0]!;
    const first = Math.min(planted.indexOf(chosen) + gap, planted.length);
    const places = Array.from({ length: planted.length - first + 1 }, (_, i) => first + i);
    const apart = places.filter((place) =>
      [planted[place - 1], planted[place]].every(
        (other) => other === undefined || !shares(cases[other]!, cases[chosen]!),
      ),
    );
    const from = apart.length > 0 ? apart : places;
    planted.splice(from[random.below(from.length)]!, 0, chosen);
    if (early.length === 0) break;
  }
  return planted;
}

function draw(cases: readonly Arrangeable[], random: RandomSource): number[] | null {
  const left = new Set(cases.keys());
  const counts = new Map<string, number>();
  for (const { patients } of cases) for (const patient of patients) counts.set(patient, (counts.get(patient) ?? 0) + 1);
  const order: number[] = [];
  while (left.size > 0) {
    const previous = order.length === 0 ? null : cases[order.at(-1)!]!;
    const fitting = [...left].filter((at) => runAllows(order, cases, cases[at]!.truth));
    if (fitting.length === 0) return null;
    const apart = previous === null ? fitting : fitting.filter((at) => !shares(cases[at]!, previous));
    const pool = apart.length > 0 ? apart : fitting;
    // A patient who fills half of what is left must come now, or neighbours are unavoidable later.
    const urgent = pool.filter((at) => cases[at]!.patients.some((patient) => 2 * counts.get(patient)! > left.size));
    const from = urgent.length > 0 ? urgent : pool;
    const chosen = from[random.below(from.length)]!;
    left.delete(chosen);
    for (const patient of cases[chosen]!.patients) counts.set(patient, counts.get(patient)! - 1);
    order.push(chosen);
  }
  return order;
}

function runAllows(order: readonly number[], cases: readonly Arrangeable[], truth: string | null): boolean {
  if (truth === null || order.length < longestRun) return true;
  return order.slice(-longestRun).some((at) => cases[at]!.truth !== truth);
}

const shares = (a: Arrangeable, b: Arrangeable) => a.patients.some((patient) => b.patients.includes(patient));
