import type { DataSet } from 'dicom-parser';
import { decodeText } from './character-set.ts';

/** Values of one element; missing or empty elements give '' / null / []. Tags in dicom-parser's form, x00100010. */
export function readText(dataSet: DataSet, tag: string, characterSet = ''): string {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length <= 0) return '';
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + element.length);
  return decodeText(bytes, characterSet).replace(/\0+$/, '').trim();
}

/** Decimal and integer strings (DS, IS); the `index`-th of several. */
export function readNumber(dataSet: DataSet, tag: string, index = 0): number | null {
  return readNumbers(dataSet, tag)[index] ?? null;
}

export function readNumbers(dataSet: DataSet, tag: string): number[] {
  const text = readText(dataSet, tag);
  if (text === '') return [];
  const numbers = text.split('\\').map((part) => Number(part.trim().replace(',', '.')));
  return numbers.every((value) => Number.isFinite(value)) ? numbers : [];
}

/** Unsigned 16-bit binary (US); some writers use other lengths. */
export function readUint16(dataSet: DataSet, tag: string): number | null {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length < 2) return null;
  return dataSet.uint16(tag) ?? null;
}

/** Items of a sequence as data sets; [] where there is none. */
export function readItems(dataSet: DataSet, tag: string): DataSet[] {
  const items = dataSet.elements[tag]?.items ?? [];
  return items.map((item) => item.dataSet).filter((item) => item !== undefined);
}

export function firstItem(dataSet: DataSet | undefined, tag: string): DataSet | undefined {
  return dataSet === undefined ? undefined : readItems(dataSet, tag)[0];
}

/** FD, as in enhanced objects. */
export function readDouble(dataSet: DataSet, tag: string): number | null {
  const element = dataSet.elements[tag];
  if (element === undefined || element.length < 8) return null;
  return dataSet.double(tag) ?? null;
}
