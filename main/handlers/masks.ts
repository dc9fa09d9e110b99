import { readFile } from 'node:fs/promises';
import type { CallParsed } from '../../preload/contract.ts';
import type { GenerationRequest, RunDetail, SeriesSummary } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { checkMask, type Mask, readMask, saveMask } from '../engine/masks.ts';
import { loadVolume } from '../imaging/load.ts';
import { indexNifti } from '../imaging/nifti/load.ts';
import { decodePng } from '../imaging/png.ts';
import { displayTurn, extractSlice } from '../imaging/slice.ts';
import type { Workspace } from './dependencies.ts';

/** Keeps a mask that was drawn. Throws InvalidInput, OutputNotWritable, DiskFull. */
export async function saveDrawnMask(
  { folder }: Workspace,
  { columns, rows, bits }: CallParsed<'masks.save'>,
): Promise<{ maskId: string }> {
  const bytes = Buffer.from(bits, 'base64');
  const expected = Math.ceil((columns * rows) / 8);
  if (bytes.length !== expected) {
    throw new VerisimError(
      'InvalidInput',
      `A mask of ${columns} × ${rows} pixels needs ${expected} bytes, ${bytes.length} were given.`,
      { expected: `${expected} bytes`, found: `${bytes.length} bytes` },
    );
  }
  // The first pixel is the highest bit of the first byte.
  const values = Uint8Array.from({ length: columns * rows }, (_, i) => ((bytes[i >> 3] ?? 0) >> (7 - (i % 8))) & 1);
  return { maskId: await saveMask(folder, { columns, rows, slices: 1, values }) };
}

/**
 * Keeps the mask of a file for a series: a PNG of the size of the slices as they are shown, or a NIfTI volume on the grid
 * of the series; what is not 0 is made anew. Throws FileNotReadable, InvalidInput, NiftiInvalid, OutputNotWritable,
 * DiskFull.
 */
export async function saveMaskFile(
  { folder }: Workspace,
  { path, series }: { path: string; series: SeriesSummary },
  signal: AbortSignal,
): Promise<{ maskId: string }> {
  const mask = (await isPng(path)) ? await readPngMask(path) : await readNiftiMask(path, series, signal);
  checkMask(mask, shownSize(series));
  return { maskId: await saveMask(folder, mask) };
}

/** Throws InvalidInput, UnknownSeries, FileNotReadable, HashMismatch where the mask of a request cannot be used. */
export async function checkInpainting(
  { folder, log }: Workspace,
  { inpaint, source }: GenerationRequest,
): Promise<void> {
  if (inpaint === undefined) return;
  if (source === null) {
    throw new VerisimError(
      'InvalidInput',
      'A mask says what of an image is made anew; choose the image that it belongs to.',
      {
        expected: 'a source series',
        found: 'none',
      },
    );
  }
  checkMask(await readMask(folder, inpaint.maskId), shownSize(log.series.get(source.seriesId).summary));
}

/** What the log keeps of the mask of a request. */
export function maskInputs({ folder }: Workspace, { inpaint }: GenerationRequest): RunDetail['inputs'] {
  if (inpaint === undefined) return [];
  return [{ name: 'mask', sha256: inpaint.maskId, path: folder.mask(inpaint.maskId) }];
}

function shownSize(series: SeriesSummary): { columns: number; rows: number; slices: number } {
  const { columns, rows } = series;
  const slices = Math.max(1, series.slices * series.frames);
  return displayTurn(series).transposed ? { columns: rows, rows: columns, slices } : { columns, rows, slices };
}

const pngSignature = Buffer.from([0x89, 0x50, 0x4e, 0x47]);

async function isPng(path: string): Promise<boolean> {
  return (await readBytes(path)).subarray(0, 4).equals(pngSignature);
}

async function readBytes(path: string): Promise<Buffer> {
  return readFile(path).catch((cause: unknown) => {
    const found = cause instanceof Error ? cause.message : String(cause);
    throw new VerisimError('FileNotReadable', `The mask ${path} cannot be read: ${found}.`, {
      path,
      expected: 'a PNG or NIfTI file',
      found,
      cause,
    });
  });
}

async function readPngMask(path: string): Promise<Mask> {
  const { width, height, channels, values } = decodePng(await readBytes(path));
  const marked = new Uint8Array(width * height);
  values.forEach((value, i) => {
    if (value !== 0) marked[Math.floor(i / channels)] = 1;
  });
  return { columns: width, rows: height, slices: 1, values: marked };
}

async function readNiftiMask(path: string, series: SeriesSummary, signal: AbortSignal): Promise<Mask> {
  const indexed = await indexNifti(path);
  checkGrid(path, indexed.summary, series);
  const volume = await loadVolume(indexed, { signal });
  const { columns, rows } = shownSize(indexed.summary);
  const slices = volume.dimensions[2];
  const values = new Uint8Array(columns * rows * slices);
  for (let k = 0; k < slices; k++) {
    extractSlice(volume, k).pixels.forEach((value, i) => {
      if (value !== 0) values[k * columns * rows + i] = 1;
    });
  }
  return { columns, rows, slices, values };
}

/** Voxel for voxel, or the mask would lie elsewhere than it was drawn. */
function checkGrid(path: string, mask: SeriesSummary, series: SeriesSummary): void {
  const far = (a: readonly number[], b: readonly number[], most: number): boolean =>
    a.some((value, i) => Math.abs(value - (b[i] ?? NaN)) > most);
  const other =
    far(mask.spacingMm, series.spacingMm, 1e-3) ||
    far(mask.directionLps, series.directionLps, 1e-3) ||
    far(mask.originLps, series.originLps, 0.05);
  if (!other) return;
  const named = ({ spacingMm, originLps }: SeriesSummary): string =>
    `spacing ${spacingMm.map((value) => value.toFixed(3)).join(' × ')} mm, origin ${originLps.map((value) => value.toFixed(1)).join(', ')}`;
  throw new VerisimError(
    'InvalidInput',
    `The mask ${path} lies on another grid than the series ${series.description || series.id}. Resample the mask to the series, or draw it on the series itself.`,
    { path, expected: named(series), found: named(mask) },
  );
}
