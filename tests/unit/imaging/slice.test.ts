import { describe, expect, it } from 'vitest';
import type { Direction9, Volume } from '../../../preload/domain.ts';
import { fitToGrid } from '../../../main/imaging/resample.ts';
import { defaultWindow, extractSlice } from '../../../main/imaging/slice.ts';

/** 3 × 2 × 1 voxels 0…5 with the given directions of column, row and slice index. */
function volume(directionLps: Direction9, rest: Partial<Volume> = {}): Volume {
  return {
    id: 'v',
    dimensions: [3, 2, 1],
    spacingMm: [1, 2, 3],
    originLps: [0, 0, 0],
    directionLps,
    scalarType: 'int16',
    samplesPerVoxel: 1,
    range: { min: 0, max: 5, p1: 0, p99: 5 },
    windows: [],
    modality: 'MR',
    unit: '',
    inverted: false,
    frameOfReferenceUid: '',
    synthetic: false,
    warnings: [],
    voxels: Int16Array.of(0, 1, 2, 3, 4, 5),
    ...rest,
  };
}

describe('a slice in display convention', () => {
  it('axial with columns to the left and rows to the posterior stays as it is', () => {
    const slice = extractSlice(volume([1, 0, 0, 0, 1, 0, 0, 0, 1]), 0);
    expect([slice.width, slice.height, slice.spacingMm, [...slice.pixels]]).toEqual([3, 2, [1, 2], [0, 1, 2, 3, 4, 5]]);
  });

  it('RAS voxels, as most NIfTI files have them, are flipped both ways', () => {
    expect([...extractSlice(volume([-1, 0, 0, 0, -1, 0, 0, 0, 1]), 0).pixels]).toEqual([5, 4, 3, 2, 1, 0]);
  });

  it('a transposed axial slice is turned and its spacing with it', () => {
    const slice = extractSlice(volume([0, 1, 0, 1, 0, 0, 0, 0, 1]), 0);
    expect([slice.width, slice.height, slice.spacingMm, [...slice.pixels]]).toEqual([2, 3, [2, 1], [0, 3, 1, 4, 2, 5]]);
  });

  it('coronal and sagittal rows run to the feet', () => {
    // Columns to the left, rows to the head: flipped up-down.
    expect([...extractSlice(volume([1, 0, 0, 0, 0, 1, 0, 1, 0]), 0).pixels]).toEqual([3, 4, 5, 0, 1, 2]);
    // Columns to the posterior, rows to the feet: as it is.
    expect([...extractSlice(volume([0, 1, 0, 0, 0, -1, 1, 0, 0]), 0).pixels]).toEqual([0, 1, 2, 3, 4, 5]);
  });

  it('a slice beyond the end is refused', () => {
    expect(() => extractSlice(volume([1, 0, 0, 0, 1, 0, 0, 0, 1]), 1)).toThrow(
      expect.objectContaining({ tag: 'InvalidInput' }),
    );
  });
});

describe('the first window', () => {
  it('is that of the file, else percentiles, and never has no width', () => {
    const d: Direction9 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
    expect(defaultWindow(volume(d, { windows: [{ centre: 40, width: 400 }] }))).toEqual({ centre: 40, width: 400 });
    expect(defaultWindow(volume(d, { range: { min: -5, max: 99, p1: 10, p99: 30 } }))).toEqual({
      centre: 20,
      width: 20,
    });
    expect(defaultWindow(volume(d, { range: { min: 7, max: 7, p1: 7, p99: 7 } })).width).toBeGreaterThan(0);
  });
});

describe('fitting a slice to a grid', () => {
  const window = { centre: 50, width: 100 };
  const unit = { window, storedMin: -1, storedMax: 1 };

  it('windows to the stored range and clamps', () => {
    const slice = { width: 2, height: 2, spacingMm: [1, 1] as const, pixels: Float32Array.of(-20, 0, 50, 300) };
    expect([...fitToGrid(slice, { width: 2, height: 2, ...unit })]).toEqual([-1, -1, 0, 1]);
  });

  it('pads to the shape of the grid in millimetres, not in pixels', () => {
    const slice = { width: 2, height: 2, spacingMm: [1, 2] as const, pixels: new Float32Array(4).fill(100) };
    const fitted = fitToGrid(slice, { width: 4, height: 4, ...unit });
    const columns = [0, 1, 2, 3].map((x) => [0, 1, 2, 3].map((y) => fitted[4 * y + x]));
    expect(columns[0]).toEqual([-1, -1, -1, -1]);
    expect(columns[3]).toEqual([-1, -1, -1, -1]);
    expect(columns[1]?.slice(1, 3)).toEqual([1, 1]);
  });

  it('reducing keeps the mean: every source pixel counts once', () => {
    const pixels = Float32Array.from({ length: 12 * 12 }, (_, i) => (i * 37) % 100);
    const fitted = fitToGrid(
      { width: 12, height: 12, spacingMm: [1, 1], pixels },
      { width: 4, height: 4, window, storedMin: 0, storedMax: 100 },
    );
    const mean = (a: Float32Array) => a.reduce((sum, v) => sum + v, 0) / a.length;
    expect(mean(fitted)).toBeCloseTo(mean(pixels), 4);
    expect(fitted[0]).toBeCloseTo(
      mean(Float32Array.from([0, 1, 2].flatMap((y) => [0, 1, 2].map((x) => pixels[12 * y + x] ?? 0)))),
      4,
    );
  });
});
