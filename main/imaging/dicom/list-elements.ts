import type { DataSet, Element } from 'dicom-parser';
import type { TagElement } from '../../../preload/domain.ts';
import { decodeText } from './character-set.ts';
import type { ParsedDataSet } from './data-set.ts';
import { lookUpTag } from './dictionary.ts';
import { readText } from './element-values.ts';

const longestValue = 2000;
const mostNumbers = 64;

/** All elements in file order with keyword, VR and a readable value. */
export function listElements({ dataSet }: ParsedDataSet): TagElement[] {
  const result: TagElement[] = [];
  append(dataSet, { depth: 0, characterSet: readText(dataSet, 'x00080005'), result });
  return result;
}

interface Listing {
  depth: number;
  characterSet: string;
  result: TagElement[];
}

function append(dataSet: DataSet, { depth, characterSet, result }: Listing): void {
  for (const element of Object.values(dataSet.elements)) {
    const tag = `(${element.tag.slice(1, 5)},${element.tag.slice(5)})`.toUpperCase();
    if (tag.startsWith('(FFFE')) continue;
    const known = lookUpTag(element.tag.slice(1));
    const vr = element.items === undefined ? (element.vr ?? known?.vr ?? 'UN') : 'SQ';
    const value =
      element.items === undefined ? describe(dataSet, element, { vr, characterSet }) : countItems(element.items.length);
    result.push({ tag, keyword: known?.keyword ?? '', vr, value, depth });
    for (const item of element.items ?? []) {
      if (item.dataSet !== undefined) append(item.dataSet, { depth: depth + 1, characterSet, result });
    }
  }
}

function describe(
  dataSet: DataSet,
  element: Element,
  { vr, characterSet }: { vr: string; characterSet: string },
): string {
  const { tag, length } = element;
  if (length === 0) return '';
  if (tag.startsWith('x7fe0') || ['OB', 'OW', 'OF', 'OD', 'OL', 'OV', 'UN', 'SQ'].includes(vr))
    return describeBytes(element);
  const number = readers[vr];
  if (number !== undefined) {
    const { width, read } = number;
    const count = Math.floor(length / width);
    const values = Array.from({ length: Math.min(count, mostNumbers) }, (_, i) => read(dataSet, tag, i));
    return values.join('\\') + (count > mostNumbers ? '\\…' : '');
  }
  const bytes = dataSet.byteArray.subarray(element.dataOffset, element.dataOffset + Math.min(length, longestValue));
  const text = decodeText(bytes, characterSet).replace(/\0+$/, '').trim();
  return length > longestValue ? `${text}…` : text;
}

const readers: Record<
  string,
  { width: number; read: (dataSet: DataSet, tag: string, i: number) => string | undefined }
> = {
  US: { width: 2, read: (d, tag, i) => d.uint16(tag, i)?.toString() },
  SS: { width: 2, read: (d, tag, i) => d.int16(tag, i)?.toString() },
  UL: { width: 4, read: (d, tag, i) => d.uint32(tag, i)?.toString() },
  SL: { width: 4, read: (d, tag, i) => d.int32(tag, i)?.toString() },
  FL: { width: 4, read: (d, tag, i) => d.float(tag, i)?.toString() },
  FD: { width: 8, read: (d, tag, i) => d.double(tag, i)?.toString() },
  AT: { width: 4, read: (d, tag, i) => attributeTag(d, tag, i) },
};

function attributeTag(dataSet: DataSet, tag: string, index: number): string {
  const hex = (part: number) =>
    (dataSet.uint16(tag, 2 * index + part) ?? 0).toString(16).padStart(4, '0').toUpperCase();
  return `(${hex(0)},${hex(1)})`;
}

function describeBytes({ length, hadUndefinedLength, tag }: Element): string {
  if (tag === 'x7fe00010' && (hadUndefinedLength === true || length < 0 || length === 0xffffffff))
    return 'compressed pixels';
  return `${length} bytes`;
}

function countItems(count: number): string {
  return count === 1 ? '1 item' : `${count} items`;
}
