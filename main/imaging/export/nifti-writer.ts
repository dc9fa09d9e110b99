import type { Direction9, ScalarArray, ScalarType, Vector3 } from '../../../preload/domain.ts';

const datatypes: Record<ScalarType, { code: number; bits: number }> = {
  uint8: { code: 2, bits: 8 },
  int16: { code: 4, bits: 16 },
  int32: { code: 8, bits: 32 },
  float32: { code: 16, bits: 32 },
  int8: { code: 256, bits: 8 },
  uint16: { code: 512, bits: 16 },
  uint32: { code: 768, bits: 32 },
};
const rgb24 = { code: 128, bits: 24 };
const headerBytes = 352;
/** NIFTI_XFORM_SCANNER_ANAT */
const scannerAnatomy = 1;
const millimetresAndSeconds = 2 | 8;

/**
 * A single-file NIfTI-1 (nifti1.h) of a volume in LPS: sform and qform both say the same affine, turned to RAS; of tilted slices,
 * which a qform cannot say, only the sform. Voxels are written as they are, without scale. Axes longer than 32,767 are refused by the format (RangeError).
 */
export function writeNifti(volume: {
  voxels: ScalarArray;
  scalarType: ScalarType;
  samplesPerVoxel: 1 | 3;
  columns: number;
  rows: number;
  slices: number;
  frames: number;
  spacingMm: Vector3;
  originLps: Vector3;
  directionLps: Direction9;
  sliceOriginsLps?: readonly Vector3[];
  description: string;
}): Uint8Array {
  const { columns, rows, slices, frames, spacingMm, originLps } = volume;
  if (Math.max(columns, rows, slices, frames) > 32_767) throw new RangeError('NIfTI-1 axes hold at most 32,767 voxels');
  const { code, bits } = volume.samplesPerVoxel === 3 ? rgb24 : datatypes[volume.scalarType];
  const voxels = new Uint8Array(volume.voxels.buffer, volume.voxels.byteOffset, volume.voxels.byteLength);
  const bytes = new Uint8Array(headerBytes + voxels.length);
  bytes.set(voxels, headerBytes);
  const view = new DataView(bytes.buffer);
  const d = volume.directionLps;
  const rotation = [-d[0], -d[3], -d[6], -d[1], -d[4], -d[7], d[2], d[5], d[8]] as const;
  const origin: Vector3 = [-originLps[0], -originLps[1], originLps[2]];
  const { quaternion, handed } = toQuaternion(rotation);
  view.setInt32(0, 348, true);
  view.setUint8(38, 'r'.charCodeAt(0));
  [frames > 1 ? 4 : 3, columns, rows, slices, frames, 1, 1, 1].forEach((n, i) => view.setInt16(40 + 2 * i, n, true));
  view.setInt16(70, code, true);
  view.setInt16(72, bits, true);
  [handed, ...spacingMm, frames > 1 ? 1 : 0, 0, 0, 0].forEach((n, i) => view.setFloat32(76 + 4 * i, n, true));
  view.setFloat32(108, headerBytes, true);
  view.setFloat32(112, 1, true);
  view.setUint8(123, millimetresAndSeconds);
  bytes.set(new TextEncoder().encode(volume.description).subarray(0, 79), 148);
  const step = meanStep(volume.sliceOriginsLps);
  const isSheared = step !== null && shearOf(step, rotation) > 1e-3;
  view.setInt16(252, isSheared ? 0 : scannerAnatomy, true);
  view.setInt16(254, scannerAnatomy, true);
  [...quaternion, ...origin].forEach((n, i) => view.setFloat32(256 + 4 * i, n, true));
  for (let row = 0; row < 3; row++) {
    for (let column = 0; column < 3; column++) {
      const straight = (rotation[3 * row + column] ?? 0) * (spacingMm[column] ?? 1);
      const value = column === 2 && step !== null ? (step[row] ?? 0) : straight;
      view.setFloat32(280 + 16 * row + 4 * column, value, true);
    }
    view.setFloat32(292 + 16 * row, origin[row] ?? 0, true);
  }
  bytes.set(new TextEncoder().encode('n+1\0'), 344);
  return bytes;
}

/** From slice to slice in RAS, on average: exact where the steps are even. */
function meanStep(origins: readonly Vector3[] | undefined): Vector3 | null {
  const [first, last] = [origins?.[0], origins?.at(-1)];
  const count = (origins?.length ?? 0) - 1;
  if (first === undefined || last === undefined || count < 1) return null;
  return [(first[0] - last[0]) / count, (first[1] - last[1]) / count, (last[2] - first[2]) / count];
}

/** Sine of the angle between the step and the normal. */
function shearOf(step: Vector3, rotation: readonly number[]): number {
  const length = Math.hypot(...step) || 1;
  const along = step.reduce((sum, value, row) => sum + (value / length) * (rotation[3 * row + 2] ?? 0), 0);
  return Math.sqrt(Math.max(0, 1 - along * along));
}

/** nifti1.h, method 2: a proper rotation as b, c, d; a left-handed matrix has its third column turned round (qfac −1). */
function toQuaternion(r: readonly number[]): { quaternion: [number, number, number]; handed: 1 | -1 } {
  const at = (row: number, column: number) => r[3 * row + column] ?? 0;
  const determinant =
    at(0, 0) * (at(1, 1) * at(2, 2) - at(1, 2) * at(2, 1)) -
    at(0, 1) * (at(1, 0) * at(2, 2) - at(1, 2) * at(2, 0)) +
    at(0, 2) * (at(1, 0) * at(2, 1) - at(1, 1) * at(2, 0));
  const handed = determinant < 0 ? -1 : 1;
  const m = (row: number, column: number) => at(row, column) * (column === 2 ? handed : 1);
  const trace = m(0, 0) + m(1, 1) + m(2, 2);
  if (trace > 0) {
    const a = Math.sqrt(1 + trace) / 2;
    return {
      quaternion: [(m(2, 1) - m(1, 2)) / (4 * a), (m(0, 2) - m(2, 0)) / (4 * a), (m(1, 0) - m(0, 1)) / (4 * a)],
      handed,
    };
  }
  // The largest of b, c, d is found from the diagonal, the others from it; the sign makes a ≥ 0.
  const squares = [0, 1, 2].map((i) => 1 + 2 * m(i, i) - trace);
  const largest = squares.indexOf(Math.max(...squares));
  const [j, k] = [(largest + 1) % 3, (largest + 2) % 3];
  const main = Math.sqrt(Math.max(0, squares[largest] ?? 0)) / 2;
  const result: [number, number, number] = [0, 0, 0];
  result[largest] = main;
  result[j] = (m(largest, j) + m(j, largest)) / (4 * main);
  result[k] = (m(largest, k) + m(k, largest)) / (4 * main);
  const a = (m(k, j) - m(j, k)) / (4 * main);
  return { quaternion: a < 0 ? [-result[0], -result[1], -result[2]] : result, handed };
}
