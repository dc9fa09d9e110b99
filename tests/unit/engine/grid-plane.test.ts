import { describe, expect, it } from 'vitest';
import type { VolumeDescription } from '../../../preload/domain.ts';
import { gridSpacing, planeOfGrid } from '../../../main/engine/grid-plane.ts';

const axial: VolumeDescription = {
  id: 'v',
  dimensions: [100, 200, 30],
  spacingMm: [1, 0.5, 3],
  originLps: [-49.5, -49.75, 10],
  directionLps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  scalarType: 'int16',
  samplesPerVoxel: 1,
  range: { min: 0, max: 1, p1: 0, p99: 1 },
  windows: [],
  modality: 'MR',
  unit: '',
  inverted: false,
  frameOfReferenceUid: '',
  synthetic: false,
  warnings: [],
};

describe('the plane of a model’s grid', () => {
  it('holds the whole slice with square pixels', () => {
    expect(gridSpacing({ width: 181, height: 217, spacingMm: [1, 1] }, { width: 128, height: 128 })).toEqual([
      217 / 128,
      217 / 128,
    ]);
  });

  it('shares its centre with the slice', () => {
    // The slice is 100 × 100 mm about (0, 0); 50 pixels of 2 mm: the first centre lies at −49.
    const plane = planeOfGrid({ volume: axial, sliceIndex: 4, width: 50, height: 50 });
    expect(plane).toEqual({ positionLps: [-49, -49, 22], row: [1, 0, 0], column: [0, 1, 0], thicknessMm: 3 });
  });

  it('follows the display where the file runs the other way', () => {
    const directionLps = [-1, 0, 0, 0, -1, 0, 0, 0, 1] as const;
    const volume = { ...axial, directionLps, originLps: [49.5, 49.75, 10] as const };
    const plane = planeOfGrid({ volume, sliceIndex: 0, width: 50, height: 50 });
    expect(plane).toMatchObject({ positionLps: [-49, -49, 10], row: [1, 0, 0], column: [0, 1, 0] });
  });
});
