import type { ScalarArray, Volume, VolumeDescription, Vector3, VoiWindow } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';

export interface SliceImage {
  width: number;
  height: number;
  /** Between columns, then between rows. */
  spacingMm: readonly [number, number];
  /** Rescaled values, rows top down; RGB is turned to luminance (ITU-R BT.601). */
  pixels: Float32Array;
}

/**
 * One acquired slice in display convention: axial — rows run to posterior, columns to patient left; coronal — rows to
 * feet, columns to left; sagittal — rows to feet, columns to posterior. Throws InvalidInput outside 0…slices−1.
 */
export function extractSlice(volume: Volume, sliceIndex: number): SliceImage {
  const view = voxelsOf(volume, sliceIndex);
  return orient(volume.samplesPerVoxel === 3 ? luminance(view) : new Float32Array(view), volume);
}

/** Red (0), green (1) or blue (2) of a slice of a colour volume, like `extractSlice`. */
export function extractChannel(volume: Volume, sliceIndex: number, channel: number): SliceImage {
  const view = voxelsOf(volume, sliceIndex);
  const { samplesPerVoxel: samples } = volume;
  return orient(
    Float32Array.from({ length: view.length / samples }, (_, i) => view[samples * i + channel] ?? 0),
    volume,
  );
}

function voxelsOf(volume: Volume, sliceIndex: number): ScalarArray {
  const [columns, rows, slices] = volume.dimensions;
  if (!Number.isInteger(sliceIndex) || sliceIndex < 0 || sliceIndex >= slices) {
    throw new VerisimError(
      'InvalidInput',
      `Slice ${sliceIndex} does not exist: the series has slices 0 to ${slices - 1}.`,
      {
        expected: `0 to ${slices - 1}`,
        found: String(sliceIndex),
      },
    );
  }
  const size = columns * rows * volume.samplesPerVoxel;
  return volume.voxels.subarray(sliceIndex * size, (sliceIndex + 1) * size);
}

/** The first window of the file, else the 1st to 99th percentile, else the whole range. Width is never 0. */
export function defaultWindow(volume: VolumeDescription): VoiWindow {
  const first = volume.windows[0];
  if (first !== undefined && first.width > 0) return first;
  const { min, max, p1, p99 } = volume.range;
  const [low, high] = p99 > p1 ? [p1, p99] : [min, max];
  return { centre: (low + high) / 2, width: Math.max(high - low, Number.EPSILON * Math.max(1, Math.abs(high))) };
}

export type DisplayPlane = 'axial' | 'coronal' | 'sagittal';

/** How stored columns and rows are turned to the display convention; `transposed` is applied before the flips. */
export function displayTurn(volume: Pick<VolumeDescription, 'directionLps'>): {
  plane: DisplayPlane;
  transposed: boolean;
  flippedColumns: boolean;
  flippedRows: boolean;
} {
  const d = volume.directionLps;
  const column: Vector3 = [d[0], d[1], d[2]];
  const row: Vector3 = [d[3], d[4], d[5]];
  const normal: Vector3 = [
    column[1] * row[2] - column[2] * row[1],
    column[2] * row[0] - column[0] * row[2],
    column[0] * row[1] - column[1] * row[0],
  ];
  const along = largest(normal);
  const plane = along === 2 ? 'axial' : along === 1 ? 'coronal' : 'sagittal';
  // World axis and sense that display columns and rows shall follow: +x left, +y posterior, −z feet.
  const wantedColumn = plane === 'sagittal' ? 1 : 0;
  const wantedRow = plane === 'axial' ? 1 : 2;
  const rowSense = plane === 'axial' ? 1 : -1;
  const transposed = Math.abs(row[wantedColumn]) > Math.abs(column[wantedColumn]);
  const across = transposed ? row : column;
  const down = transposed ? column : row;
  return {
    plane,
    transposed,
    flippedColumns: across[wantedColumn] < 0,
    flippedRows: down[wantedRow] * rowSense < 0,
  };
}

function orient(values: Float32Array, volume: Volume): SliceImage {
  const [columns, rows] = volume.dimensions;
  const turn = displayTurn(volume);
  const width = turn.transposed ? rows : columns;
  const height = turn.transposed ? columns : rows;
  const spacing = volume.spacingMm;
  const spacingMm = turn.transposed ? ([spacing[1], spacing[0]] as const) : ([spacing[0], spacing[1]] as const);
  if (!turn.transposed && !turn.flippedColumns && !turn.flippedRows)
    return { width, height, spacingMm, pixels: values };
  const acrossStep = turn.transposed ? columns : 1;
  const downStep = turn.transposed ? 1 : columns;
  const pixels = new Float32Array(values.length);
  for (let y = 0; y < height; y++) {
    const sourceY = turn.flippedRows ? height - 1 - y : y;
    for (let x = 0; x < width; x++) {
      const sourceX = turn.flippedColumns ? width - 1 - x : x;
      pixels[y * width + x] = values[sourceY * downStep + sourceX * acrossStep] ?? 0;
    }
  }
  return { width, height, spacingMm, pixels };
}

/** Of interleaved RGB, ITU-R BT.601. */
export function luminance(rgb: ArrayLike<number>): Float32Array {
  const grey = new Float32Array(rgb.length / 3);
  for (let i = 0; i < grey.length; i++) {
    grey[i] = 0.299 * (rgb[3 * i] ?? 0) + 0.587 * (rgb[3 * i + 1] ?? 0) + 0.114 * (rgb[3 * i + 2] ?? 0);
  }
  return grey;
}

function largest(v: Vector3): 0 | 1 | 2 {
  const [x, y, z] = [Math.abs(v[0]), Math.abs(v[1]), Math.abs(v[2])];
  // Ties (45° obliques) fall to axial, then coronal.
  return z >= x && z >= y ? 2 : y >= x ? 1 : 0;
}
