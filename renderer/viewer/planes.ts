import type { Direction9, Vector3, VolumeDescription } from '../../preload/domain.ts';

export type AxisIndex = 0 | 1 | 2;
export type PlaneName = 'Axial' | 'Sagittal' | 'Coronal';

/**
 * A stack of parallel slices through a volume along one of its own axes, so that every slice shows whole voxels.
 * World directions are LPS unit vectors: `right` and `up` as seen on the screen, `normal` = right × up, towards the eye.
 */
export interface Plane {
  axis: AxisIndex;
  name: PlaneName;
  right: Vector3;
  up: Vector3;
  normal: Vector3;
  sliceCount: number;
  /** Angle between the plane and the anatomical plane of its name. */
  obliqueDegrees: number;
  /** Letters at the screen's edges. */
  edges: { right: string; left: string; top: string; bottom: string };
}

type Geometry = Pick<VolumeDescription, 'dimensions' | 'spacingMm' | 'originLps' | 'directionLps'>;

type PlacedGeometry = Geometry & Pick<VolumeDescription, 'sliceOriginsLps'>;

const anatomicalAxes: readonly Vector3[] = [
  [1, 0, 0],
  [0, 1, 0],
  [0, 0, 1],
];

/** Screen directions by patient axis (0 = x to the left, 1 = y to the posterior, 2 = z to the head). */
const conventions = [
  { name: 'Axial', normal: 2, right: { axis: 0, sign: 1 }, up: { axis: 1, sign: -1 } },
  { name: 'Sagittal', normal: 0, right: { axis: 1, sign: 1 }, up: { axis: 2, sign: 1 } },
  { name: 'Coronal', normal: 1, right: { axis: 0, sign: 1 }, up: { axis: 2, sign: 1 } },
] as const;

/** Axial, sagittal and coronal planes of a volume, each along the volume axis that lies nearest to its normal. */
export function planesOf(volume: Geometry): Plane[] {
  const volumeAxisOf = nearestAxes(volume.directionLps);
  return conventions.map(({ name, normal, right, up }) => {
    const axis = volumeAxisOf[normal];
    const rightWorld = signedAxis(volume.directionLps, volumeAxisOf[right.axis], right);
    const upWorld = signedAxis(volume.directionLps, volumeAxisOf[up.axis], up);
    const normalWorld = cross(rightWorld, upWorld);
    return {
      axis,
      name,
      right: rightWorld,
      up: upWorld,
      normal: normalWorld,
      sliceCount: volume.dimensions[axis],
      obliqueDegrees: (Math.acos(Math.min(1, Math.abs(normalWorld[normal]))) * 180) / Math.PI,
      edges: {
        right: directionLetters(rightWorld),
        left: directionLetters(negated(rightWorld)),
        top: directionLetters(upWorld),
        bottom: directionLetters(negated(upWorld)),
      },
    };
  });
}

/** World position in mm of a voxel index; whole numbers are voxel centres. */
export function indexToWorld(volume: Geometry, index: Vector3): Vector3 {
  const [i, j, k] = [0, 1, 2].map((axis) => index[axis]! * volume.spacingMm[axis]!) as [number, number, number];
  const d = volume.directionLps;
  const o = volume.originLps;
  return [
    o[0] + d[0] * i + d[3] * j + d[6] * k,
    o[1] + d[1] * i + d[4] * j + d[7] * k,
    o[2] + d[2] * i + d[5] * j + d[8] * k,
  ];
}

/** The inverse of `indexToWorld`, for directions at right angles to each other; fractions are kept. */
export function worldToIndex(volume: Geometry, world: Vector3): Vector3 {
  const offset = subtract(world, volume.originLps);
  const along = (axis: AxisIndex) => dot(offset, axisDirection(volume.directionLps, axis)) / volume.spacingMm[axis];
  return [along(0), along(1), along(2)];
}

/** Width and height of a plane on the screen, in mm. */
export function planeSizeMm(volume: Geometry, plane: Plane): { width: number; height: number } {
  const along = (direction: Vector3) =>
    ([0, 1, 2] as const)
      .map((axis) => Math.abs(dot(axisDirection(volume.directionLps, axis), direction)) * extentMm(volume, axis))
      .reduce((sum, extent) => sum + extent, 0);
  return { width: along(plane.right), height: along(plane.up) };
}

function extentMm(volume: Geometry, axis: AxisIndex): number {
  return volume.dimensions[axis] * volume.spacingMm[axis];
}

/** Whole voxel nearest to an index, or null outside the volume. */
export function voxelAt(volume: Geometry, index: Vector3): Vector3 | null {
  const rounded = index.map((value) => Math.round(value) + 0) as [number, number, number];
  return rounded.every((value, axis) => value >= 0 && value < volume.dimensions[axis]!) ? rounded : null;
}

/**
 * Where a voxel lies in the patient: as `indexToWorld`, but true also for tilted and uneven slices and for time points, which the
 * screen shows as if they followed each other along the normal.
 */
export function patientPosition(volume: PlacedGeometry, index: Vector3): Vector3 {
  const origins = volume.sliceOriginsLps;
  if (origins === undefined || origins.length === 0) return indexToWorld(volume, index);
  const slice = ((index[2] % origins.length) + origins.length) % origins.length;
  const below = origins[Math.floor(slice)] ?? volume.originLps;
  const above = origins[Math.min(origins.length - 1, Math.ceil(slice))] ?? below;
  const share = slice - Math.floor(slice);
  const start: Vector3 = [0, 1, 2].map((a) => below[a]! + (above[a]! - below[a]!) * share) as [number, number, number];
  return indexToWorld({ ...volume, originLps: start }, [index[0], index[1], 0]);
}

/** The inverse of `patientPosition`, within the first time point. */
export function patientIndex(volume: PlacedGeometry, world: Vector3): Vector3 {
  const origins = volume.sliceOriginsLps;
  if (origins === undefined || origins.length < 2) return worldToIndex(volume, world);
  const normal = axisDirection(volume.directionLps, 2);
  const depths = origins.map((origin) => dot(subtract(world, origin), normal));
  const after = depths.findIndex((depth) => depth < 0);
  const upper = after < 0 ? origins.length - 1 : Math.max(1, after);
  const [from, to] = [depths[upper - 1]!, depths[upper]!];
  const slice = upper - 1 + (from === to ? 0 : from / (from - to));
  const nearest = Math.min(origins.length - 1, Math.max(0, slice));
  const flat = patientPosition(volume, [0, 0, nearest]);
  const [i, j] = worldToIndex({ ...volume, originLps: flat }, world);
  return [i, j, slice];
}

/** As `patientIndex`, within the time point that holds the slice `among`, which places in the patient do not tell apart. */
export function patientIndexAmong(volume: PlacedGeometry, world: Vector3, among: number): Vector3 {
  const [i, j, k] = patientIndex(volume, world);
  const slices = volume.sliceOriginsLps?.length ?? volume.dimensions[2];
  return [i, j, k + Math.floor(among / slices) * slices];
}

export function axisDirection(direction: Direction9, axis: AxisIndex): Vector3 {
  return [direction[axis * 3]!, direction[axis * 3 + 1]!, direction[axis * 3 + 2]!];
}

/** DICOM letters (C.7.6.1.1.1) of a world direction, the largest component first; a second one from 15° on. */
export function directionLetters(direction: Vector3): string {
  const letters = [
    ['R', 'L'],
    ['A', 'P'],
    ['F', 'H'],
  ] as const;
  const enough = Math.sin((15 * Math.PI) / 180);
  return [0, 1, 2]
    .filter((axis) => Math.abs(direction[axis]!) >= enough)
    .sort((a, b) => Math.abs(direction[b]!) - Math.abs(direction[a]!))
    .slice(0, 2)
    .map((axis) => letters[axis]![direction[axis]! > 0 ? 1 : 0])
    .join('');
}

/** For each patient axis the volume axis that serves it, chosen so that all three together lie nearest. */
function nearestAxes(direction: Direction9): [AxisIndex, AxisIndex, AxisIndex] {
  const permutations: [AxisIndex, AxisIndex, AxisIndex][] = [
    [0, 1, 2],
    [1, 0, 2],
    [0, 2, 1],
    [2, 1, 0],
    [1, 2, 0],
    [2, 0, 1],
  ];
  const agreement = (order: readonly AxisIndex[]) =>
    order
      .map((axis, patient) => Math.abs(dot(axisDirection(direction, axis), anatomicalAxes[patient]!)))
      .reduce((sum, share) => sum + share, 0);
  return permutations.reduce((best, order) => (agreement(order) > agreement(best) + 1e-9 ? order : best));
}

function signedAxis(direction: Direction9, axis: AxisIndex, towards: { axis: number; sign: number }): Vector3 {
  const vector = axisDirection(direction, axis);
  return vector[towards.axis]! * towards.sign >= 0 ? vector : negated(vector);
}

export function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}

export function subtract(a: Vector3, b: Vector3): Vector3 {
  return [a[0] - b[0], a[1] - b[1], a[2] - b[2]];
}

function negated(a: Vector3): Vector3 {
  return [0 - a[0], 0 - a[1], 0 - a[2]];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}
