import { lookUpKeyword } from '../dicom/dictionary.ts';
import { transferSyntaxes } from '../dicom/uids.ts';
import { deriveUid } from './uid.ts';

export type ElementValue =
  string | number | readonly string[] | readonly number[] | Uint8Array | Uint16Array | Int16Array | readonly Elements[];

/** Keyword (PS3.6) → value; an empty string or list gives an element of length 0, undefined none. */
export interface Elements {
  [keyword: string]: ElementValue | undefined;
}

const longVrs = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'UC', 'UN', 'UR', 'UT']);
const longestDecimalString = 16;

/**
 * A DICOM Part 10 file, Explicit VR Little Endian, elements in ascending order, sequences with defined lengths: equal
 * input gives equal bytes. Text is UTF-8 (set SpecificCharacterSet). Source: PS3.10 §7, PS3.5 §6.2 and §7.
 */
export function writePart10(elements: Elements & { SOPClassUID: string; SOPInstanceUID: string }): Uint8Array {
  const meta = metaGroup({
    sopClassUid: elements.SOPClassUID,
    sopInstanceUid: elements.SOPInstanceUID,
    transferSyntaxUid: transferSyntaxes.explicitLittleEndian,
  });
  return new Uint8Array(Buffer.concat([meta, encodeElements(elements)]));
}

/** Preamble, "DICM" and group 0002. */
export function metaGroup(file: {
  sopClassUid: string;
  sopInstanceUid: string;
  transferSyntaxUid: string;
}): Uint8Array {
  const rest = encodeElements({
    FileMetaInformationVersion: Uint8Array.of(0, 1),
    MediaStorageSOPClassUID: file.sopClassUid,
    MediaStorageSOPInstanceUID: file.sopInstanceUid,
    TransferSyntaxUID: file.transferSyntaxUid,
    ImplementationClassUID: deriveUid('Verisim DICOM writer 1'),
    ImplementationVersionName: 'VERISIM_1',
  });
  const length = encodeElements({ FileMetaInformationGroupLength: rest.length });
  const preamble = new Uint8Array(132);
  preamble.set(new TextEncoder().encode('DICM'), 128);
  return new Uint8Array(Buffer.concat([preamble, length, rest]));
}

/** The decimal string (DS) of at most 16 characters nearest to a number. */
export function decimalString(value: number): string {
  const plain = String(value);
  if (plain.length <= longestDecimalString) return plain;
  for (let digits = 15; digits > 0; digits--) {
    const text = String(Number(value.toPrecision(digits)));
    if (text.length <= longestDecimalString) return text;
  }
  return value.toExponential(8);
}

function encodeElements(elements: Elements): Uint8Array {
  return Buffer.concat(encodedElements(elements).map(({ bytes }) => bytes));
}

/** Each element by itself, in ascending order of their tags (eight hexadecimal digits). */
export function encodedElements(elements: Elements): { tag: string; bytes: Uint8Array }[] {
  const encoded = Object.entries(elements).flatMap(([keyword, value]) => {
    const known = lookUpKeyword(keyword);
    if (known === null) throw new RangeError(`no DICOM attribute has the keyword ${keyword}`);
    return value === undefined ? [] : [{ tag: known.tag, bytes: encodeElement(known, value) }];
  });
  return encoded.sort((a, b) => (a.tag < b.tag ? -1 : 1));
}

function encodeElement({ tag, vr: stated }: { tag: string; vr: string }, value: ElementValue): Uint8Array {
  const vr = actualVr(stated, value);
  const content = pad(encodeValue(value, vr), vr);
  const isLong = longVrs.has(vr);
  const head = Buffer.alloc(isLong ? 12 : 8);
  head.writeUInt16LE(parseInt(tag.slice(0, 4), 16), 0);
  head.writeUInt16LE(parseInt(tag.slice(4), 16), 2);
  head.write(vr, 4, 'latin1');
  if (isLong) head.writeUInt32LE(content.length, 8);
  else head.writeUInt16LE(content.length, 6);
  return Buffer.concat([head, content]);
}

/** The dictionary leaves the choice open for pixels (ox) and pixel-valued numbers (xs). */
function actualVr(vr: string, value: ElementValue): string {
  if (vr === 'ox') return value instanceof Uint8Array ? 'OB' : 'OW';
  if (vr === 'xs') return [value].flat().some((entry) => typeof entry === 'number' && entry < 0) ? 'SS' : 'US';
  return vr;
}

function encodeValue(value: ElementValue, vr: string): Uint8Array {
  if (value instanceof Uint8Array) return value;
  if (value instanceof Uint16Array || value instanceof Int16Array) return littleEndian(value);
  if (vr === 'SQ') return encodeItems(value);
  const values = [value].flat();
  if (vr === 'US') return packed(values, 2, (view, at, n) => view.setUint16(at, n, true));
  if (vr === 'SS') return packed(values, 2, (view, at, n) => view.setInt16(at, n, true));
  if (vr === 'UL') return packed(values, 4, (view, at, n) => view.setUint32(at, n, true));
  if (vr === 'FL') return packed(values, 4, (view, at, n) => view.setFloat32(at, n, true));
  if (vr === 'FD') return packed(values, 8, (view, at, n) => view.setFloat64(at, n, true));
  const text = values.map((entry) => (typeof entry === 'number' ? decimalString(entry) : String(entry))).join('\\');
  return new TextEncoder().encode(text);
}

function encodeItems(value: ElementValue): Uint8Array {
  const items = Array.isArray(value) ? value : [];
  const encoded = items.flatMap((item) => {
    if (typeof item !== 'object') return [];
    const content = encodeElements(item as Elements);
    const head = Buffer.alloc(8);
    head.writeUInt16LE(0xfffe, 0);
    head.writeUInt16LE(0xe000, 2);
    head.writeUInt32LE(content.length, 4);
    return [head, content];
  });
  return Buffer.concat(encoded);
}

function packed(
  values: readonly unknown[],
  width: number,
  put: (view: DataView, at: number, n: number) => void,
): Uint8Array {
  const numbers = values.filter((value) => typeof value === 'number');
  const bytes = new Uint8Array(numbers.length * width);
  const view = new DataView(bytes.buffer);
  numbers.forEach((number, i) => put(view, i * width, number));
  return bytes;
}

function littleEndian(values: Uint16Array | Int16Array): Uint8Array {
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  values.forEach((value, i) => view.setInt16(2 * i, value, true));
  return bytes;
}

/** To an even length: UIDs and bytes with zero, text with a space. */
function pad(content: Uint8Array, vr: string): Uint8Array {
  if (content.length % 2 === 0) return content;
  const padded = new Uint8Array(content.length + 1);
  padded.set(content);
  if (vr !== 'UI' && vr !== 'OB' && vr !== 'UN') padded[content.length] = 0x20;
  return padded;
}
