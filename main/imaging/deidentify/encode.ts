import type { DataSet, Element } from 'dicom-parser';
import { lookUpTag } from '../dicom/dictionary.ts';
import { swapBytes } from '../dicom/stored-values.ts';

const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
const widths: Record<string, number> = {
  US: 2,
  SS: 2,
  OW: 2,
  AT: 2,
  UL: 4,
  SL: 4,
  FL: 4,
  OF: 4,
  OL: 4,
  FD: 8,
  OD: 8,
  SV: 8,
  UV: 8,
  OV: 8,
};

/** The VR that an element is written with: its own, or the dictionary's where the file has none. UN where nobody knows. */
export function vrOf({ tag, vr: own, items }: Element, isSigned: boolean): string {
  if (items !== undefined) return 'SQ';
  if (own !== undefined && own !== 'UN') return own;
  const known = lookUpTag(tag.slice(1))?.vr ?? 'UN';
  if (known === 'xs') return isSigned ? 'SS' : 'US';
  if (known === 'ox') return 'OW';
  if (known === 'up') return 'UL';
  return /^[A-Z]{2}$/.test(known) ? known : 'UN';
}

/** The value of an element in little endian. `width` is that of its words where the VR alone does not tell. */
export function littleEndianValue(
  dataSet: DataSet,
  { dataOffset, length }: Element,
  { vr, bigEndian, width = widths[vr] ?? 1 }: { vr: string; bigEndian: boolean; width?: number },
): Uint8Array {
  const bytes = dataSet.byteArray.subarray(dataOffset, dataOffset + Math.max(0, length));
  if (!bigEndian || width === 1 || bytes.length % width !== 0) return bytes;
  const swapped = Uint8Array.from(bytes);
  swapBytes(swapped, width);
  return swapped;
}

/** One element, Explicit VR Little Endian (PS3.5 §7.1.2). A value too long for its VR is written as UN. */
export function encodeElement(tag: string, vr: string, value: Uint8Array): Buffer {
  const isOdd = value.length % 2 === 1;
  const isBinary = vr === 'UI' || vr === 'UN' || vr.startsWith('O');
  const content = isOdd ? Buffer.concat([value, Uint8Array.of(isBinary ? 0 : 0x20)]) : value;
  const written = !longVrs.has(vr) && content.length > 65_535 ? 'UN' : vr;
  return Buffer.concat([elementHead(tag, written, content.length), content]);
}

/** 0xffffffff is the undefined length of encapsulated pixels. */
export function elementHead(tag: string, vr: string, length: number): Uint8Array {
  const isLong = longVrs.has(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(length, 8);
  else head.writeUInt16LE(length, 6);
  return head;
}

/** A sequence with its items, all of defined length. */
export function encodeSequence(tag: string, items: Uint8Array[]): Buffer {
  const parts = items.flatMap((item) => {
    const head = Buffer.alloc(8);
    head.writeUInt16LE(0xfffe, 0);
    head.writeUInt16LE(0xe000, 2);
    head.writeUInt32LE(item.length, 4);
    return [head, item];
  });
  return encodeElement(tag, 'SQ', Buffer.concat(parts));
}
