import type { PackManifest } from '../engine/pack-schema.ts';
import type { FeatureRows } from '../evaluation/logistic.ts';
import { groupsOf } from '../evaluation/patient-folds.ts';
import { permutation, randomFrom } from '../evaluation/random.ts';
import type { SetImage } from './set-image.ts';

/** At most `most` images, whole patients in random order; of a patient who would be too many, none. */
export function chooseImages(images: SetImage[], most: number, seed: number): SetImage[] {
  if (images.length <= most) return images;
  const groups = groupsOf(images.map(({ patient }) => patient));
  const chosen: number[] = [];
  for (const place of permutation(groups.length, randomFrom(seed)))
    if (chosen.length + groups[place]!.length <= most) chosen.push(...groups[place]!);
  return chosen.sort((a, b) => a - b).map((row) => images[row]!);
}

/** Grey values in 0…1 → stored units. */
export function stored(pixels: Float32Array, { intensity }: PackManifest): Float32Array {
  const { storedMin, storedMax } = intensity;
  return pixels.map((value) => storedMin + value * (storedMax - storedMin));
}

/** Means of square blocks: the smallest ones that leave at most `dimension` values (of sides that the block divides). */
export function pooled(
  images: readonly Float32Array[],
  { width, height }: { width: number; height: number },
  dimension: number,
): FeatureRows {
  let block = 1;
  while ((width / block) * (height / block) > dimension || width % block !== 0 || height % block !== 0) block++;
  const [across, down] = [width / block, height / block];
  const values = new Float64Array(images.length * across * down);
  images.forEach((image, row) => {
    for (let y = 0; y < height; y++)
      for (let x = 0; x < width; x++)
        values[row * across * down + Math.floor(y / block) * across + Math.floor(x / block)]! +=
          image[y * width + x]! / (block * block);
  });
  return { values, count: images.length, dimension: across * down };
}

/** Each value is a sum of √pixels pixels with random signs: keeps distances as a full random projection does (Li et al. 2006). */
export function randomProjection(
  images: readonly Float32Array[],
  { dimension, seed }: { dimension: number; seed: number },
): FeatureRows {
  const pixels = images[0]?.length ?? 0;
  const random = randomFrom(seed);
  const terms = Math.ceil(Math.sqrt(pixels));
  const values = new Float64Array(images.length * dimension);
  for (let column = 0; column < dimension; column++) {
    const places = Int32Array.from({ length: terms }, () => Math.floor(random() * pixels));
    const signs = Int8Array.from({ length: terms }, () => (random() < 0.5 ? -1 : 1));
    images.forEach((image, row) => {
      let sum = 0;
      for (let term = 0; term < terms; term++) sum += signs[term]! * image[places[term]!]!;
      values[row * dimension + column] = sum;
    });
  }
  return { values, count: images.length, dimension };
}
