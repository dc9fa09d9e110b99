import type { DataSet } from 'dicom-parser';
import { readUint16 } from './element-values.ts';

/** The groups of a file that hold an overlay plane, as four hexadecimal digits. */
export function overlayGroupsOf(dataSet: DataSet): string[] {
  const groups = Array.from({ length: 16 }, (_, i) => (0x6000 + 2 * i).toString(16));
  return groups.filter((group) => {
    const hasSize = (readUint16(dataSet, `x${group}0010`) ?? 0) > 0 && (readUint16(dataSet, `x${group}0011`) ?? 0) > 0;
    const inPixels = (readUint16(dataSet, `x${group}0102`) ?? 0) > 0 && (readUint16(dataSet, `x${group}0100`) ?? 1) > 1;
    return hasSize && (dataSet.elements[`x${group}3000`] !== undefined || inPixels);
  });
}
