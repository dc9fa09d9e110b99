import type { Vector3, VolumeDescription } from '../../preload/domain.ts';
import { placeSlice } from './oriented-slice.ts';
import { patientPosition, type Plane, subtract, patientIndex } from './planes.ts';
import type { VoxelArray } from './voxels.ts';

export interface Overlay {
  volume: VolumeDescription;
  voxels: VoxelArray;
}

/**
 * The overlay's values at the pixel centres of a slice of another volume, by position in the patient, between voxels by
 * trilinear weights. NaN outside the overlay. Rows top down as on the screen.
 */
export function fusedSlice(
  base: { volume: VolumeDescription; plane: Plane },
  slice: number,
  { volume, voxels }: Overlay,
): { width: number; height: number; pixels: Float32Array } {
  const { columns, rows, corner, columnAxis, rowAxis, columnStep, rowStep } = placeSlice(base, slice);
  const at = (column: number, row: number): Vector3 => {
    const index: [number, number, number] = [...corner];
    index[columnAxis] += column * columnStep;
    index[rowAxis] += row * rowStep;
    return patientIndex(volume, patientPosition(base.volume, index));
  };
  // Index to index is affine but for tilted or uneven slices: one start and two steps are enough.
  const isAffine = volume.sliceOriginsLps === undefined && base.volume.sliceOriginsLps === undefined;
  const start = at(0, 0);
  const right = subtract(at(1, 0), start);
  const down = subtract(at(0, 1), start);
  const pixels = new Float32Array(columns * rows);
  for (let row = 0, pixel = 0; row < rows; row += 1) {
    for (let column = 0; column < columns; column += 1, pixel += 1) {
      if (!isAffine) {
        pixels[pixel] = trilinear(volume, voxels, at(column, row));
        continue;
      }
      const i = start[0] + column * right[0] + row * down[0];
      const j = start[1] + column * right[1] + row * down[1];
      const k = start[2] + column * right[2] + row * down[2];
      pixels[pixel] = trilinear(volume, voxels, [i, j, k]);
    }
  }
  return { width: columns, height: rows, pixels };
}

/** Half a voxel beyond the outermost centres still belongs to the volume. */
function trilinear({ dimensions }: VolumeDescription, voxels: VoxelArray, index: Vector3): number {
  const low: [number, number, number] = [0, 0, 0];
  const share: [number, number, number] = [0, 0, 0];
  for (const axis of [0, 1, 2] as const) {
    const size = dimensions[axis];
    const value = index[axis];
    if (value < -0.5 || value > size - 0.5) return NaN;
    const inside = Math.min(size - 1, Math.max(0, value));
    low[axis] = Math.min(Math.floor(inside), Math.max(0, size - 2));
    share[axis] = inside - low[axis];
  }
  let sum = 0;
  for (let corner = 0; corner < 8; corner += 1) {
    const [di, dj, dk] = [corner & 1, (corner >> 1) & 1, corner >> 2] as const;
    const weight = (di ? share[0] : 1 - share[0]) * (dj ? share[1] : 1 - share[1]) * (dk ? share[2] : 1 - share[2]);
    if (weight === 0) continue;
    sum += weight * voxels[((low[2] + dk) * dimensions[1] + low[1] + dj) * dimensions[0] + low[0] + di]!;
  }
  return sum;
}
