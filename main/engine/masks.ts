import { readFile } from 'node:fs/promises';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { decodePng, encodePng8 } from '../imaging/png.ts';
import { fitToGrid } from '../imaging/resample.ts';
import type { SliceImage } from '../imaging/slice.ts';
import type { DataFolder } from '../log/data-folder.ts';
import { sha256Of } from './hash.ts';

/** What of a series is made anew: one slice that stands for all of them, or one for each slice, as slices are shown. */
export interface Mask {
  columns: number;
  rows: number;
  slices: number;
  /** Row by row from the top, slice by slice; 1 = to be made anew, 0 = kept. */
  values: Uint8Array;
}

/**
 * Keeps a mask under the hash of what it marks, so that a run can be repeated when the person's file is gone. Throws
 * InvalidInput where nothing is marked, OutputNotWritable, DiskFull.
 */
export async function saveMask(folder: DataFolder, mask: Mask): Promise<string> {
  if (!mask.values.includes(1)) {
    throw new VerisimError(
      'InvalidInput',
      'The mask marks nothing. Mark what is to be made anew with values other than 0.',
      {
        expected: 'at least one pixel that is not 0',
        found: `${mask.values.length} pixels of 0`,
      },
    );
  }
  const maskId = hashOf(mask);
  const { columns: width, rows, slices } = mask;
  const values = mask.values.map((value) => 255 * value);
  const text = { 'Verisim:slices': String(slices) };
  await writeFileAtomic(folder.mask(maskId), encodePng8({ width, height: rows * slices, channels: 1, values, text }));
  return maskId;
}

/** Throws FileNotReadable where the mask is not kept, HashMismatch where its file is not what was kept. */
export async function readMask(folder: DataFolder, maskId: string): Promise<Mask> {
  const path = folder.mask(maskId);
  const bytes = await readFile(path).catch((cause: unknown) => {
    throw new VerisimError(
      'FileNotReadable',
      `The mask ${maskId} is not in the data folder (${path}). Give the mask again and start a new generation.`,
      { path, expected: 'a kept mask', found: cause instanceof Error ? cause.message : String(cause), cause },
    );
  });
  const { width, height, values, text } = decodePng(bytes);
  const slices = Number(text['Verisim:slices'] ?? 1);
  const mask = {
    columns: width,
    rows: height / slices,
    slices,
    values: Uint8Array.from(values, (v) => (v > 0 ? 1 : 0)),
  };
  const found = hashOf(mask);
  if (found === maskId) return mask;
  throw new VerisimError(
    'HashMismatch',
    `The kept mask ${path} was changed: its content has SHA-256 ${found}. Give the mask again and start a new generation.`,
    { path, expected: maskId, found },
  );
}

/** Throws InvalidInput where the mask is not of the size of the slices, or of another number of them. */
export function checkMask(mask: Mask, shown: { columns: number; rows: number; slices: number }): void {
  const sized = mask.columns === shown.columns && mask.rows === shown.rows;
  if (sized && (mask.slices === 1 || mask.slices === shown.slices)) return;
  const named = ({ columns, rows, slices }: { columns: number; rows: number; slices: number }): string =>
    `${columns} × ${rows} pixels and ${slices} ${slices === 1 ? 'slice' : 'slices'}`;
  throw new VerisimError(
    'InvalidInput',
    `The mask has ${named(mask)}, the series as it is shown has ${named(shown)}. Draw the mask on the series itself: one slice, or all of them.`,
    { expected: named(shown), found: named(mask) },
  );
}

/**
 * The mask of a slice on the model's grid: one value a pixel, 1 where any marked pixel has a share in it. Throws
 * InvalidInput where that slice is not marked at all.
 */
export function maskOnGrid(
  mask: Mask,
  { sliceIndex, slice, width, height }: { sliceIndex: number; slice: SliceImage; width: number; height: number },
): Uint8Array {
  const size = mask.columns * mask.rows;
  const first = mask.slices === 1 ? 0 : sliceIndex * size;
  const pixels = Float32Array.from(mask.values.subarray(first, first + size));
  const window = { centre: 0.5, width: 1 };
  const shares = fitToGrid({ ...slice, pixels }, { width, height, window, storedMin: 0, storedMax: 1 });
  const unknown = Uint8Array.from(shares, (share) => (share > 1e-6 ? 1 : 0));
  if (unknown.includes(1)) return unknown;
  throw new VerisimError(
    'InvalidInput',
    `The mask marks nothing in slice ${sliceIndex}. Choose slices that it marks.`,
    {
      expected: 'a marked slice',
      found: `slice ${sliceIndex}`,
    },
  );
}

function hashOf({ columns, rows, slices, values }: Mask): string {
  return sha256Of(Buffer.concat([Buffer.from(`${columns} ${rows} ${slices}\n`), values]));
}
