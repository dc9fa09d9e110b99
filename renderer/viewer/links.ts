import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { type AxisIndex, dot, patientIndex, patientPosition, subtract } from './planes.ts';

/** What linking needs to know of a series in view. */
export interface LinkedSeries {
  volume: VolumeDescription;
  /** The file says how the image lies in the patient. */
  oriented: boolean;
  /** Voxel index in view. */
  position: Vector3;
  /** Axis of the plane in view. */
  axis: AxisIndex;
  /** Where this series was when the reader said "same anatomy here": voxel index. */
  anchor: Vector3 | null;
}

export type LinkKind = 'position' | 'anatomy' | 'index';

/** How two series scroll together: by the reader's own match, by position where the frame of reference is shared, else by index. */
export function linkKind(leader: LinkedSeries, follower: LinkedSeries): LinkKind {
  if (leader.anchor !== null && follower.anchor !== null) return 'anatomy';
  const uid = leader.volume.frameOfReferenceUid;
  const shared = uid !== '' && uid === follower.volume.frameOfReferenceUid;
  return shared && leader.oriented && follower.oriented ? 'position' : 'index';
}

/** The voxel index, with fractions and unclamped, at which the follower shows what the leader shows. */
export function linkedPosition(leader: LinkedSeries, follower: LinkedSeries): Vector3 {
  const kind = linkKind(leader, follower);
  if (kind === 'position') return patientIndex(follower.volume, patientPosition(leader.volume, leader.position));
  const { anchor } = follower;
  if (kind === 'anatomy' && leader.anchor !== null && anchor !== null) {
    if (!leader.oriented || !follower.oriented) return shifted(anchor, follower.axis, steps(leader, leader.anchor));
    const from = patientPosition(leader.volume, leader.anchor);
    const way = subtract(patientPosition(leader.volume, leader.position), from);
    const start = patientPosition(follower.volume, anchor);
    return patientIndex(follower.volume, [start[0] + way[0], start[1] + way[1], start[2] + way[2]]);
  }
  const index: [number, number, number] = [...follower.position];
  index[follower.axis] = leader.position[leader.axis];
  return index;
}

/** True where grey values of both mean the same, so that one window suits both. */
export function sharesWindow(a: VolumeDescription, b: VolumeDescription): boolean {
  return a.modality === b.modality && a.unit === b.unit && a.samplesPerVoxel === b.samplesPerVoxel;
}

interface SliceFrame {
  /** World position of a point on the slice and its unit normal. */
  point: Vector3;
  normal: Vector3;
}

/** Where a plane cuts the outline of another slice (four corners in order), or null where it does not. */
export function referenceLine(corners: readonly Vector3[], { point, normal }: SliceFrame): [Vector3, Vector3] | null {
  const heights = corners.map((corner) => dot(subtract(corner, point), normal));
  const crossings = corners.flatMap((corner, at): Vector3[] => {
    const next = (at + 1) % corners.length;
    const [from, to] = [heights[at]!, heights[next]!];
    if (from === to || from * to > 0) return [];
    const share = from / (from - to);
    const end = corners[next]!;
    return [
      [
        corner[0] + (end[0] - corner[0]) * share,
        corner[1] + (end[1] - corner[1]) * share,
        corner[2] + (end[2] - corner[2]) * share,
      ],
    ];
  });
  const [first] = crossings;
  const last = crossings.find((one) => first !== undefined && Math.hypot(...subtract(one, first)) > 1e-6);
  return first === undefined || last === undefined ? null : [first, last];
}

function steps({ position, axis }: LinkedSeries, anchor: Vector3): number {
  return position[axis] - anchor[axis];
}

function shifted(index: Vector3, axis: AxisIndex, by: number): Vector3 {
  const moved: [number, number, number] = [...index];
  moved[axis] += by;
  return moved;
}
