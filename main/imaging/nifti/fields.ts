import type { TagElement } from '../../../preload/domain.ts';
import { niftiHeaderBytes, parseNiftiHeader } from './header.ts';
import { readInflatedHead } from './read.ts';

type FieldType = 'int16' | 'int32' | 'int64' | 'float32' | 'float64' | 'uint8' | 'text';
/** Name, byte offset, type, how many (bytes for text). */
type Field = readonly [string, number, FieldType, number];

/** nifti1.h */
const nifti1: readonly Field[] = [
  ['sizeof_hdr', 0, 'int32', 1],
  ['dim_info', 39, 'uint8', 1],
  ['dim', 40, 'int16', 8],
  ['intent_p1', 56, 'float32', 1],
  ['intent_p2', 60, 'float32', 1],
  ['intent_p3', 64, 'float32', 1],
  ['intent_code', 68, 'int16', 1],
  ['datatype', 70, 'int16', 1],
  ['bitpix', 72, 'int16', 1],
  ['slice_start', 74, 'int16', 1],
  ['pixdim', 76, 'float32', 8],
  ['vox_offset', 108, 'float32', 1],
  ['scl_slope', 112, 'float32', 1],
  ['scl_inter', 116, 'float32', 1],
  ['slice_end', 120, 'int16', 1],
  ['slice_code', 122, 'uint8', 1],
  ['xyzt_units', 123, 'uint8', 1],
  ['cal_max', 124, 'float32', 1],
  ['cal_min', 128, 'float32', 1],
  ['slice_duration', 132, 'float32', 1],
  ['toffset', 136, 'float32', 1],
  ['descrip', 148, 'text', 80],
  ['aux_file', 228, 'text', 24],
  ['qform_code', 252, 'int16', 1],
  ['sform_code', 254, 'int16', 1],
  ['quatern', 256, 'float32', 3],
  ['qoffset', 268, 'float32', 3],
  ['srow_x', 280, 'float32', 4],
  ['srow_y', 296, 'float32', 4],
  ['srow_z', 312, 'float32', 4],
  ['intent_name', 328, 'text', 16],
  ['magic', 344, 'text', 4],
];

/** nifti2.h */
const nifti2: readonly Field[] = [
  ['sizeof_hdr', 0, 'int32', 1],
  ['magic', 4, 'text', 4],
  ['datatype', 12, 'int16', 1],
  ['bitpix', 14, 'int16', 1],
  ['dim', 16, 'int64', 8],
  ['intent_p1', 80, 'float64', 1],
  ['intent_p2', 88, 'float64', 1],
  ['intent_p3', 96, 'float64', 1],
  ['pixdim', 104, 'float64', 8],
  ['vox_offset', 168, 'int64', 1],
  ['scl_slope', 176, 'float64', 1],
  ['scl_inter', 184, 'float64', 1],
  ['cal_max', 192, 'float64', 1],
  ['cal_min', 200, 'float64', 1],
  ['slice_duration', 208, 'float64', 1],
  ['toffset', 216, 'float64', 1],
  ['slice_start', 224, 'int64', 1],
  ['slice_end', 232, 'int64', 1],
  ['descrip', 240, 'text', 80],
  ['aux_file', 320, 'text', 24],
  ['qform_code', 344, 'int32', 1],
  ['sform_code', 348, 'int32', 1],
  ['quatern', 352, 'float64', 3],
  ['qoffset', 376, 'float64', 3],
  ['srow_x', 400, 'float64', 4],
  ['srow_y', 432, 'float64', 4],
  ['srow_z', 464, 'float64', 4],
  ['slice_code', 496, 'int32', 1],
  ['xyzt_units', 500, 'int32', 1],
  ['intent_code', 504, 'int32', 1],
  ['intent_name', 508, 'text', 16],
  ['dim_info', 524, 'uint8', 1],
];

/** The header fields by the names of nifti1.h and nifti2.h; `tag` is the field, `vr` its type. Throws NiftiInvalid. */
export async function listNiftiFields(path: string): Promise<TagElement[]> {
  const bytes = await readInflatedHead(path, niftiHeaderBytes);
  const { version, littleEndian } = parseNiftiHeader(bytes, path);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return (version === 1 ? nifti1 : nifti2).map(([name, offset, type, count]) => ({
    tag: name,
    keyword: name,
    vr: type,
    value: type === 'text' ? text(bytes, offset, count) : numbers({ view, offset, type, count, littleEndian }),
    depth: 0,
  }));
}

function numbers(field: {
  view: DataView;
  offset: number;
  type: Exclude<FieldType, 'text'>;
  count: number;
  littleEndian: boolean;
}): string {
  const { view, offset, type, count, littleEndian } = field;
  const values = Array.from({ length: count }, (_, i) => {
    if (type === 'uint8') return view.getUint8(offset + i);
    if (type === 'int16') return view.getInt16(offset + 2 * i, littleEndian);
    if (type === 'int32') return view.getInt32(offset + 4 * i, littleEndian);
    if (type === 'float32') return view.getFloat32(offset + 4 * i, littleEndian);
    if (type === 'float64') return view.getFloat64(offset + 8 * i, littleEndian);
    return view.getBigInt64(offset + 8 * i, littleEndian);
  });
  return values
    .map((value) => (typeof value === 'number' ? String(Number(value.toPrecision(7))) : String(value)))
    .join(' ');
}

function text(bytes: Uint8Array, offset: number, length: number): string {
  return (
    Buffer.from(bytes.subarray(offset, offset + length))
      .toString('latin1')
      .split('\0')[0] ?? ''
  );
}
