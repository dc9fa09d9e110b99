import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import sharp from 'sharp';
import { unpackArchive } from '../main/imaging/archive.ts';
import { encodePng8 } from '../main/imaging/png.ts';
import { listFiles } from '../main/imaging/walk.ts';

export interface SplitRow {
  file: string;
  label: string;
  patient: string;
}

/**
 * Writes one split of a data folder (manifest.csv, images_128.zip) as 8-bit PNGs, grey or RGB, with a manifest.csv of file, label and
 * patient, which `evaluate` reads. A folder that is complete is left as it is. `keep` chooses rows of the manifest.
 */
export async function unpackSplit({
  data,
  split,
  out,
  keep = () => true,
  classColumns = ['label'],
  channels = 1,
}: {
  data: string;
  split: 'train' | 'holdout';
  out: string;
  keep?: (row: Record<string, string>) => boolean;
  /** Together they are the label, joined by a dash, as the class ids of the packs are. */
  classColumns?: string[];
  channels?: 1 | 3;
}): Promise<SplitRow[]> {
  const rows = (await readTable(path.join(data, 'manifest.csv'))).filter((row) => row.split === split && keep(row));
  const written = rows.map((row) => ({
    file: `${path.parse(row.file ?? '').name}.png`,
    label: classColumns.map((column) => row[column]).join('-'),
    patient: row.patient ?? '',
  }));
  const table = ['file,label,patient', ...written.map((row) => `${row.file},${row.label},${row.patient}`), ''].join(
    '\n',
  );
  if ((await readFile(path.join(out, 'manifest.csv'), 'utf8').catch(() => '')) === table) return written;
  await mkdir(out, { recursive: true });
  const archive = await unpackArchive(path.join(data, 'images_128.zip'), path.join(os.tmpdir(), 'verisim-data'));
  const { files } = await listFiles([archive]);
  const found = new Map(files.map((file) => [path.basename(file), file]));
  for (const [index, row] of rows.entries()) {
    const source = found.get(path.basename(row.file ?? ''));
    const name = written[index]?.file;
    if (source === undefined || name === undefined) throw new Error(`${row.file} is not in the archive of ${data}.`);
    // Lossless WebP decodes to three equal channels: one is the image of a grey set.
    const picture = channels === 1 ? sharp(source).extractChannel(0) : sharp(source).removeAlpha();
    const { data: values, info } = await picture.raw().toBuffer({ resolveWithObject: true });
    const { width, height } = info;
    await writeFile(path.join(out, name), encodePng8({ width, height, channels, values: new Uint8Array(values) }));
  }
  // Last, so that a folder with this table is complete.
  await writeFile(path.join(out, 'manifest.part'), table);
  await rename(path.join(out, 'manifest.part'), path.join(out, 'manifest.csv'));
  return written;
}

async function readTable(file: string): Promise<Record<string, string>[]> {
  const [header = '', ...lines] = (await readFile(file, 'utf8')).split(/\r?\n/);
  const columns = header.split(',');
  return lines
    .filter((line) => line !== '')
    .map((line) => Object.fromEntries(line.split(',').map((cell, index) => [columns[index] ?? '', cell])));
}
