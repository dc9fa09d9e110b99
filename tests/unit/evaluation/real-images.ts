import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { decodePng } from '../../../main/imaging/png.ts';
import { unpackSplit } from '../../../scripts/unpack-split.ts';

const shared = path.resolve(process.env['VERISIM_SHARED'] ?? '../shared');

export type DataName = 'chest-xray' | 'brain-mri';

export const hasRealImages = (data: DataName): boolean => existsSync(path.join(shared, 'data', data, 'manifest.csv'));

export interface RealImage {
  pixels: Float32Array;
  width: number;
  height: number;
  patient: string;
}

/** The first `count` images of a split, one of each patient, in 0…1. */
export async function realImages(data: DataName, split: 'train' | 'holdout', count: number): Promise<RealImage[]> {
  const seen = new Set<string>();
  const out = path.join(os.tmpdir(), 'verisim-test-data', `${data}-${split}-${count}`);
  const rows = await unpackSplit({
    data: path.join(shared, 'data', data),
    split,
    out,
    keep: ({ patient = '' }) => {
      if (seen.size >= count || seen.has(patient)) return false;
      seen.add(patient);
      return true;
    },
  });
  return Promise.all(
    rows.map(async ({ file, patient }) => {
      const { width, height, values } = decodePng(await readFile(path.join(out, file)));
      return { pixels: Float32Array.from(values, (value) => value / 255), width, height, patient };
    }),
  );
}
