import type { Annotation, AnnotationKind } from '../../preload/annotations.ts';
import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { dot, patientIndexAmong, type Plane } from './planes.ts';

/** An annotation with its first point, on a plane of a volume; `position` is the voxel where the planes meet. */
export function newAnnotation(
  kind: AnnotationKind,
  { volume, plane, position, world }: { volume: VolumeDescription; plane: Plane; position: Vector3; world: Vector3 },
): Annotation {
  const [, , slice] = patientIndexAmong(volume, world, position[2]);
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
  { pointsLps, rightLps, downLps, sliceIndex }: Annotation,
  volume: VolumeDescription,
  plane: Plane,
  position: Vector3,
): boolean {
  const [first] = pointsLps;
  if (first === undefined || Math.abs(dot(plane.normal, rightLps)) > 0.01) return false;
  if (Math.abs(dot(plane.normal, downLps)) > 0.01) return false;
  const index = patientIndexAmong(volume, first, sliceIndex);
  return Math.abs(index[plane.axis] - position[plane.axis]) < 0.5;
}
