import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { repositoryRoot } from '../../scripts/repository.ts';

/** The embedded head, read from its NIfTI file by hand and without the product's readers: a value for a world position. */
export async function readSampleHead(): Promise<(worldLps: number[]) => number> {
  const file = join(repositoryRoot, 'resources', 'sample', 'colin27-t1.nii.gz');
  const bytes = gunzipSync(await readFile(file));
  const [columns, rows, slices] = [42, 44, 46].map((at) => bytes.readInt16LE(at)) as [number, number, number];
  const datatype = bytes.readInt16LE(70);
  if (datatype !== 2) throw new Error(`This reader knows uint8 only, the sample has datatype ${datatype}.`);
  const offset = bytes.readFloatLE(108);
  const affine = [280, 296, 312].map((row) => [0, 4, 8, 12].map((at) => bytes.readFloatLE(row + at)));
  return ([x = 0, y = 0, z = 0]) => {
    const ras = [-x, -y, z];
    const [i, j, k] = affine.map((row, axis) => Math.round(((ras[axis] ?? 0) - (row[3] ?? 0)) / (row[axis] ?? 1)));
    if (i === undefined || j === undefined || k === undefined) throw new Error('The sample has no affine.');
    if (i < 0 || j < 0 || k < 0 || i >= columns || j >= rows || k >= slices) throw new Error('Outside the head.');
    return bytes.readUInt8(offset + i + columns * (j + rows * k));
  };
}
