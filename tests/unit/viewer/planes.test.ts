import { describe, expect, it } from 'vitest';
import type { Direction9, Vector3 } from '../../../preload/domain.ts';
import {
  directionLetters,
  indexToWorld,
  planesOf,
  planeSizeMm,
  voxelAt,
  worldToIndex,
} from '../../../renderer/viewer/planes.ts';

function volume(directionLps: Direction9, dimensions: Vector3 = [40, 50, 60]) {
  return { dimensions, spacingMm: [0.5, 0.75, 2] as Vector3, originLps: [-10, 20, 30] as Vector3, directionLps };
}

const axial: Direction9 = [1, 0, 0, 0, 1, 0, 0, 0, 1];
/** Columns to the posterior, rows to the feet, slices to the left: a sagittal acquisition. */
const sagittal: Direction9 = [0, 1, 0, 0, 0, -1, 1, 0, 0];
/** As files of other programs often lie: columns to the right, a left-handed system. */
const leftHanded: Direction9 = [-1, 0, 0, 0, 1, 0, 0, 0, 1];

describe('planes of a volume', () => {
  it('an axial acquisition gives axial slices along k, patient left at the right of the screen', () => {
    const [first] = planesOf(volume(axial));
    expect(first).toMatchObject({ name: 'Axial', axis: 2, sliceCount: 60, obliqueDegrees: 0 });
    expect(first?.edges).toEqual({ left: 'R', right: 'L', top: 'A', bottom: 'P' });
  });

  it('a sagittal acquisition keeps its own slices as the sagittal plane, head up and anterior at the left', () => {
    const plane = planesOf(volume(sagittal)).find(({ axis }) => axis === 2);
    expect(plane).toMatchObject({ name: 'Sagittal', sliceCount: 60 });
    expect(plane?.edges).toEqual({ left: 'A', right: 'P', top: 'H', bottom: 'F' });
  });

  it('the screen is the same for right-handed and left-handed storage', () => {
    const directions = (direction: Direction9) =>
      planesOf(volume(direction)).map(({ right, up, edges }) => ({ right, up, edges }));
    expect(directions(leftHanded)).toEqual(directions(axial));
  });

  it('tilted slices stay whole and tell their angle', () => {
    const angle = (18.5 * Math.PI) / 180;
    const tilted: Direction9 = [1, 0, 0, 0, Math.cos(angle), Math.sin(angle), 0, -Math.sin(angle), Math.cos(angle)];
    const [first] = planesOf(volume(tilted));
    expect(first).toMatchObject({ name: 'Axial', axis: 2 });
    expect(first?.obliqueDegrees).toBeCloseTo(18.5, 6);
    expect(first?.edges.bottom).toBe('PH');
  });

  it('every axis of the volume serves exactly one plane, for all 48 axis orders', () => {
    for (const direction of axisOrders()) {
      const planes = planesOf(volume(direction));
      expect(new Set(planes.map(({ axis }) => axis)).size).toBe(3);
      expect(planes.map(({ edges }) => edges.left + edges.top)).toEqual(['RA', 'AH', 'RH']);
    }
  });

  it('the size of a plane follows the spacing of its axes', () => {
    const plane = planesOf(volume(axial)).find(({ name }) => name === 'Coronal');
    expect(plane && planeSizeMm(volume(axial), plane)).toEqual({ width: 20, height: 120 });
  });
});

describe('voxel index and world position', () => {
  it('the first voxel lies at the origin and steps by spacing along the directions', () => {
    expect(indexToWorld(volume(sagittal), [0, 0, 0])).toEqual([-10, 20, 30]);
    expect(indexToWorld(volume(sagittal), [2, 4, 1])).toEqual([-8, 21, 27]);
  });

  it('world to index is the inverse', () => {
    const index: Vector3 = [3.25, 17.5, 41];
    worldToIndex(volume(sagittal), indexToWorld(volume(sagittal), index)).forEach((value, axis) =>
      expect(value).toBeCloseTo(index[axis]!, 10),
    );
  });

  it('the nearest voxel is the one whose centre is nearest; outside there is none', () => {
    expect(voxelAt(volume(axial), [-0.4, 3.6, 59.4])).toEqual([0, 4, 59]);
    expect(voxelAt(volume(axial), [-0.6, 0, 0])).toBeNull();
  });
});

describe('letters', () => {
  it('name the largest component first and a second one from 15° on', () => {
    expect(directionLetters([0, 0.9, -0.44])).toBe('PF');
    expect(directionLetters([1, 0.1, 0])).toBe('L');
  });
});

function axisOrders(): Direction9[] {
  const orders = [
    [0, 1, 2],
    [0, 2, 1],
    [1, 0, 2],
    [1, 2, 0],
    [2, 0, 1],
    [2, 1, 0],
  ];
  return orders.flatMap((order) =>
    Array.from({ length: 8 }, (_, signs) => {
      const direction = Array.from({ length: 9 }, () => 0);
      order.forEach((patient, axis) => (direction[axis * 3 + patient] = signs & (1 << axis) ? -1 : 1));
      return direction as unknown as Direction9;
    }),
  );
}
