import type { Direction9, Vector3 } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';

/** What the text header of an NRRD or MetaImage says, in the terms of the volume that it becomes. */
export interface RawHeader {
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
  directionLps: Direction9;
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

/** Three directions of the file (LPS, with their lengths) as spacing and unit vectors; warns of a shear. */
export function geometryOf(
  axes: readonly [Vector3, Vector3, Vector3],
): { spacingMm: Vector3; directionLps: Direction9; warnings: string[] } | null {
  const lengths = axes.map((axis) => Math.hypot(...axis)) as [number, number, number];
  if (lengths.some((length) => !(length > 0) || !Number.isFinite(length))) return null;
  const [a, b, c] = axes.map((axis, i) => axis.map((value) => value / (lengths[i] ?? 1) + 0)) as [
    number[],
    number[],
    number[],
  ];
  const dot = (p: number[], q: number[]) => p.reduce((sum, value, i) => sum + value * (q[i] ?? 0), 0);
  const skew = Math.max(Math.abs(dot(a, b)), Math.abs(dot(a, c)), Math.abs(dot(b, c)));
  const warnings =
    skew > 0.01
      ? [
          `The axes are sheared by ${((Math.asin(Math.min(1, skew)) * 180) / Math.PI).toFixed(1)}°; reformatted planes are shown without correction.`,
        ]
      : [];
  return { spacingMm: lengths, directionLps: [...a, ...b, ...c] as unknown as Direction9, warnings };
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
