import { mkdirSync } from 'node:fs';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';

/** Where everything lies in the data folder. Pure paths; identifiers are checked by the contract before they come here. */
export function dataFolder(root: string) {
  const at = (...parts: string[]): string => path.join(root, ...parts);
  return {
    root,
    database: at('verisim.sqlite'),
    unpacked: at('cache', 'unpacked'),
    volumes: at('cache', 'volumes'),
    images: at('cache', 'images'),
    thumbnails: at('cache', 'thumbnails'),
    runs: at('runs'),
    masks: at('masks'),
    reviewSecrets: at('review-secrets'),
    /** Copies of the log (backup.ts). */
    backups: at('backups'),
    packs: { packs: at('models'), transit: at('cache', 'packs') },
    volumeVoxels: (seriesId: string) => at('cache', 'volumes', `${seriesId}.raw`),
    volumeDescription: (seriesId: string) => at('cache', 'volumes', `${seriesId}.json`),
    thumbnail: (seriesId: string) => at('cache', 'thumbnails', `${seriesId}.png`),
    preview: (seriesId: string) => at('cache', 'thumbnails', `${seriesId}.preview.png`),
    imagePixels: (imageId: string) => at('cache', 'images', `${imageId}.raw`),
    /** A slide that is being generated; `key` says from what. */
    slideInProgress: (key: string) => at('cache', 'slides', `${key}.tif`),
    run: (runId: string) => at('runs', runId),
    runOutput: (runId: string, index: number) => at('runs', runId, `${fourDigits(index)}.png`),
    runPreview: (runId: string, index: number) => at('runs', runId, 'previews', `${index}.png`),
    runInput: (runId: string, index: number) => at('runs', runId, 'inputs', `${index}.png`),
    runPictures: (runId: string) => at('runs', runId, 'pictures'),
    /** A picture that belongs to an evaluation. */
    runPicture: (runId: string, name: string) => at('runs', runId, 'pictures', `${name}.png`),
    mask: (maskId: string) => at('masks', `${maskId}.png`),
    review: (reviewId: string) => at('reviews', reviewId),
    reviewCase: (reviewId: string, position: number) => at('reviews', reviewId, `${position}.png`),
    /** What opens the sealed key of a study; apart from the log and from the images. */
    reviewSecret: (reviewId: string) => at('review-secrets', reviewId),
    /** The key that this machine signs answers with. */
    signingKey: at('review-secrets', 'signing-key.pem'),
  };
}

export type DataFolder = ReturnType<typeof dataFolder>;

/** The file name of image `index` without its ending: 0000, 0001, … */
export function fourDigits(index: number): string {
  return String(index).padStart(4, '0');
}

/** Makes the folders that everything is written to. Throws OutputNotWritable. */
export function makeDataFolder(root: string): DataFolder {
  const folder = dataFolder(root);
  try {
    for (const name of [
      'cache/unpacked',
      'cache/volumes',
      'cache/thumbnails',
      'cache/images',
      'runs',
      'masks',
      'reviews',
    ]) {
      mkdirSync(path.join(root, name), { recursive: true });
    }
  } catch (cause) {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError(
      'OutputNotWritable',
      `The data folder ${root} cannot be made: ${found}. Choose another one with the environment variable VERISIM_HOME.`,
      { path: root, expected: 'a folder that can be written', found, cause },
    );
  }
  return folder;
}
