import { createHash } from 'node:crypto';
import { mkdtemp, open, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { readProvenance } from '../engine/provenance.ts';
import { spectralScores, type SpectralScores } from '../evaluation/spectrum.ts';
import { findSeries } from '../imaging/find.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import { loadVolume } from '../imaging/load.ts';
import { decodePng } from '../imaging/png.ts';
import { fitToGrid } from '../imaging/resample.ts';
import { skippedFile } from '../imaging/skipped.ts';
import { defaultWindow, extractSlice, type SliceImage } from '../imaging/slice.ts';
import { maskName, settingsName } from '../imaging/slide/tiling/records.ts';
import { listFiles } from '../imaging/walk.ts';
import { type FileFacts, readFileFacts } from './evaluate-facts.ts';

/** One image of a set, on the extractor's grid. */
export interface SetImage {
  /** Path within the folder, with the slice where a file holds several. */
  name: string;
  /** SHA-256 of the pixels on the grid: equal pixels have equal features, whatever file they came from. */
  sha256: string;
  /** In 0…1, rows top down. */
  pixels: Float32Array;
  /** Of the pixels at their own size; null where that is too small. */
  scores: SpectralScores | null;
  size: string;
  isColour: boolean;
  synthetic: boolean;
  /** The model that made it, where the file says so; '' otherwise. */
  modelId: string;
  /** '' where they are not known. */
  patient: string;
  label: string;
}

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
  grid: { width: number; height: number };
  /** Column of manifest.csv that holds the class. */
  labelColumn?: string | undefined;
  /** Called after each image; throws to end the work. */
  onImage: (done: number, total: number) => void;
}

/**
 * Every image of a set. Below a folder: PNG, DICOM and NIfTI; of a series each slice is one. PNG: the whole bit depth stands for 0…1;
 * others: the first window of the file, else the 1st to 99th percentile. Colour is turned to luminance. Patient and class come from a
 * table manifest.csv, else from the DICOM header; the class else from what made a synthetic image, else from the name of the subfolder.
 * Throws EmptyFolder where there is none.
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
      images.push(pngImage(await readFile(file), { name, grid, facts: unknownFacts, labelElse: '' }));
    } catch (error) {
      skipped.push(skippedFile(file, error));
    }
    onImage(images.length, source.files.length);
  }
  for (const series of source.series) {
    const folder = path.dirname(series.files[0]?.path ?? '');
    try {
      images.push(...(await slicesOf(series, { folder, grid, facts: new Map() })));
    } catch (error) {
      skipped.push(skippedFile(series.files[0]?.path ?? series.summary.description, error));
    }
    onImage(images.length, images.length);
  }
  if (images.length > 0) return { images, skipped };
  const [first] = skipped;
  const reason =
    first === undefined ? '' : ` The first of ${skipped.length} files that could not be used: ${first.error.message}`;
  const what = source.folders[0] ?? 'The chosen set';
  throw new VerisimError(
    'EmptyFolder',
    `"${what}" holds no image that can be measured. Choose a folder with PNG, DICOM or NIfTI images.${reason}`,
    { path: what, expected: 'images', found: `${skipped.length} files that could not be used` },
  );
}

/** The mask that lies beside the patches of a slide is no image of the set. */
function tissueMasks(files: readonly string[]): ReadonlySet<string> {
  const tiled = files.filter((file) => path.basename(file) === settingsName);
  return new Set(tiled.map((file) => path.join(path.dirname(file), maskName)));
}

async function readFolder(
  folder: string,
  prefix: string,
  { grid, labelColumn, onImage }: Options,
): Promise<ImageFolder> {
  const { files, skipped } = await listFiles([folder]);
  const facts = await readFileFacts(folder, labelColumn);
  const images: SetImage[] = [];
  const others: string[] = [];
  const masks = tissueMasks(files);
  for (const file of files.filter((one) => isImage(one) && !masks.has(one))) {
    if (!(await isPng(file))) {
      others.push(file);
      continue;
    }
    const inside = path.relative(folder, file);
    try {
      const name = path.join(prefix, inside);
      const known = facts.get(inside) ?? unknownFacts;
      images.push(pngImage(await readFile(file), { name, grid, facts: known, labelElse: subfolderOf(inside) }));
    } catch (error) {
      skipped.push(skippedFile(file, error));
    }
    onImage(images.length, files.length);
  }
  if (others.length > 0) {
    const found = await seriesImages(others, {
      folder,
      grid,
      facts,
      onImage: (done) => onImage(images.length + done, files.length),
    });
    images.push(...found.images.map((image) => ({ ...image, name: path.join(prefix, image.name) })));
    skipped.push(...found.skipped);
  }
  return { images, skipped };
}

const unknownFacts: FileFacts = { patient: '', label: '' };

/** The first folder of a path, '' for a file that lies in none. */
function subfolderOf(name: string): string {
  const [first = '', ...rest] = name.split(path.sep);
  return rest.length === 0 ? '' : first;
}

/** Tables and side-cars lie beside images and are none. */
function isImage(file: string): boolean {
  return !/\.(json|csv|txt|md|html)$/i.test(file);
}

async function isPng(file: string): Promise<boolean> {
  const handle = await open(file).catch(() => null);
  if (handle === null) return false;
  try {
    const { buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return buffer.readUInt32BE(0) === 0x89504e47;
  } finally {
    await handle.close();
  }
}

function pngImage(
  bytes: Uint8Array,
  { name, grid, facts, labelElse }: { name: string; grid: Options['grid']; facts: FileFacts; labelElse: string },
): SetImage {
  const { width, height, channels, depth, values, text } = decodePng(bytes);
  const pixels = new Float32Array(width * height);
  const scale = 1 / (2 ** depth - 1);
  for (let i = 0; i < pixels.length; i++)
    pixels[i] =
      channels === 1
        ? values[i]! * scale
        : (0.299 * values[3 * i]! + 0.587 * values[3 * i + 1]! + 0.114 * values[3 * i + 2]!) * scale;
  const made = readProvenance(text);
  const synthetic = made !== null || /trainedAlgorithmicMedia|compositeWithTrained/i.test(JSON.stringify(text));
  const label = facts.label || (made?.classId ?? '') || labelElse;
  const known = { name, synthetic, modelId: made?.modelId ?? '', patient: facts.patient, label };
  return setImage({ width, height, spacingMm: [1, 1], pixels }, { ...known, isColour: channels === 3 }, grid);
}

async function seriesImages(
  files: string[],
  {
    folder,
    grid,
    facts,
    onImage,
  }: { folder: string; grid: Options['grid']; facts: Map<string, FileFacts>; onImage: (done: number) => void },
): Promise<ImageFolder> {
  const unpackFolder = await mkdtemp(path.join(os.tmpdir(), 'verisim-'));
  const images: SetImage[] = [];
  try {
    const { series, skipped } = await findSeries(files, { unpackFolder });
    for (const one of series) {
      try {
        for (const image of await slicesOf(one, { folder, grid, facts })) images.push(image);
      } catch (error) {
        skipped.push(skippedFile(one.files[0]?.path ?? folder, error));
      }
      onImage(images.length);
    }
    return { images, skipped };
  } finally {
    await rm(unpackFolder, { recursive: true, force: true });
  }
}

async function slicesOf(
  series: IndexedSeries,
  { folder, grid, facts }: { folder: string; grid: Options['grid']; facts: Map<string, FileFacts> },
): Promise<SetImage[]> {
  const volume = await loadVolume(series);
  const window = defaultWindow(volume);
  const name = path.relative(folder, series.files[0]?.path ?? '');
  const count = volume.dimensions[2];
  return Array.from({ length: count }, (_, index) => {
    const slice = extractSlice(volume, index);
    const low = window.centre - window.width / 2;
    const pixels = slice.pixels.map((value) => {
      const unit = Math.min(1, Math.max(0, (value - low) / window.width));
      return volume.inverted ? 1 - unit : unit;
    });
    const known = facts.get(name) ?? unknownFacts;
    const described = {
      name: count === 1 ? name : `${name}, slice ${index + 1}`,
      synthetic: volume.synthetic,
      modelId: '',
      patient: known.patient || series.summary.patientId,
      label: known.label || subfolderOf(name),
      isColour: volume.samplesPerVoxel === 3,
    };
    return setImage({ ...slice, pixels }, described, grid);
  });
}

function setImage(
  image: SliceImage,
  facts: Pick<SetImage, 'name' | 'synthetic' | 'modelId' | 'patient' | 'label' | 'isColour'>,
  grid: Options['grid'],
): SetImage {
  const fits = image.width === grid.width && image.height === grid.height;
  const window = { centre: 0.5, width: 1 };
  const pixels = fits ? image.pixels : fitToGrid(image, { ...grid, window, storedMin: 0, storedMax: 1 });
  return {
    ...facts,
    pixels,
    sha256: createHash('sha256')
      .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
      .digest('hex'),
    scores: Math.min(image.width, image.height) < 16 ? null : spectralScores(image.pixels, image),
    size: `${image.width}×${image.height}`,
  };
}
