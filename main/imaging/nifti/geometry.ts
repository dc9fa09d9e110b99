import type { Vector3 } from '../../../preload/domain.ts';
import { straighten } from '../slice-origins.ts';
import type { SliceGeometry } from '../slice-origins.ts';

export interface NiftiGeometry extends SliceGeometry {
  originLps: Vector3;
  warnings: string[];
}

/** Rows of a 3 × 4 matrix from voxel index to millimetres. */
type Affine = readonly [readonly number[], readonly number[], readonly number[]];

const unitMillimetres: Record<number, number> = { 1: 1000, 2: 1, 3: 1e-3 };

/**
 * Affine by nifti1.h: method 3 (sform) if sform_code > 0, else method 2 (qform). Where both codes are 0 the image lies as an
 * Analyze image does, which is how nibabel, FSL and SPM take it. RAS becomes LPS by turning x and y round. A sheared affine keeps
 * its first two axes and the places of its slices.
 */
export function niftiGeometry(
  view: DataView,
  header: {
    version: 1 | 2;
    littleEndian: boolean;
    pixdim: number[];
    spaceUnit: number;
    /** Columns, rows, slices and time points. */
    dimensions: readonly [number, number, number, number];
  },
): NiftiGeometry {
  const { version, littleEndian: little, pixdim, dimensions } = header;
  const start = version === 1 ? 252 : 344;
  const code = (i: number) =>
    version === 1 ? view.getInt16(start + 2 * i, little) : view.getInt32(start + 4 * i, little);
  const values = start + (version === 1 ? 4 : 8);
  const value = (i: number) =>
    version === 1 ? view.getFloat32(values + 4 * i, little) : view.getFloat64(values + 8 * i, little);
  const [qformCode, sformCode] = [code(0), code(1)];
  const quaternion = Array.from({ length: 6 }, (_, i) => value(i));
  const sform: Affine = [0, 1, 2].map((row) => [0, 1, 2, 3].map((column) => value(6 + 4 * row + column))) as [
    number[],
    number[],
    number[],
  ];
  const qform = qformAffine(quaternion, pixdim);
  const sformIsUsable =
    sformCode > 0 && sform.flat().every(Number.isFinite) && columnLengths(sform).every((n) => n > 0);
  const warnings: string[] = [];
  if (sformIsUsable && qformCode > 0 && differ(sform, qform)) {
    warnings.push('The sform and the qform of the header disagree; the sform is used.');
  }
  if (!sformIsUsable && qformCode <= 0)
    warnings.push('The header gives no orientation; left and right are not certain.');
  const chosen = sformIsUsable ? sform : qformCode > 0 ? qform : centredAffine(pixdim, dimensions);
  const scale = unitMillimetres[header.spaceUnit] ?? 1;
  return { ...decompose(chosen, { scale, slices: dimensions[2], frames: dimensions[3] }, warnings), warnings };
}

/** Analyze 7.5 says nothing of orientation. */
export function analyzeGeometry(
  pixdim: number[],
  dimensions: readonly [number, number, number, number],
): NiftiGeometry {
  const place = { scale: 1, slices: dimensions[2], frames: dimensions[3] };
  const warnings = ['Analyze 7.5 gives no orientation; left and right are not certain.'];
  return { ...decompose(centredAffine(pixdim, dimensions), place, warnings), warnings };
}

function decompose(
  affine: Affine,
  { scale, slices, frames }: { scale: number; slices: number; frames: number },
  warnings: string[],
): Omit<NiftiGeometry, 'warnings'> {
  const lps = affine.map((row, axis) => row.map((entry) => (axis < 2 ? -entry : entry) * scale));
  const column = (c: number): Vector3 => [lps[0]?.[c] ?? 0, lps[1]?.[c] ?? 0, lps[2]?.[c] ?? 0];
  const originLps = column(3);
  const { shearDegrees, ...geometry } = straighten([column(0), column(1), column(2)], { originLps, slices, frames });
  if (shearDegrees > 0) {
    const degrees = shearDegrees.toFixed(1);
    warnings.push(`The axes are sheared by ${degrees}°; reformatted planes are shown without correction.`);
  }
  return { ...geometry, originLps };
}

function qformAffine([b = 0, c = 0, d = 0, x = 0, y = 0, z = 0]: number[], pixdim: number[]): Affine {
  const a = Math.sqrt(Math.max(0, 1 - b * b - c * c - d * d));
  const rotation = [
    [a * a + b * b - c * c - d * d, 2 * (b * c - a * d), 2 * (b * d + a * c)],
    [2 * (b * c + a * d), a * a + c * c - b * b - d * d, 2 * (c * d - a * b)],
    [2 * (b * d - a * c), 2 * (c * d + a * b), a * a + d * d - b * b - c * c],
  ];
  const steps = steps3(pixdim);
  const handed = (pixdim[0] ?? 1) < 0 ? -1 : 1;
  const row = (r: number, origin: number) => [
    ...[0, 1, 2].map((axis) => (rotation[r]?.[axis] ?? 0) * (steps[axis] ?? 1) * (axis === 2 ? handed : 1)),
    origin,
  ];
  return [row(0, x), row(1, y), row(2, z)];
}

/** Columns from right to left, rows from posterior to anterior, with the middle of the image at the origin. */
function centredAffine(pixdim: number[], extents: readonly number[]): Affine {
  const steps = steps3(pixdim);
  const row = (axis: number, sense: 1 | -1): number[] => {
    const step = sense * (steps[axis] ?? 1);
    return [0, 1, 2, 3].map((c) => (c === axis ? step : c === 3 ? (-step * ((extents[axis] ?? 1) - 1)) / 2 : 0));
  };
  return [row(0, -1), row(1, 1), row(2, 1)];
}

function steps3(pixdim: number[]): number[] {
  return [1, 2, 3].map((axis) => Math.abs(pixdim[axis] ?? 1) || 1);
}

/** Offsets to 1 mm; directions, in the unit of their own column, to 1 %. */
function differ(one: Affine, other: Affine): boolean {
  const lengths = columnLengths(one);
  return one.some((row, r) =>
    row.some((entry, c) => Math.abs(entry - (other[r]?.[c] ?? 0)) > (c === 3 ? 1 : 0.01 * (lengths[c] ?? 1))),
  );
}

function columnLengths(affine: Affine): number[] {
  return [0, 1, 2].map((c) => Math.hypot(affine[0][c] ?? 0, affine[1][c] ?? 0, affine[2][c] ?? 0));
}
