import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import { pictureKindOf } from '../imaging/patches/picture-kind.ts';
import { skippedFile } from '../imaging/skipped.ts';
import { listFiles } from '../imaging/walk.ts';
import { readFolderFacts, unknownFacts } from './evaluate-facts.ts';
import type { SetGrid, SetImage } from './set-image.ts';
import { pictureImage, pngImage } from './set-pictures.ts';
import { seriesImages, slicesOf } from './set-series.ts';

/** Where the images of one set lie: folders, single PNG files, series that were indexed. */
export interface ImageSource {
  folders: readonly string[];
  files: readonly string[];
  series: readonly IndexedSeries[];
}

export interface ImageFolder {
  images: SetImage[];
  skipped: SkippedFile[];
}

interface Options {
  grid: SetGrid;
  /** Column of manifest.csv that holds the class. */
  labelColumn?: string | undefined;
  /** Called after each image; throws to end the work. */
  onImage: (done: number, total: number) => void;
}

/**
 * Every image of a set. Below a folder: PNG, JPEG, TIFF, WebP, DICOM and NIfTI; of a series each slice is one. Pictures and colour: the
 * whole bit depth stands for 0…1; others: the first window of the file, else the 1st to 99th percentile. Patient and class come from a
 * table manifest.csv, else from the DICOM header; the class else from what made a synthetic image, else from the name of the subfolder.
 * Patches of several slides count as patients by their slide. Throws EmptyFolder where there is no image.
 */
export async function readImageSet(source: ImageSource, options: Options): Promise<ImageFolder> {
  const images: SetImage[] = [];
  const skipped: SkippedFile[] = [];
  const { grid, onImage } = options;
  for (const folder of source.folders) {
    const before = images.length;
    const prefix = source.folders.length > 1 ? path.basename(folder) : '';
    const found = await readFolder(folder, prefix, {
      ...options,
      onImage: (done, total) => onImage(before + done, before + total),
    });
    images.push(...found.images);
    skipped.push(...found.skipped);
  }
  for (const file of source.files) {
    const name = path.join(path.basename(path.dirname(file)), path.basename(file));
    try {
      images.push(pngImage(await readFile(file), { name, grid, facts: unknownFacts }));
    } catch (error) {
      skipped.push(skippedFile(file, error));
    }
    onImage(images.length, source.files.length);
  }
  for (const series of source.series) {
    const folder = path.dirname(series.files[0]?.path ?? '');
    try {
      images.push(...(await slicesOf(series, { folder, grid, factsOf: () => unknownFacts })));
    } catch (error) {
      skipped.push(skippedFile(series.files[0]?.path ?? series.summary.description, error));
    }
    onImage(images.length, images.length);
  }
  if (images.length > 0) return { images: withSlidesAsPatients(images), skipped };
  const [first] = skipped;
  const reason =
    first === undefined ? '' : ` The first of ${skipped.length} files that could not be used: ${first.error.message}`;
  const what = source.folders[0] ?? 'The chosen set';
  throw new VerisimError(
    'EmptyFolder',
    `"${what}" holds no image that can be measured. Choose a folder with PNG, JPEG, DICOM or NIfTI images.${reason}`,
    { path: what, expected: 'images', found: `${skipped.length} files that could not be used` },
  );
}

/** Patches of one slide are alike as the images of one patient are. With a single slide there would be nobody to hold it against. */
function withSlidesAsPatients(images: SetImage[]): SetImage[] {
  if (slidesOf(images).length < 2) return images;
  return images.map((image) => ({ ...image, patient: image.patient || image.slide }));
}

/** The slides that patches of a set were cut from. */
export function slidesOf(images: readonly Pick<SetImage, 'slide'>[]): string[] {
  return [...new Set(images.map(({ slide }) => slide))].filter((slide) => slide !== '');
}

async function readFolder(
  folder: string,
  prefix: string,
  { grid, labelColumn, onImage }: Options,
): Promise<ImageFolder> {
  const { files, skipped } = await listFiles([folder]);
  const facts = await readFolderFacts(folder, files, labelColumn);
  const images: SetImage[] = [];
  const others: string[] = [];
  for (const file of files) {
    const inside = path.relative(folder, file);
    if (!isImage(file) || facts.isTissueMask(inside)) continue;
    const kind = await pictureKindOf(file);
    if (kind === null) {
      others.push(file);
      continue;
    }
    try {
      const name = path.join(prefix, inside);
      const options = { name, grid, facts: facts.of(inside) };
      images.push(kind === 'png' ? pngImage(await readFile(file), options) : await pictureImage(file, options));
    } catch (error) {
      skipped.push(skippedFile(file, error));
    }
    onImage(images.length, files.length);
  }
  if (others.length > 0) {
    const found = await seriesImages(others, {
      folder,
      grid,
      factsOf: facts.of,
      onImage: (done) => onImage(images.length + done, files.length),
    });
    images.push(...found.images.map((image) => ({ ...image, name: path.join(prefix, image.name) })));
    skipped.push(...found.skipped);
  }
  return { images, skipped };
}

/** Tables and side-cars lie beside images and are none. */
function isImage(file: string): boolean {
  return !/\.(json|jsonl|geojson|csv|h5|txt|md|html)$/i.test(file);
}
