import type { DataSet } from 'dicom-parser';
import { firstItem, readUint16 } from './element-values.ts';

/** Modality LUT (PS3.3 C.11.1): stored value `first` maps to entry 0, values beyond the ends to the end entries. */
export interface ModalityTable {
  first: number;
  entries: Uint16Array;
}

export function readModalityTable(dataSet: DataSet, signed: boolean): ModalityTable | null {
  const item = firstItem(dataSet, 'x00283000');
  const data = item?.elements['x00283006'];
  if (item === undefined || data === undefined) return null;
  const count = (readUint16(item, 'x00283002') ?? 0) || 65536;
  const first = (signed ? item.int16('x00283002', 1) : item.uint16('x00283002', 1)) ?? 0;
  // Tables of 8 bits may be packed in bytes.
  const isBytes = data.length < count * 2 && (item.uint16('x00283002', 2) ?? 16) <= 8;
  const length = Math.min(count, isBytes ? data.length : Math.floor(data.length / 2));
  const at = (i: number) => (isBytes ? item.byteArray[data.dataOffset + i] : item.uint16('x00283006', i)) ?? 0;
  const entries = Uint16Array.from({ length }, (_, i) => at(i));
  return entries.length === 0 ? null : { first, entries };
}
