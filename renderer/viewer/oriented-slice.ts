import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { axisDirection, dot, patientPosition, type Plane } from './planes.ts';
import { joinSlices, type Slab, slabSlices } from './slab.ts';
import type { VoxelArray } from './voxels.ts';

export interface SliceSource {
  volume: VolumeDescription;
  voxels: VoxelArray;
  plane: Plane;
}

/** How a slice lies on the screen: columns run along the plane's right, rows along its down. */
export interface PlacedSlice {
  columns: number;
  rows: number;
  spacingX: number;
  spacingY: number;
  /** Voxel of the pixel at the top left. */
  corner: Vector3;
  columnAxis: 0 | 1 | 2;
  rowAxis: 0 | 1 | 2;
  columnStep: 1 | -1;
  rowStep: 1 | -1;
}

export function placeSlice({ volume, plane }: Pick<SliceSource, 'volume' | 'plane'>, slice: number): PlacedSlice {
  const [first, second] = ([0, 1, 2] as const).filter((axis) => axis !== plane.axis) as [0 | 1 | 2, 0 | 1 | 2];
  const along = (axis: 0 | 1 | 2, direction: Vector3) => dot(axisDirection(volume.directionLps, axis), direction);
  const columnAxis = Math.abs(along(first, plane.right)) > 0.5 ? first : second;
  const rowAxis = columnAxis === first ? second : first;
  const columnForward = along(columnAxis, plane.right) > 0;
  const rowForward = along(rowAxis, plane.up) < 0;
  const columns = volume.dimensions[columnAxis];
  const rows = volume.dimensions[rowAxis];
  const corner: [number, number, number] = [0, 0, 0];
  corner[plane.axis] = slice;
  corner[columnAxis] = columnForward ? 0 : columns - 1;
  corner[rowAxis] = rowForward ? 0 : rows - 1;
  return {
    columns,
    rows,
    spacingX: volume.spacingMm[columnAxis],
    spacingY: volume.spacingMm[rowAxis],
    corner,
    columnAxis,
    rowAxis,
    columnStep: columnForward ? 1 : -1,
    rowStep: rowForward ? 1 : -1,
  };
}

/** The pixels of one slice, or of the slab round it (float32 then), rows top down as on the screen. */
export function cutSlice(source: SliceSource, slice: number, slab: Slab): PlacedSlice & { pixels: VoxelArray } {
  const { volume, plane } = source;
  if (slab.mode === 'off' || volume.samplesPerVoxel === 3) return cutOne(source, slice);
  const { mode } = slab;
  const place = { spacingMm: volume.spacingMm[plane.axis], count: plane.sliceCount };
  const { first, last } = slabSlices(slice, slab, place);
  const slices = Array.from({ length: last - first + 1 }, (_, at) => cutOne(source, first + at).pixels);
  return { ...placeSlice(source, slice), pixels: joinSlices(slices, mode) };
}

function cutOne(source: SliceSource, slice: number): PlacedSlice & { pixels: VoxelArray } {
  const { volume, voxels } = source;
  const placed = placeSlice(source, slice);
  const { columns, rows, corner, columnAxis, rowAxis } = placed;
  const samples = volume.samplesPerVoxel;
  const strides = [1, volume.dimensions[0], volume.dimensions[0] * volume.dimensions[1]] as const;
  const start = corner[0] * strides[0] + corner[1] * strides[1] + corner[2] * strides[2];
  const columnStride = strides[columnAxis] * placed.columnStep;
  const rowStride = strides[rowAxis] * placed.rowStep;
  const pixels = new (voxels.constructor as new (length: number) => VoxelArray)(columns * rows * samples);
  let at = 0;
  for (let row = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1) {
      const voxel = (start + row * rowStride + column * columnStride) * samples;
      for (let sample = 0; sample < samples; sample += 1) pixels[at++] = voxels[voxel + sample]!;
    }
  }
  return { ...placed, pixels };
}

/** World positions of the slice's four corner pixels, in order round it. */
export function sliceCorners(source: Pick<SliceSource, 'volume' | 'plane'>, slice: number): Vector3[] {
  const { columns, rows, corner, columnAxis, rowAxis, columnStep, rowStep } = placeSlice(source, slice);
  const at = (column: number, row: number): Vector3 => {
    const index: [number, number, number] = [...corner];
    index[columnAxis] += column * columnStep;
    index[rowAxis] += row * rowStep;
    return patientPosition(source.volume, index);
  };
  return [at(0, 0), at(columns - 1, 0), at(columns - 1, rows - 1), at(0, rows - 1)];
}
