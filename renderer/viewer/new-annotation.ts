import type { Annotation, AnnotationKind } from '../../preload/annotations.ts';
import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { dot, indexToWorld, type Plane, subtract, worldToIndex } from './planes.ts';

/** An annotation with its first point, on a plane of a volume. */
export function newAnnotation(
  kind: AnnotationKind,
  { volume, plane, world }: { volume: VolumeDescription; plane: Plane; world: Vector3 },
): Annotation {
  const [, , slice] = worldToIndex(volume, world);
  return {
    id: `a-${crypto.randomUUID()}`,
    seriesId: volume.id,
    kind,
    label: '',
    pointsLps: [world],
    rightLps: plane.right,
    downLps: [-plane.up[0], -plane.up[1], -plane.up[2]],
    sliceIndex: Math.min(volume.dimensions[2] - 1, Math.max(0, Math.round(slice))),
    measured: null,
    createdAt: new Date().toISOString(),
  };
}

/** True where an annotation lies on the slice of a plane that goes through a voxel. */
export function onSlice(
  { pointsLps, rightLps, downLps }: Annotation,
  volume: VolumeDescription,
  plane: Plane,
  position: Vector3,
): boolean {
  const [first] = pointsLps;
  if (first === undefined || Math.abs(dot(plane.normal, rightLps)) > 0.01) return false;
  if (Math.abs(dot(plane.normal, downLps)) > 0.01) return false;
  const away = dot(subtract(first, indexToWorld(volume, position)), plane.normal);
  return Math.abs(away) < volume.spacingMm[plane.axis] / 2;
}
