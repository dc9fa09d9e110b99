import type { Direction9, Vector3 } from '../../preload/domain.ts';

const sameMm = 5e-4;
/** More slices than this are damage, not a shear. */
const mostSlices = 20_000;

/** Spacing and directions of a volume whose slices follow its normal, and where the slices really lie when they do not. */
export interface SliceGeometry {
  spacingMm: Vector3;
  directionLps: Direction9;
  sliceOriginsLps?: readonly Vector3[];
}

/**
 * The places of the slices where origin, spacing and normal do not say them: a gantry tilt or another shear, uneven steps, or
 * time points that come again at the same places. Undefined where they do.
 */
export function sliceOrigins(
  places: readonly Vector3[],
  { normal, spacing, frames }: { normal: Vector3; spacing: number; frames: number },
): readonly Vector3[] | undefined {
  const [first] = places;
  if (first === undefined) return undefined;
  const isRegular = places.every((place, k) =>
    place.every((value, axis) => Math.abs(value - first[axis]! - normal[axis]! * spacing * k) < sameMm),
  );
  return isRegular && frames === 1 ? undefined : places;
}

/** The optional field of a geometry, to be taken over. */
export function placesOf({
  sliceOriginsLps,
}: {
  sliceOriginsLps?: readonly Vector3[] | undefined;
}): Pick<SliceGeometry, 'sliceOriginsLps'> {
  return sliceOriginsLps === undefined ? {} : { sliceOriginsLps };
}

/**
 * Three axes of a file (LPS, a step long each) as a volume: the first two as they are, the third made normal to them where it is
 * sheared; the slices keep their places. `shearDegrees` is 0 below one in a hundred.
 */
export function straighten(
  axes: readonly [Vector3, Vector3, Vector3],
  { originLps, slices, frames }: { originLps: Vector3; slices: number; frames: number },
): SliceGeometry & { shearDegrees: number } {
  const [a, b, c] = axes.map(unit) as [Vector3, Vector3, Vector3];
  const [i, j, k] = axes.map((axis) => Math.hypot(...axis)) as [number, number, number];
  const skew = Math.max(Math.abs(dot(a, b)), Math.abs(dot(a, c)), Math.abs(dot(b, c)));
  const isSheared = skew > 0.01;
  const straight = unit(cross(a, b));
  const along = dot(axes[2], straight);
  const normal = isSheared ? scale(straight, Math.sign(along)) : c;
  const spacing = isSheared ? Math.abs(along) : k;
  const places = Array.from({ length: slices > mostSlices ? 0 : slices }, (_, at) =>
    add(originLps, scale(axes[2], at)),
  );
  const sliceOriginsLps = sliceOrigins(places, { normal, spacing, frames });
  return {
    spacingMm: [i, j, spacing],
    directionLps: [...a, ...b, ...normal],
    ...(sliceOriginsLps === undefined ? {} : { sliceOriginsLps }),
    shearDegrees: isSheared ? (Math.asin(Math.min(1, skew)) * 180) / Math.PI : 0,
  };
}

function unit(v: Vector3): Vector3 {
  return scale(v, 1 / (Math.hypot(...v) || 1));
}

function scale(v: Vector3, by: number): Vector3 {
  return [v[0] * by + 0, v[1] * by + 0, v[2] * by + 0];
}

function add(a: Vector3, b: Vector3): Vector3 {
  return [a[0] + b[0], a[1] + b[1], a[2] + b[2]];
}

function cross(a: Vector3, b: Vector3): Vector3 {
  return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
}

function dot(a: Vector3, b: Vector3): number {
  return a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
}
