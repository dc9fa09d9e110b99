import type { AnnotationKind, Measured } from '../../preload/annotations.ts';
import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { axisDirection, dot, indexToWorld, patientIndexAmong, subtract, voxelAt } from './planes.ts';
import { type VoxelArray, voxelValues } from './voxels.ts';

export interface Drawn {
  kind: AnnotationKind;
  pointsLps: readonly Vector3[];
  rightLps: Vector3;
  downLps: Vector3;
  /** Of the acquired slice, which also tells the time point. */
  sliceIndex: number;
}

export interface MeasuredSource {
  volume: VolumeDescription;
  voxels: VoxelArray;
  /** False where the file gives no spacing: lengths are counted in pixels then. */
  hasSpacing: boolean;
}

/** Points that a kind takes until it is complete. */
export const pointCounts: Record<AnnotationKind, number> = {
  length: 2,
  angle: 3,
  ellipse: 2,
  rectangle: 2,
  probe: 1,
  text: 1,
  keyImage: 1,
};

/**
 * What a drawn figure measures. Regions hold the voxels of their slice whose centres lie inside or on the outline; the
 * area is that of the figure itself. Null for kinds that measure nothing.
 */
export function measure(drawn: Drawn, source: MeasuredSource): Measured | null {
  const { kind, pointsLps } = drawn;
  const [a, b, c] = pointsLps;
  const base = { lengthUnit: source.hasSpacing ? ('mm' as const) : ('px' as const), unit: source.volume.unit };
  if (a === undefined || kind === 'text' || kind === 'keyImage') return null;
  if (kind === 'probe') {
    const index = voxelAt(source.volume, patientIndexAmong(source.volume, a, drawn.sliceIndex));
    if (index === null || source.volume.samplesPerVoxel === 3) return base;
    return { ...base, value: voxelValues(source.volume, source.voxels, index)[0] };
  }
  if (b === undefined) return null;
  if (kind === 'length') return { ...base, length: Math.hypot(...subtract(b, a)) };
  if (kind === 'angle') return c === undefined ? null : { ...base, angleDegrees: angleBetween(a, b, c) };
  return { ...base, ...regionArea(drawn, source.volume), ...regionStatistics(drawn, source) };
}

/** Angle at `corner`, 0 to 180 degrees. */
function angleBetween(a: Vector3, corner: Vector3, c: Vector3): number {
  const u = subtract(a, corner);
  const v = subtract(c, corner);
  const cosine = dot(u, v) / (Math.hypot(...u) * Math.hypot(...v));
  return (Math.acos(Math.min(1, Math.max(-1, cosine))) * 180) / Math.PI;
}

/** On the straight grid, where a shear leaves areas as they are. */
function regionArea(drawn: Drawn, volume: VolumeDescription): { area: number } {
  const { kind, rightLps, downLps } = drawn;
  const [a, b] = cornersOf(drawn, volume).map((corner) => indexToWorld(volume, corner)) as [Vector3, Vector3];
  const across = subtract(b, a);
  const box = Math.abs(dot(across, rightLps) * dot(across, downLps));
  return { area: kind === 'ellipse' ? (Math.PI / 4) * box : box };
}

/** One pass for the mean and a second for the deviation: no digits are lost where values are far from zero. */
function regionStatistics(drawn: Drawn, { volume, voxels }: MeasuredSource): Partial<Measured> {
  if (volume.samplesPerVoxel === 3) return {};
  const values = regionValues(drawn, volume, voxels);
  if (values.length === 0) return { voxels: 0 };
  let [minimum, maximum, sum] = [Infinity, -Infinity, 0];
  for (const value of values) {
    minimum = Math.min(minimum, value);
    maximum = Math.max(maximum, value);
    sum += value;
  }
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return { voxels: values.length, mean, standardDeviation: Math.sqrt(squares / values.length), minimum, maximum };
}

/** Voxel indices of both corners of a region. */
function cornersOf({ pointsLps, sliceIndex }: Drawn, volume: VolumeDescription): [Vector3, Vector3] {
  return pointsLps.slice(0, 2).map((point) => patientIndexAmong(volume, point, sliceIndex)) as [Vector3, Vector3];
}

function regionValues(drawn: Drawn, volume: VolumeDescription, voxels: VoxelArray): number[] {
  const { kind, rightLps } = drawn;
  const [a, b] = cornersOf(drawn, volume);
  const columnAxis = axisNearest(volume, rightLps);
  const across = ([0, 1, 2] as const).filter((axis) => axis !== columnAxis);
  // The axis of the slice is the one along which both corners lie in the same place.
  const sliceAxis = across.reduce((best, axis) =>
    Math.abs(b[axis] - a[axis]) < Math.abs(b[best] - a[best]) ? axis : best,
  );
  const rowAxis = across.find((axis) => axis !== sliceAxis) ?? sliceAxis;
  const slice = Math.round(a[sliceAxis]);
  if (slice < 0 || slice >= volume.dimensions[sliceAxis]) return [];
  const [columns, rows] = [columnAxis, rowAxis].map((axis) => ({
    first: Math.max(0, Math.ceil(Math.min(a[axis], b[axis]) - 1e-9)),
    last: Math.min(volume.dimensions[axis] - 1, Math.floor(Math.max(a[axis], b[axis]) + 1e-9)),
    centre: (a[axis] + b[axis]) / 2,
    radius: Math.abs(a[axis] - b[axis]) / 2,
  })) as [Span, Span];
  const values: number[] = [];
  const index: [number, number, number] = [0, 0, 0];
  index[sliceAxis] = slice;
  for (let row = rows.first; row <= rows.last; row += 1) {
    for (let column = columns.first; column <= columns.last; column += 1) {
      const x = (column - columns.centre) / columns.radius;
      const y = (row - rows.centre) / rows.radius;
      if (kind === 'ellipse' && x * x + y * y > 1) continue;
      index[columnAxis] = column;
      index[rowAxis] = row;
      const value = voxelValues(volume, voxels, index)[0]!;
      if (!Number.isNaN(value)) values.push(value);
    }
  }
  return values;
}

interface Span {
  first: number;
  last: number;
  centre: number;
  radius: number;
}

function axisNearest(volume: VolumeDescription, direction: Vector3): 0 | 1 | 2 {
  const along = (axis: 0 | 1 | 2) => Math.abs(dot(axisDirection(volume.directionLps, axis), direction));
  return ([0, 1, 2] as const).reduce((best, axis) => (along(axis) > along(best) ? axis : best));
}
