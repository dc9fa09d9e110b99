import type { Vector3 } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { straighten } from '../slice-origins.ts';
import type { SliceGeometry } from '../slice-origins.ts';

/** What the text header of an NRRD or MetaImage says, in the terms of the volume that it becomes. */
export interface RawHeader extends SliceGeometry {
  format: 'nrrd' | 'metaimage';
  /** As shown to people: NRRD-5, METAIMAGE. */
  version: string;
  /** Fields in the order of the file, for the list of tags. */
  fields: { name: string; value: string }[];
  /** Columns, rows, slices, and the product of all further dimensions. */
  dimensions: readonly [number, number, number, number];
  /** Samples of one voxel that lie together in the file: 3 or 4 bytes of colour, or components that become frames. */
  components: number;
  isColour: boolean;
  type: RawType;
  littleEndian: boolean;
  encoding: 'raw' | 'gzip' | 'text';
  /** The file of the voxels beside the header; null where they follow the header. */
  dataFile: string | null;
  /** Of the voxels, from the start of their file; −1 to count from its end. */
  offset: number;
  spacingMm: Vector3;
  originLps: Vector3;
  warnings: string[];
}

export type RawType =
  'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'float32' | 'float64';

export const rawTypeBytes: Record<RawType, number> = {
  int8: 1,
  uint8: 1,
  int16: 2,
  uint16: 2,
  int32: 4,
  uint32: 4,
  int64: 8,
  uint64: 8,
  float32: 4,
  float64: 8,
};

export function invalidRaw(path: string, expected: string, found: string): VerisimError {
  return new VerisimError(
    'VolumeInvalid',
    `"${path}" is not a usable NRRD or MetaImage file: expected ${expected}, found ${found}.`,
    { path, expected, found },
  );
}

/** Three directions of the file (LPS, with their lengths) as a volume's; warns of a shear. Null for an axis without length. */
export function geometryOf(
  axes: readonly [Vector3, Vector3, Vector3],
  place: { originLps: Vector3; dimensions: readonly [number, number, number, number] },
): (SliceGeometry & { originLps: Vector3; warnings: string[] }) | null {
  if (axes.some((axis) => !(Math.hypot(...axis) > 0) || !axis.every(Number.isFinite))) return null;
  const { originLps, dimensions } = place;
  const { shearDegrees, ...geometry } = straighten(axes, { originLps, slices: dimensions[2], frames: dimensions[3] });
  const degrees = shearDegrees.toFixed(1);
  const sheared = `The axes are sheared by ${degrees}°; reformatted planes are shown without correction.`;
  return { ...geometry, originLps, warnings: shearDegrees > 0 ? [sheared] : [] };
}

/** Extents as a volume has them. Throws VolumeInvalid unless all are whole and at least 1. */
export function dimensionsOf(sizes: number[], path: string): readonly [number, number, number, number] {
  const [columns = 1, rows = 1, slices = 1, ...further] = sizes;
  const all = [columns, rows, slices, ...further];
  if (sizes.length === 0 || all.some((n) => !Number.isInteger(n) || n < 1 || n > 1e7)) {
    throw invalidRaw(path, 'extents of at least 1', sizes.join(' ') || 'none');
  }
  return [columns, rows, slices, further.reduce((product, n) => product * n, 1)];
}
