import type { Vector3 } from '../../../preload/domain.ts';
import { normalOf } from '../dicom/frames.ts';
import type { FrameEntry } from '../dicom/arrange.ts';
import type { SegmentFrame } from './segment-frames.ts';
import { dot } from './slice-grid.ts';
import type { SliceGrid } from './slice-grid.ts';

/** A frame of an overlay and the slice of the series that it is drawn on. */
export interface PlacedFrame {
  frameIndex: number;
  segment: number;
  entry: FrameEntry;
  /** Index of the slice in the grid. */
  k: number;
  /** The frame has no place of its own and is drawn pixel for pixel on the slice that it names. */
  onSource: boolean;
}

/** Row and column of a frame, and how its pixels lie in the patient. */
interface Plane {
  columns: number;
  rows: number;
  origin: Vector3;
  row: Vector3;
  column: Vector3;
  spacing: readonly [number, number];
}

/**
 * Gives every slice the nearest frame of each segment, if that is not farther than half the distance of the frames (or of
 * the slices, where that is more). Frames without a place go to the slice that they name as their source.
 */
export function placeFrames(entries: FrameEntry[], identities: SegmentFrame[], grid: SliceGrid): PlacedFrame[] {
  const result: PlacedFrame[] = [];
  const bySegment = Map.groupBy(entries, ({ frameIndex }) => identities[frameIndex]?.segment ?? 0);
  const frameStep = smallestStep(entries.map((entry) => along(entry, grid)));
  const reach = Math.max(frameStep, grid.spacingMm[2]) / 2 + 0.01;
  for (const [segment, members] of bySegment) {
    const placed = members.filter((entry) => entry.frame.positionLps !== null && isParallel(entry, grid));
    for (const [k, slice] of grid.slices.entries()) {
      const here = along(slice, grid);
      const nearest = placed.reduce<{ entry: FrameEntry | null; distance: number }>(
        (best, entry) => {
          const distance = Math.abs(along(entry, grid) - here);
          return distance < best.distance ? { entry, distance } : best;
        },
        { entry: null, distance: Infinity },
      );
      if (nearest.entry === null || nearest.distance > reach) continue;
      result.push({ frameIndex: nearest.entry.frameIndex, segment, entry: nearest.entry, k, onSource: false });
    }
    for (const entry of members) {
      if (entry.frame.positionLps !== null) continue;
      const k = sourceSlice(identities[entry.frameIndex], grid);
      if (k >= 0) result.push({ frameIndex: entry.frameIndex, segment, entry, k, onSource: true });
    }
  }
  return result.toSorted((a, b) => a.segment - b.segment || a.k - b.k);
}

export function planeOf({ entry }: PlacedFrame): Plane {
  const { format } = entry.header;
  const { positionLps, orientation: o, pixelSpacingMm } = entry.frame;
  const [a, b, c, d, e, f] = o ?? [1, 0, 0, 0, 1, 0];
  return {
    columns: format.columns,
    rows: format.rows,
    origin: positionLps ?? [0, 0, 0],
    row: [a, b, c],
    column: [d, e, f],
    spacing: pixelSpacingMm ?? [1, 1],
  };
}

/** Writes `valueOf(pixel)` where it is not 0; returns how many voxels held another label before. */
export function drawFrame(
  layer: Uint8Array | Uint16Array,
  options: {
    values: ArrayLike<number>;
    place: PlacedFrame;
    plane: Plane;
    grid: SliceGrid;
    valueOf: (value: number) => number;
  },
): number {
  const { values, place, plane, grid, valueOf } = options;
  const slice = grid.slices[place.k];
  if (slice === undefined) return 0;
  const map = place.onSource ? identityMap : sliceToFrame(slice, plane, grid);
  const start = place.k * grid.columns * grid.rows;
  let overlaps = 0;
  for (let y = 0; y < grid.rows; y++) {
    for (let x = 0; x < grid.columns; x++) {
      const i = Math.round(map[0] + map[1] * x + map[2] * y);
      const j = Math.round(map[3] + map[4] * x + map[5] * y);
      if (i < 0 || j < 0 || i >= plane.columns || j >= plane.rows) continue;
      const value = valueOf(values[j * plane.columns + i] ?? 0);
      if (value === 0) continue;
      const at = start + y * grid.columns + x;
      if ((layer[at] ?? 0) !== 0 && layer[at] !== value) overlaps++;
      layer[at] = value;
    }
  }
  return overlaps;
}

const identityMap = [0, 1, 0, 0, 0, 1] as const;

/** Pixel (x, y) of the slice → column and row of the frame: i = m0 + m1 x + m2 y, j = m3 + m4 x + m5 y. */
function sliceToFrame(
  slice: FrameEntry,
  plane: Plane,
  grid: SliceGrid,
): readonly [number, number, number, number, number, number] {
  const at = slice.frame.positionLps ?? grid.originLps;
  const away: Vector3 = [at[0] - plane.origin[0], at[1] - plane.origin[1], at[2] - plane.origin[2]];
  const [sx, sy] = grid.spacingMm;
  const [fx, fy] = plane.spacing;
  return [
    dot(away, plane.row) / fx,
    (sx * dot(grid.row, plane.row)) / fx,
    (sy * dot(grid.column, plane.row)) / fx,
    dot(away, plane.column) / fy,
    (sx * dot(grid.row, plane.column)) / fy,
    (sy * dot(grid.column, plane.column)) / fy,
  ];
}

function along(entry: FrameEntry, grid: SliceGrid): number {
  return dot(entry.frame.positionLps ?? grid.originLps, grid.normal);
}

/** To 1°, either way round. */
function isParallel({ frame }: FrameEntry, grid: SliceGrid): boolean {
  return frame.orientation === null || Math.abs(dot(normalOf(frame.orientation), grid.normal)) > 0.9998;
}

function smallestStep(distances: number[]): number {
  const sorted = distances.toSorted((a, b) => a - b);
  const steps = sorted.slice(1).map((d, i) => d - (sorted[i] ?? 0));
  const real = steps.filter((step) => step > 0.01);
  return real.length === 0 ? 0 : Math.min(...real);
}

function sourceSlice(identity: SegmentFrame | undefined, grid: SliceGrid): number {
  if (identity === undefined || identity.sourceInstanceUid === '') return -1;
  return grid.slices.findIndex(
    ({ header, frameIndex }) =>
      header.sopInstanceUid === identity.sourceInstanceUid &&
      (header.format.frameCount === 1 || frameIndex === identity.sourceFrame - 1),
  );
}
