import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { readProvenance } from '../engine/provenance.ts';
import { decodePng } from '../imaging/png.ts';
import { readImageFolder, type SetImage } from './evaluate-images.ts';

export interface LabelledImage extends SetImage {
  label: string;
}

/**
 * The images of a folder with their class: from a column of manifest.csv (columns file and, by default, label), else from what made a
 * synthetic image, else from the name of its subfolder. Images without a class are left out; `unlabelled` counts them. Throws
 * EmptyFolder, and InvalidInput where fewer than two classes are found.
 */
export async function readLabelledImages(
  folder: string,
  {
    grid,
    column,
    onImage,
  }: { grid: { width: number; height: number }; column: string; onImage: (done: number, total: number) => void },
): Promise<{ images: LabelledImage[]; unlabelled: number }> {
  const { images } = await readImageFolder(folder, { grid, onImage });
  const table = await readLabels(folder, column);
  const labelled: LabelledImage[] = [];
  for (const image of images) {
    const label = table.get(image.name) ?? (image.synthetic ? await madeFor(path.join(folder, image.name)) : null);
    const found = label ?? subfolderOf(image.name);
    if (found !== '') labelled.push({ ...image, label: found });
  }
  if (new Set(labelled.map(({ label }) => label)).size > 1)
    return { images: labelled, unlabelled: images.length - labelled.length };
  throw new VerisimError(
    'InvalidInput',
    `The images of "${folder}" have fewer than two classes. Put a table manifest.csv with the columns file and ${column} into the folder, or one subfolder for each class.`,
    { path: folder, expected: 'two classes or more', found: `${new Set(labelled.map(({ label }) => label)).size}` },
  );
}

async function readLabels(folder: string, column: string): Promise<Map<string, string>> {
  const text = await readFile(path.join(folder, 'manifest.csv'), 'utf8').catch(() => '');
  const [header = '', ...lines] = text.split(/\r?\n/);
  const columns = header.split(',');
  const [file, label] = [columns.indexOf('file'), columns.indexOf(column)];
  if (file === -1 || label === -1) return new Map();
  const cells = lines.filter((line) => line !== '').map((line) => line.split(','));
  return new Map(cells.map((row) => [row[file] ?? '', row[label] ?? '']));
}

async function madeFor(file: string): Promise<string | null> {
  const bytes = await readFile(file).catch(() => null);
  return bytes === null ? null : (readProvenance(decodePng(bytes).text)?.classId ?? null);
}

function subfolderOf(name: string): string {
  const [first = '', ...rest] = name.split(path.sep);
  return rest.length === 0 ? '' : first;
}
