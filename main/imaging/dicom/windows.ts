import type { DataSet } from 'dicom-parser';
import type { VoiWindow } from '../../../preload/windows.ts';
import { firstItem, readItems, readNumbers, readText, readUint16 } from './element-values.ts';

/** Tables with more entries are thinned evenly; no screen shows more levels. */
const mostEntries = 1024;

/**
 * All windows of a file in their order, then its VOI LUTs (PS3.3 C.11.2): of the data set, else of the functional groups of
 * its first frame.
 */
export function readWindows(dataSet: DataSet, characterSet: string): VoiWindow[] {
  const shared = firstItem(firstItem(dataSet, 'x52009229'), 'x00289132');
  const perFrame = firstItem(firstItem(dataSet, 'x52009230'), 'x00289132');
  const source = [dataSet, shared, perFrame].find((set) => set?.elements['x00281050'] !== undefined);
  const windows = source === undefined ? [] : readPairs(source, characterSet);
  return [...windows, ...readItems(dataSet, 'x00283010').flatMap((item) => readTable(item, characterSet) ?? [])];
}

function readPairs(source: DataSet, characterSet: string): VoiWindow[] {
  const widths = readNumbers(source, 'x00281051');
  const labels = readText(source, 'x00281055', characterSet).split('\\');
  const shape = shapes[readText(source, 'x00281056')];
  return readNumbers(source, 'x00281050').flatMap((centre, index) => {
    const width = widths[index];
    if (width === undefined || width <= 0) return [];
    const label = labels[index]?.trim();
    return [{ centre, width, ...(label ? { label } : {}), ...(shape === undefined ? {} : { shape }) }];
  });
}

const shapes: Record<string, VoiWindow['shape']> = { SIGMOID: 'sigmoid', LINEAR_EXACT: 'linearExact' };

function readTable(item: DataSet, characterSet: string): VoiWindow | null {
  const data = item.elements['x00283006'];
  const count = (readUint16(item, 'x00283002') ?? 0) || 65536;
  if (data === undefined || item.elements['x00283002'] === undefined) return null;
  const signed = item.elements['x00283002']?.vr === 'SS';
  const first = (signed ? item.int16('x00283002', 1) : item.uint16('x00283002', 1)) ?? 0;
  const bits = item.uint16('x00283002', 2) ?? 16;
  const isBytes = data.length < count * 2;
  const length = Math.min(count, isBytes ? data.length : data.length / 2);
  if (length < 2) return null;
  const at = (i: number) => (isBytes ? item.byteArray[data.dataOffset + i] : item.uint16('x00283006', i)) ?? 0;
  let top = 2 ** Math.min(16, Math.max(1, bits)) - 1;
  for (let i = 0; i < length; i++) top = Math.max(top, at(i));
  const size = Math.min(length, mostEntries);
  const outputs = Array.from({ length: size }, (_, i) => at(Math.round((i * (length - 1)) / (size - 1))) / top);
  const label = readText(item, 'x00283003', characterSet);
  return {
    centre: first + (length - 1) / 2,
    width: length - 1,
    ...(label === '' ? {} : { label }),
    table: { first, last: first + length - 1, outputs },
  };
}
