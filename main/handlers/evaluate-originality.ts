import type { Originality } from '../../preload/evaluation.ts';
import { prepare } from '../evaluation/aligned-correlation.ts';
import { copyThreshold, type CopySet, type NearestReal, nearestReal } from '../evaluation/copies.ts';
import { authenticShare, dataCopyingScore } from '../evaluation/data-copying.ts';
import { permutation, randomFrom } from '../evaluation/random.ts';
import type { FeatureSource } from './evaluate-features.ts';
import { mirrored, type SetImage } from './set-image.ts';
import { nearestPairs, type Pictures } from './evaluate-pairs.ts';

/** As many real images teach the threshold; more would only cost time. */
const mostCalibration = 600;
const fewestCalibration = 50;

/** As in the reference: a cell counts with 20 images of each kind. */
const copyingCells = { cells: 5, fewest: 20, seed: 1 };

interface Sets {
  real: SetImage[];
  synthetic: SetImage[];
  training: SetImage[] | null;
  grid: { width: number; height: number };
}

/**
 * Looks for each synthetic image among the real ones (those of the training where they are given), and for real images
 * among the same, other patients only, which shows how alike two patients may be.
 */
export async function findCopies(
  { real, synthetic, training, grid }: Sets,
  source: FeatureSource,
  { pictures, onPart }: { pictures: Pictures | null; onPart: (share: number) => void },
): Promise<Originality> {
  const searchedImages = training ?? real;
  if (Math.min(grid.width, grid.height) < 64)
    return nothingFound('The search for copies needs a grid of at least 64 × 64 pixels.');
  const searched = await copySet(searchedImages, source, grid);
  const total = synthetic.length + Math.min(real.length, mostCalibration);
  let done = 0;
  const onImage = (): void => onPart(++done / total);
  const queries = await querySet(synthetic, source, grid);
  const found = nearestReal(queries, searched, { onImage });
  const within = training === null;
  const rows = spreadRows(real.length);
  const own = rows.map((row) => real[row]!);
  const ownRows = within ? rows : [];
  const others = nearestReal(await querySet(own, source, grid), searched, { ownRows, onImage });
  const realScores = others.filter(({ index }) => index !== -1).map(({ score }) => score);
  const known = own.filter(({ patient }) => patient !== '').length;
  const threshold = realScores.length < fewestCalibration ? null : copyThreshold(realScores);
  const copies = found.flatMap(({ index, score }, row) =>
    threshold === null || score <= threshold || index === -1
      ? []
      : [{ synthetic: synthetic[row]!.name, real: searchedImages[index]!.name, score }],
  );
  const nearest = await nearestPairs(found, { synthetic, searched: searchedImages, threshold, grid, pictures });
  const authPct =
    searched.features.count < fewestCalibration ? null : authenticShare(searched.features, queries.features);
  const dataCopying = within
    ? null
    : dataCopyingScore(
        { training: searched.features, heldOut: await featuresOf(real, source), synthetic: queries.features },
        copyingCells,
      );
  return {
    searched: searchedImages.length,
    authPct,
    dataCopying,
    nearest,
    threshold,
    calibratedOn: realScores.length,
    copies: copies.sort((a, b) => b.score - a.score),
    synthetic: summary(found),
    real: realScores.length === 0 ? null : summary(others),
    note: noteOf({ threshold, calibrated: realScores.length, known, count: own.length, within }),
  };
}

function noteOf(facts: {
  threshold: number | null;
  calibrated: number;
  known: number;
  count: number;
  within: boolean;
}): string {
  if (facts.threshold === null)
    return `No threshold: it is learnt from at least ${fewestCalibration} real images, and there are ${facts.calibrated}. The scores are given, nothing is called a copy.`;
  const where = facts.within
    ? 'Copies were looked for in the real set itself. A generator copies its training images: name them as the training set to look there.'
    : 'Copies were looked for in the training images.';
  const patients =
    facts.known === facts.count
      ? ''
      : ' Patients are not known for all real images, so images of one patient may have raised the threshold.';
  return `${where} At most one real image in a hundred of another patient scores higher.${patients}`;
}

const featuresOf = (images: SetImage[], source: FeatureSource) => source.of(images, () => undefined);

function nothingFound(note: string): Originality {
  return {
    searched: 0,
    authPct: null,
    dataCopying: null,
    nearest: [],
    threshold: null,
    calibratedOn: 0,
    copies: [],
    synthetic: { median: 0, highest: 0 },
    real: null,
    note,
  };
}

async function copySet(images: SetImage[], source: FeatureSource, grid: Sets['grid']): Promise<CopySet> {
  return {
    images: images.map(({ pixels }) => prepare(pixels, grid)),
    features: await featuresOf(images, source),
    patients: images.map(({ patient }) => patient),
  };
}

async function querySet(
  images: SetImage[],
  source: FeatureSource,
  grid: Sets['grid'],
): Promise<Parameters<typeof nearestReal>[0]> {
  const turned = images.map((image) => mirrored(image, grid.width));
  return { ...(await copySet(images, source, grid)), mirrored: await source.of(turned, () => undefined) };
}

function spreadRows(count: number): number[] {
  return [...permutation(count, randomFrom(count)).subarray(0, mostCalibration)];
}

function summary(found: NearestReal[]): { median: number; highest: number } {
  const sorted = found.map(({ score }) => score).sort((a, b) => a - b);
  return { median: sorted[Math.floor(sorted.length / 2)] ?? 0, highest: sorted.at(-1) ?? 0 };
}
