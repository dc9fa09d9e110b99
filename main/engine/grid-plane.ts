import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { displayTurn, type SliceImage } from '../imaging/slice.ts';

interface Grid {
  width: number;
  height: number;
}

/** Millimetres per pixel of a grid into which the whole slice is fitted, as `fitToGrid` does. */
export function gridSpacing(slice: Omit<SliceImage, 'pixels'>, grid: Grid): readonly [number, number] {
  const across = (slice.width * slice.spacingMm[0]) / grid.width;
  const down = (slice.height * slice.spacingMm[1]) / grid.height;
  return [Math.max(across, down), Math.max(across, down)];
}

/**
 * Where a model's grid over one slice lies in the patient, in the terms of DICOM's image plane (PS3.3 C.7.6.2): the centre
 * of its first pixel, the direction along a row and down a column. The grid shares its centre with the slice.
 */
export function planeOfGrid({
  volume,
  sliceIndex,
  ...grid
}: Grid & { volume: VolumeDescription; sliceIndex: number }): {
  positionLps: Vector3;
  row: Vector3;
  column: Vector3;
  thicknessMm: number;
} {
  const { dimensions, spacingMm, originLps, directionLps: d } = volume;
  const axes: readonly Vector3[] = [
    [d[0], d[1], d[2]],
    [d[3], d[4], d[5]],
    [d[6], d[7], d[8]],
  ];
  const centreIndex: Vector3 = [(dimensions[0] - 1) / 2, (dimensions[1] - 1) / 2, sliceIndex];
  const centre = centreIndex.reduce<Vector3>(
    (point, index, axis) => add(point, axes[axis] ?? originLps, index * (spacingMm[axis] ?? 1)),
    originLps,
  );
  const { transposed, flippedColumns, flippedRows } = displayTurn(volume);
  const [i, j] = [axes[0] ?? originLps, axes[1] ?? originLps];
  const row = scaled(transposed ? j : i, flippedColumns ? -1 : 1);
  const column = scaled(transposed ? i : j, flippedRows ? -1 : 1);
  const slice = transposed
    ? { width: dimensions[1], height: dimensions[0], spacingMm: [spacingMm[1], spacingMm[0]] as const }
    : { width: dimensions[0], height: dimensions[1], spacingMm: [spacingMm[0], spacingMm[1]] as const };
  const [pixelMm] = gridSpacing(slice, grid);
  const corner = add(centre, row, ((1 - grid.width) / 2) * pixelMm);
  return {
    positionLps: add(corner, column, ((1 - grid.height) / 2) * pixelMm),
    row,
    column,
    thicknessMm: spacingMm[2],
  };
}

function add(point: Vector3, direction: Vector3, length: number): Vector3 {
  return [point[0] + direction[0] * length, point[1] + direction[1] * length, point[2] + direction[2] * length];
}

/** Without negative zeros. */
function scaled(direction: Vector3, sign: 1 | -1): Vector3 {
  return [direction[0] * sign + 0, direction[1] * sign + 0, direction[2] * sign + 0];
}
