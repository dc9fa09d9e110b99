import { describe, expect, it } from 'vitest';
import type { Vector3, VolumeDescription } from '../../../preload/domain.ts';
import { autoWindow } from '../../../renderer/viewer/auto-window.ts';
import { colourMapOf, colourMaps, colourMapTable } from '../../../renderer/viewer/colour-maps.ts';
import { fusedSlice } from '../../../renderer/viewer/fusion.ts';
import { type LinkedSeries, linkedPosition, linkKind, referenceLine } from '../../../renderer/viewer/links.ts';
import { measure } from '../../../renderer/viewer/measure.ts';
import { newAnnotation, onSlice } from '../../../renderer/viewer/new-annotation.ts';
import { cutSlice } from '../../../renderer/viewer/oriented-slice.ts';
import { patientPosition, planesOf } from '../../../renderer/viewer/planes.ts';
import { joinSlices, slabSlices } from '../../../renderer/viewer/slab.ts';

function volume(changes: Partial<VolumeDescription> = {}): VolumeDescription {
  return {
    id: 'v',
    dimensions: [6, 5, 4],
    spacingMm: [1, 1, 2],
    originLps: [0, 0, 0],
    directionLps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
    scalarType: 'int16',
    samplesPerVoxel: 1,
    range: { min: 0, max: 100, p1: 1, p99: 99 },
    windows: [],
    modality: 'CT',
    unit: 'HU',
    inverted: false,
    frameOfReferenceUid: '1.2.3',
    synthetic: false,
    warnings: [],
    ...changes,
  };
}

/** Value 100 k + 10 j + i, so that a place can be told from its value. */
const voxels = Int16Array.from({ length: 120 }, (_, at) => {
  const [i, j, k] = [at % 6, Math.floor(at / 6) % 5, Math.floor(at / 30)];
  return 100 * k + 10 * j + i;
});

const axial = { kind: 'length' as const, rightLps: [1, 0, 0] as Vector3, downLps: [0, 1, 0] as Vector3, sliceIndex: 0 };
const source = { volume: volume(), voxels, hasSpacing: true };

describe('thick slabs', () => {
  it('maximum, minimum and mean are those of every voxel, as plain loops give them', () => {
    const slices = [Float32Array.of(1, 9, -3), Float32Array.of(4, 2, -8), Float32Array.of(7, 4, 5)];
    expect([...joinSlices(slices, 'maximum')]).toEqual([7, 9, 5]);
    expect([...joinSlices(slices, 'minimum')]).toEqual([1, 2, -8]);
    expect([...joinSlices(slices, 'mean')]).toEqual([4, 5, -2]);
  });

  it('reach as far to either side, and end with the volume', () => {
    const place = { spacingMm: 2, count: 40 };
    expect(slabSlices(20, { mode: 'maximum', thicknessMm: 10 }, place)).toEqual({ first: 18, last: 22 });
    expect(slabSlices(0, { mode: 'maximum', thicknessMm: 10 }, place)).toEqual({ first: 0, last: 2 });
    expect(slabSlices(20, { mode: 'mean', thicknessMm: 1 }, place)).toEqual({ first: 20, last: 20 });
  });

  it('a slab along each plane joins the voxels along that plane’s normal', () => {
    for (const plane of planesOf(source.volume)) {
      const at = Math.floor(plane.sliceCount / 2);
      const alone = cutSlice({ ...source, plane }, at, { mode: 'off', thicknessMm: 4 }).pixels;
      const joined = cutSlice({ ...source, plane }, at, { mode: 'maximum', thicknessMm: 100 }).pixels;
      const step = [1, 10, 100][plane.axis]!;
      expect(joined).toEqual(Float32Array.from(alone, (value) => value + step * (plane.sliceCount - 1 - at)));
    }
  });
});

describe('measurements', () => {
  it('a length is the distance in the patient, an angle that between its legs', () => {
    expect(
      measure(
        {
          ...axial,
          pointsLps: [
            [0, 0, 0],
            [3, 4, 0],
          ],
        },
        source,
      )?.length,
    ).toBe(5);
    const right = {
      ...axial,
      kind: 'angle' as const,
      pointsLps: [
        [1, 0, 0],
        [0, 0, 0],
        [0, 2, 0],
      ] as Vector3[],
    };
    expect(measure(right, source)?.angleDegrees).toBeCloseTo(90, 10);
  });

  it('a rectangle holds the voxels whose centres lie in it, with the deviation of the population', () => {
    const drawn = {
      ...axial,
      kind: 'rectangle' as const,
      pointsLps: [
        [1, 1, 2],
        [3, 2, 2],
      ] as Vector3[],
    };
    expect(measure(drawn, source)).toMatchObject({ voxels: 6, mean: 117, minimum: 111, maximum: 123, area: 2 });
    const spread = Math.sqrt([111, 112, 113, 121, 122, 123].reduce((sum, value) => sum + (value - 117) ** 2, 0) / 6);
    expect(measure(drawn, source)?.standardDeviation).toBeCloseTo(spread, 12);
  });

  it('a region on a coronal slice reads that slice, whichever way it was dragged', () => {
    const drawn = {
      kind: 'rectangle' as const,
      rightLps: [1, 0, 0] as Vector3,
      downLps: [0, 0, -1] as Vector3,
      sliceIndex: 0,
      pointsLps: [
        [4, 3, 6],
        [2, 3, 2],
      ] as Vector3[],
    };
    expect(measure(drawn, source)).toMatchObject({ voxels: 9, minimum: 132, maximum: 334, area: 8 });
  });

  it('an ellipse leaves the corners out, and its area is π/4 of the box', () => {
    const drawn = {
      ...axial,
      kind: 'ellipse' as const,
      pointsLps: [
        [0, 0, 0],
        [4, 4, 0],
      ] as Vector3[],
    };
    expect(measure(drawn, source)).toMatchObject({ voxels: 13, mean: 22, minimum: 2, maximum: 42 });
    expect(measure(drawn, source)?.area).toBeCloseTo(4 * Math.PI, 10);
  });

  it('on tilted slices a figure lies in the patient, shows on its own slice and reads its voxels', () => {
    const tilted = volume({ sliceOriginsLps: [0, 1, 2, 3].map((k): Vector3 => [0, -1.5 * k, 2 * k]) });
    const [plane] = planesOf(tilted).filter(({ axis }) => axis === 2);
    if (plane === undefined) throw new Error('There is no acquired plane.');
    const corner = (index: Vector3) => patientPosition(tilted, index);
    const world = corner([1, 1, 2]);
    expect(world).toEqual([1, -2, 4]);
    const drawn = {
      ...newAnnotation('rectangle', { volume: tilted, plane, position: [0, 0, 2], world }),
      pointsLps: [world, corner([3, 2, 2])],
    };
    expect(drawn.sliceIndex).toBe(2);
    expect([1, 2, 3].map((k) => onSlice(drawn, tilted, plane, [0, 0, k]))).toEqual([false, true, false]);
    const measured = measure(drawn, { ...source, volume: tilted });
    expect(measured).toMatchObject({ voxels: 6, mean: 217, minimum: 211, maximum: 223 });
    expect(measured?.area).toBeCloseTo(2, 10);
  });

  it('a figure on a time point stays on it, though all lie at one place', () => {
    const moving = volume({
      sliceOriginsLps: [
        [0, 0, 0],
        [0, 0, 2],
      ],
    });
    const [plane] = planesOf(moving).filter(({ axis }) => axis === 2);
    if (plane === undefined) throw new Error('There is no acquired plane.');
    const world = patientPosition(moving, [4, 3, 3]);
    const probe = newAnnotation('probe', { volume: moving, plane, position: [0, 0, 3], world });
    expect(probe.sliceIndex).toBe(3);
    expect([1, 3].map((k) => onSlice(probe, moving, plane, [0, 0, k]))).toEqual([false, true]);
    expect(measure(probe, { ...source, volume: moving })?.value).toBe(334);
  });

  it('lengths of images without spacing are in pixels', () => {
    const drawn = {
      ...axial,
      pointsLps: [
        [0, 0, 0],
        [3, 4, 0],
      ] as Vector3[],
    };
    expect(measure(drawn, { ...source, hasSpacing: false })?.lengthUnit).toBe('px');
  });
});

describe('links', () => {
  const series = (changes: Partial<LinkedSeries>): LinkedSeries => ({
    volume: volume(),
    oriented: true,
    position: [2, 2, 1],
    axis: 2,
    anchor: null,
    ...changes,
  });
  const moved = series({ volume: volume({ spacingMm: [1, 1, 1], originLps: [-1, -2, -3] }), position: [0, 0, 0] });

  it('in one frame of reference both show the same place', () => {
    expect(linkKind(series({}), moved)).toBe('position');
    expect(linkedPosition(series({}), moved)).toEqual([3, 4, 5]);
  });

  it('in different frames slices go by number', () => {
    const other = { ...moved, volume: volume({ frameOfReferenceUid: '9.9' }) };
    expect(linkKind(series({}), other)).toBe('index');
    expect(linkedPosition(series({}), other)).toEqual([0, 0, 1]);
  });

  it('after "same anatomy here" both go as far in millimetres', () => {
    const other = {
      ...moved,
      anchor: [1, 1, 1] as Vector3,
      volume: volume({ frameOfReferenceUid: '9.9', spacingMm: [1, 1, 1] }),
    };
    const leader = series({ anchor: [2, 2, 0], position: [2, 3, 2] });
    expect(linkedPosition(leader, other)).toEqual([1, 2, 5]);
  });

  it('a reference line is where one slice cuts the other', () => {
    const corners: Vector3[] = [
      [0, 5, 0],
      [4, 5, 0],
      [4, 5, 6],
      [0, 5, 6],
    ];
    expect(referenceLine(corners, { point: [9, 9, 2], normal: [0, 0, 1] })).toEqual([
      [4, 5, 2],
      [0, 5, 2],
    ]);
    expect(referenceLine(corners, { point: [9, 9, 7], normal: [0, 0, 1] })).toBeNull();
  });
});

describe('fusion', () => {
  it('puts every value where it lies in the patient, halfway between voxels by halves, and nothing outside', () => {
    const [plane] = planesOf(source.volume);
    if (plane === undefined) throw new Error('no plane');
    const overlay = { volume: volume({ originLps: [0.5, 1, 0] }), voxels };
    const { width, pixels } = fusedSlice({ volume: source.volume, plane }, 1, overlay);
    expect(width).toBe(6);
    // Base pixel (2, 3) lies at x 2, y 3: overlay index 1.5, 2.
    expect(pixels[3 * width + 2]).toBe(100 + 20 + 1.5);
    expect(pixels[0]).toBeNaN();
  });
});

describe('windows and colours', () => {
  it('the automatic window leaves padding out', () => {
    const values = [...Array.from({ length: 500 }, () => -1000), ...Array.from({ length: 101 }, (_, at) => at)];
    expect(autoWindow(values)).toMatchObject({ centre: 50, width: 98 });
    expect(autoWindow([5, 5, 5])).toBeNull();
  });

  it('every colour map goes from its first to its last corner', () => {
    for (const { points, id } of colourMaps) {
      const table = colourMapTable(colourMapOf(id));
      const packed = ([, red, green, blue]: (typeof points)[number]) =>
        [red, green, blue].map((part) => Math.round(part * 255));
      const unpacked = (value: number) => [value & 255, (value >> 8) & 255, (value >> 16) & 255];
      expect(unpacked(table[0]!)).toEqual(packed(points[0]!));
      expect(unpacked(table[255]!)).toEqual(packed(points.at(-1)!));
    }
  });
});
