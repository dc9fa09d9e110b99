import { swapBytes } from '../dicom/stored-values.ts';
import type { ScalarArray, ScalarType } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { allocateVoxels, VoxelStore } from '../voxel-store.ts';
import { invalid } from './header.ts';
import type { NiftiHeader } from './header.ts';

interface Datatype {
  bytes: number;
  /** What the values are kept as without a scale; wider types become float32. */
  type: ScalarType;
  read: (buffer: ArrayBuffer) => ArrayLike<number>;
  /** Of the parts that byte order concerns, where a value has two. */
  partBytes?: number;
}

/** nifti1.h DT_ codes of one sample. 64-bit types lose digits beyond 24 bits. */
const datatypes: Record<number, Datatype> = {
  2: { bytes: 1, type: 'uint8', read: (b) => new Uint8Array(b) },
  4: { bytes: 2, type: 'int16', read: (b) => new Int16Array(b) },
  8: { bytes: 4, type: 'int32', read: (b) => new Int32Array(b) },
  16: { bytes: 4, type: 'float32', read: (b) => new Float32Array(b) },
  64: { bytes: 8, type: 'float32', read: (b) => new Float64Array(b) },
  256: { bytes: 1, type: 'int8', read: (b) => new Int8Array(b) },
  512: { bytes: 2, type: 'uint16', read: (b) => new Uint16Array(b) },
  768: { bytes: 4, type: 'uint32', read: (b) => new Uint32Array(b) },
  1024: { bytes: 8, type: 'float32', read: (b) => Float64Array.from(new BigInt64Array(b), Number) },
  32: { bytes: 8, partBytes: 4, type: 'float32', read: (b) => magnitudes(new Float32Array(b)) },
  1792: { bytes: 16, partBytes: 8, type: 'float32', read: (b) => magnitudes(new Float64Array(b)) },
  1280: { bytes: 8, type: 'float32', read: (b) => Float64Array.from(new BigUint64Array(b), Number) },
};
const rgb24 = 128;
const rgba32 = 2304;

/** Bytes that one voxel of a data type takes; null for those that are not read. */
export function voxelBytes(datatype: number): number | null {
  if (datatype === rgb24) return 3;
  return datatype === rgba32 ? 4 : (datatypes[datatype]?.bytes ?? null);
}

/** Real and imaginary parts in turn. */
function magnitudes(parts: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: parts.length / 2 }, (_, i) =>
    Math.hypot(parts[2 * i] ?? 0, parts[2 * i + 1] ?? 0),
  );
}

/**
 * All voxels of a file, scaled by scl_slope and scl_inter (a slope of 0 means none). RGB stays interleaved
 * bytes, alpha is left away; of complex numbers the magnitude is taken.
 */
export function readNiftiVoxels(
  bytes: Uint8Array,
  header: NiftiHeader,
  path: string,
): { voxels: ScalarArray; scalarType: ScalarType; samplesPerVoxel: 1 | 3 } {
  const [columns, rows, slices, frames] = header.dimensions;
  const count = columns * rows * slices * frames;
  if (header.datatype === rgba32)
    return { ...withoutAlpha(bytes, header, path), scalarType: 'uint8', samplesPerVoxel: 3 };
  const isRgb = header.datatype === rgb24;
  const datatype = isRgb ? datatypes[2] : datatypes[header.datatype];
  if (datatype === undefined) {
    throw new VerisimError(
      'UnsupportedPixelData',
      `"${path}" holds voxels of NIfTI data type ${header.datatype}, which Verisim does not read.`,
      {
        path,
        expected: '8 to 64-bit integers, 32 or 64-bit floats, complex numbers of those, RGB24, RGBA32',
        found: `data type ${header.datatype}`,
      },
    );
  }
  const samples = count * (isRgb ? 3 : 1);
  const needed = samples * datatype.bytes;
  const available = bytes.length - header.voxelOffset;
  if (needed > available) throw invalid(path, `${needed} bytes of voxels`, `${Math.max(0, available)}`);
  const scaled = !isRgb && header.slope !== 0 && !(header.slope === 1 && header.intercept === 0);
  const isDirect = !scaled && datatype.bytes <= 4;
  if (isDirect) {
    const voxels = allocateVoxels(datatype.type, samples, path);
    const raw = new Uint8Array(voxels.buffer);
    raw.set(bytes.subarray(header.voxelOffset, header.voxelOffset + needed));
    if (!header.littleEndian) swapBytes(raw, datatype.bytes);
    return { voxels, scalarType: datatype.type, samplesPerVoxel: isRgb ? 3 : 1 };
  }
  return { ...readScaled(bytes, { header, datatype, path, slice: columns * rows, count }), samplesPerVoxel: 1 };
}

function withoutAlpha(bytes: Uint8Array, header: NiftiHeader, path: string): { voxels: ScalarArray } {
  const [columns, rows, slices, frames] = header.dimensions;
  const count = columns * rows * slices * frames;
  const available = bytes.length - header.voxelOffset;
  if (count * 4 > available) throw invalid(path, `${count * 4} bytes of voxels`, `${Math.max(0, available)}`);
  const voxels = allocateVoxels('uint8', count * 3, path);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < 3; c++) voxels[3 * i + c] = bytes[header.voxelOffset + 4 * i + c] ?? 0;
  }
  return { voxels };
}

/** Slice by slice, so that only one slice is held twice. */
function readScaled(
  bytes: Uint8Array,
  source: { header: NiftiHeader; datatype: Datatype; path: string; slice: number; count: number },
): { voxels: ScalarArray; scalarType: ScalarType } {
  const { header, datatype, path, slice, count } = source;
  const slope = header.slope === 0 ? 1 : header.slope;
  const intercept = header.slope === 0 ? 0 : header.intercept;
  const whole = Number.isInteger(slope) && Number.isInteger(intercept) && datatype.type !== 'float32';
  const store = new VoxelStore(whole ? 'int16' : 'float32', count, path);
  const values = new Float64Array(slice);
  for (let start = 0; start < count; start += slice) {
    const from = header.voxelOffset + start * datatype.bytes;
    const raw = Uint8Array.from(bytes.subarray(from, from + slice * datatype.bytes));
    if (!header.littleEndian) swapBytes(raw, datatype.partBytes ?? datatype.bytes);
    const stored = datatype.read(raw.buffer);
    for (let i = 0; i < slice; i++) values[i] = (stored[i] ?? 0) * slope + intercept;
    store.put(values, start);
  }
  return { voxels: store.array, scalarType: store.scalarType };
}
