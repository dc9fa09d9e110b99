import type { Prepared } from './aligned-correlation.ts';
import { bestAligned } from './aligned-correlation.ts';
import type { Features } from './features.ts';

/** A set in which neighbours are looked for. `patients[i]` is '' where it is not known. */
export interface CopySet {
  images: Prepared[];
  features: Features;
  patients: readonly string[];
}

export interface NearestReal {
  /** Row in the searched set; −1 where there was nobody to compare with. */
  index: number;
  /** Best correlation of fine structure over mirrorings and small shifts; 1 = the same picture. */
  score: number;
}

const candidatesByFeature = 6;
const candidatesByShape = 4;
/** Share of real images of other patients that may be called copies, with this confidence. */
const falseAlarms = 0.01;
const confidence = 0.95;
/** As alike as this is a copy, however alike the real images are among themselves: a real set may hold copies too. */
const mostScore = 0.95;
/** Less alike than this is no copy, however unlike the real images are among themselves. */
const leastScore = 0.7;

/**
 * The real image that each image resembles most: the nearest in feature space, of the image and of its mirror image, and
 * those with the most similar spectra, confirmed by aligned pixels. Images of the same known patient are left out, and where a
 * set is searched in itself the row that `ownRows` gives for each query: itself.
 */
export function nearestReal(
  queries: CopySet & { mirrored: Features },
  searched: CopySet,
  { ownRows = [], onImage }: { ownRows?: readonly number[]; onImage?: (() => void) | undefined } = {},
): NearestReal[] {
  return queries.images.map((image, row) => {
    const patient = queries.patients[row]!;
    const allowed = (other: number): boolean =>
      ownRows[row] !== other && (patient === '' || searched.patients[other] !== patient);
    const candidates = [
      ...new Set([
        ...nearestRows(queries.features, row, searched.features, allowed),
        ...nearestRows(queries.mirrored, row, searched.features, allowed),
        ...likeShapes(image, searched.images, allowed),
      ]),
    ];
    const best = bestAligned(
      image,
      candidates.map((index) => searched.images[index]!),
    );
    onImage?.();
    return { index: candidates[best.index] ?? -1, score: best.index === -1 ? 0 : best.score };
  });
}

/**
 * The score above which an image counts as a copy, learnt from real images and their nearest real images of other patients: the
 * highest of them, or as far below it as still leaves at most one real image in a hundred above, with 95 % confidence (Wilks 1941, an
 * upper tolerance bound). Below 299 images no order statistic can promise that, so it is also at least their mean and three deviations.
 * Never below 0.7 nor above 0.95. Throws RangeError for fewer than 50 scores.
 */
export function copyThreshold(realScores: readonly number[]): number {
  if (realScores.length < 50)
    throw new RangeError(`A threshold for copies is learnt from at least 50 real images, not ${realScores.length}.`);
  const sorted = Float64Array.from(realScores).sort();
  const allowed = alarmsAllowed(sorted.length);
  const bound = allowed === null ? Math.max(sorted.at(-1)!, meanAndDeviations(sorted)) : sorted.at(-1 - allowed)!;
  return Math.min(mostScore, Math.max(leastScore, bound));
}

/**
 * How many of `count` scores may lie above the bound: the most for which a share of 0.01 beyond it would leave so few with a probability of
 * at most 0.05 (binomial). Null where not even none would show it.
 */
function alarmsAllowed(count: number): number | null {
  let term = (1 - falseAlarms) ** count;
  let sum = term;
  if (sum > 1 - confidence) return null;
  let allowed = 0;
  for (;;) {
    term *= ((count - allowed) / (allowed + 1)) * (falseAlarms / (1 - falseAlarms));
    sum += term;
    if (sum > 1 - confidence) return allowed;
    allowed++;
  }
}

function meanAndDeviations(scores: Float64Array): number {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / (scores.length - 1);
  return mean + 3 * Math.sqrt(variance);
}

function nearestRows(
  queries: Features,
  row: number,
  searched: Features,
  allowed: (other: number) => boolean,
): number[] {
  const { dimension } = searched;
  return smallest(searched.count, candidatesByFeature, allowed, (other) => {
    let sum = 0;
    const [a, b] = [row * dimension, other * dimension];
    for (let k = 0; k < dimension; k++) sum += (queries.values[a + k]! - searched.values[b + k]!) ** 2;
    return sum;
  });
}

/** Wherever the image lies: a copy that was shifted has features of its own. */
function likeShapes(image: Prepared, searched: Prepared[], allowed: (other: number) => boolean): number[] {
  return [image.shape, image.turnedShape].flatMap((shape) =>
    smallest(searched.length, candidatesByShape, allowed, (other) => {
      const against = searched[other]!.shape;
      let product = 0;
      for (let k = 0; k < shape.length; k++) product += shape[k]! * against[k]!;
      return -product;
    }),
  );
}

/** The rows with the `most` smallest values, best first. */
function smallest(
  count: number,
  most: number,
  allowed: (row: number) => boolean,
  value: (row: number) => number,
): number[] {
  const kept: { row: number; value: number }[] = [];
  for (let row = 0; row < count; row++) {
    const found = value(row);
    if (kept.length === most && found >= kept[most - 1]!.value) continue;
    if (!allowed(row)) continue;
    let place = kept.length;
    while (place > 0 && kept[place - 1]!.value > found) place--;
    kept.splice(place, 0, { row, value: found });
    kept.length = Math.min(kept.length, most);
  }
  return kept.map(({ row }) => row);
}
