import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { findExtractor } from '../main/engine/extractor-packs.ts';
import { permutation, randomFrom } from '../main/evaluation/random.ts';
import { openFeatureSource } from '../main/handlers/evaluate-features.ts';
import { readImageSet } from '../main/handlers/evaluate-images.ts';
import type { SetImage } from '../main/handlers/set-image.ts';
import { findCopies } from '../main/handlers/evaluate-originality.ts';
import { plantsOf } from './planted-copies/plants.ts';
import { repositoryRoot } from './repository.ts';
import { unpackSplit } from './unpack-split.ts';

/**
 * `node scripts/planted-copies.ts [--data brain-mri] [--images 400] [--only WORD] [--shared DIR]`: copies planted among real images, and real images of
 * other patients, against the search for copies. Three sets of that many images share no patient: one is searched and copied from, one
 * teaches the threshold, one holds strangers. Fails unless every copy is caught, at 1 % false alarms at most.
 */
const { values } = parseArgs({
  options: {
    data: { type: 'string', default: 'brain-mri' },
    images: { type: 'string', default: '400' },
    only: { type: 'string', default: '' },
    shared: { type: 'string', default: path.join(repositoryRoot, '..', 'shared') },
  },
});
const { data } = values;
const wanted = Number(values.images);
const side = 128;
const source = path.join(values.shared, 'data', data);
const present = await readFile(path.join(source, 'manifest.csv')).then(
  () => true,
  () => false,
);
if (present) await plant();
else console.log(`Skipped: ${source} is not here.`);

async function plant(): Promise<void> {
  const images = await imagesOf(['train', 'holdout']);
  const [searched, real, strangers] = setsOf(images, 3) as [SetImage[], SetImage[], SetImage[]];
  const plants = Object.entries(plantsOf(side, 11)).filter(([kind]) => kind.includes(values.only));
  const copies = plants.map(([kind, change]) => ({
    kind,
    images: searched.map((image, row) => altered(image, `${kind} ${row}`, change(image.pixels))),
  }));
  const extractor = await findExtractor([path.join(repositoryRoot, 'models')], `extractor-${data}-128`);
  const features = await openFeatureSource(extractor, null);
  // All at once: the threshold is learnt once.
  const unknown = strangers.map((image) => ({ ...image, patient: '' }));
  const synthetic = [...copies.flatMap(({ images: own }) => own), ...unknown];
  const { copies: found, threshold } = await findCopies(
    { real, synthetic, training: searched, grid: { width: side, height: side } },
    features,
    { pictures: null, onPart: () => undefined },
  );
  const original = new Map(found.map((one) => [one.synthetic, one.real]));
  console.log(`threshold ${threshold?.toFixed(3) ?? 'none'}, learnt from ${real.length} real images`);
  let failed = false;
  for (const { kind, images: own } of copies) {
    const caught = own.filter(({ name }) => original.has(name)).length;
    const rightly = own.filter(({ name }, row) => original.get(name) === searched[row]!.name).length;
    failed ||= caught < own.length;
    console.log(`${kind}: ${caught} of ${own.length} caught, ${rightly} with their original named`);
  }
  const alarms = unknown.filter(({ name }) => original.has(name)).length;
  failed ||= alarms > 0.01 * unknown.length;
  console.log(`false alarms: ${alarms} of ${unknown.length} real images of other patients`);
  await features.release();
  if (failed) process.exitCode = 1;
}

async function imagesOf(splits: ('train' | 'holdout')[]): Promise<SetImage[]> {
  const folders = splits.map((split) => path.join(os.tmpdir(), 'verisim-planted', `${data}-${split}`));
  for (const [place, split] of splits.entries()) await unpackSplit({ data: source, split, out: folders[place]! });
  const { images } = await readImageSet(
    { folders, files: [], series: [] },
    { grid: { width: side, height: side, channels: 1 }, onImage: () => undefined },
  );
  return images.filter(({ patient }) => patient !== '');
}

/** Sets of `wanted` images that share no patient: whole patients in random order, each to the first set that is not full. */
function setsOf(images: readonly SetImage[], count: number): SetImage[][] {
  const patients = [...new Set(images.map(({ patient }) => patient))];
  const sets = Array.from({ length: count }, (): SetImage[] => []);
  for (const place of permutation(patients.length, randomFrom(1))) {
    const set = sets.find((one) => one.length < wanted);
    set?.push(...images.filter(({ patient }) => patient === patients[place]));
  }
  const short = sets.find((set) => set.length < wanted);
  if (short !== undefined) throw new Error(`${data} holds too few images for ${count} sets of ${wanted}.`);
  return sets.map((set) => set.slice(0, wanted));
}

/** A hash of its own: pixels that differ have features of their own. */
function altered(image: SetImage, name: string, pixels: Float32Array): SetImage {
  return { ...image, name, pixels, sha256: `${image.sha256} ${name}`, patient: '', synthetic: true };
}
