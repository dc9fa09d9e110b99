import { createHash } from 'node:crypto';
import type { DataSet, Element } from 'dicom-parser';
import type { DeidentifyOptions } from '../../../preload/deidentify.ts';
import { readText } from '../dicom/element-values.ts';
import { lookUpTag } from '../dicom/dictionary.ts';
import { isEncapsulatedSyntax, parseWhole } from '../dicom/read-head.ts';
import type { ParsedDataSet } from '../dicom/data-set.ts';
import { transferSyntaxes } from '../dicom/uids.ts';
import { encodedElements, metaGroup } from '../export/part10.ts';
import { actionFor } from './actions.ts';
import type { Action } from './actions.ts';
import { changeValue } from './change-value.ts';
import type { ChangeContext } from './change-value.ts';
import { elementHead, encodeElement, encodeSequence, littleEndianValue, vrOf } from './encode.ts';
import type { Pseudonyms } from './pseudonyms.ts';
import { removalRecord } from './record.ts';

export interface DeidentifiedFile {
  bytes: Uint8Array;
  /** What was done to which element, as "tag action", with how often. */
  done: Map<string, number>;
}

interface Context extends ChangeContext {
  options: DeidentifyOptions;
  bigEndian: boolean;
  isSigned: boolean;
  bitsAllocated: number;
  patient: string;
  done: Map<string, number>;
}

const method = ['Verisim: each element by PS3.15 table E.1-1', 'Private and unknown elements removed'];
/** Attributes of the Patient and General Study modules that every image must have, if only empty (PS3.3 C.7.1.1, C.7.2.1). */
const requiredEmpty = {
  PatientName: '',
  PatientID: '',
  PatientBirthDate: '',
  PatientSex: '',
  StudyDate: '',
  StudyTime: '',
  StudyID: '',
  AccessionNumber: '',
  ReferringPhysicianName: '',
};
/** Body Part Examined, Laterality, Image Laterality, Shared Functional Groups: with none, Laterality is required, if only empty. */
const lateralityTags = ['00180015', '00200060', '00200062', '52009229'];
const pixelTag = 'x7fe00010';

/**
 * A DICOM file after PS3.15 E.1 with the chosen options, inside sequences too: pixels as they are, still compressed where they
 * were; everything else as Explicit VR Little Endian. Throws DicomInvalid.
 */
export function deidentifyFile(
  file: Uint8Array,
  path: string,
  { options, pseudonyms }: { options: DeidentifyOptions; pseudonyms: Pseudonyms },
): DeidentifiedFile {
  const parsed = parseWhole(file, path);
  const { dataSet, bigEndian } = parsed;
  const patientId = readText(dataSet, 'x00100020');
  const done = new Map<string, number>();
  const context: Context = {
    options,
    pseudonyms,
    bigEndian,
    isSigned: dataSet.elements['x00280103'] !== undefined && dataSet.uint16('x00280103') === 1,
    bitsAllocated: dataSet.elements['x00280100'] === undefined ? 16 : (dataSet.uint16('x00280100') ?? 16),
    characterSet: readText(dataSet, 'x00080005'),
    patient: pseudonyms.patient(patientId),
    shiftDays: pseudonyms.shiftDays(patientId),
    done,
  };
  const instance = readText(dataSet, 'x00080018');
  const record = encodedElements(removalRecord(options, method));
  const recorded = new Set(record.map(({ tag }) => tag));
  const kept = rewritten(dataSet, context).filter(({ tag }) => !recorded.has(tag));
  const present = new Set(kept.map(({ tag }) => tag));
  const needsLaterality = !lateralityTags.some((tag) => present.has(tag));
  const sopInstanceUid = options.uids && instance !== '' ? instance : pseudonyms.uid(instance || contentName(file));
  const needed = { ...requiredEmpty, SOPInstanceUID: sopInstanceUid, ...(needsLaterality ? { Laterality: '' } : {}) };
  const required = encodedElements(needed).filter(({ tag }) => !present.has(tag));
  const elements = [...kept, ...record, ...required];
  elements.sort((a, b) => (a.tag < b.tag ? -1 : 1));
  const meta = metaGroup({
    sopClassUid: readText(dataSet, 'x00080016'),
    sopInstanceUid,
    transferSyntaxUid: isEncapsulatedSyntax(parsed.transferSyntaxUid)
      ? parsed.transferSyntaxUid
      : transferSyntaxes.explicitLittleEndian,
  });
  const bytes = Buffer.concat([meta, ...elements.map((element) => element.bytes), ...pixels(parsed, context)]);
  return { bytes: new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.length), done };
}

/** For a file without an identifier of its own. */
function contentName(file: Uint8Array): string {
  return createHash('sha256').update(file).digest('hex');
}

interface Written {
  tag: string;
  bytes: Uint8Array;
}

function rewritten(dataSet: DataSet, context: Context): Written[] {
  const elements = Object.values(dataSet.elements).filter(({ tag }) => isContent(tag));
  return elements
    .flatMap((element): Written[] => {
      const tag = element.tag.slice(1).toUpperCase();
      const bytes = rewriteElement(dataSet, element, context);
      return bytes === null ? [] : [{ tag, bytes }];
    })
    .toSorted((a, b) => (a.tag < b.tag ? -1 : 1));
}

/** Without the meta group, group lengths, item marks and pixels. */
function isContent(tag: string): boolean {
  return !tag.startsWith('x0002') && !tag.startsWith('xfffe') && !tag.endsWith('0000') && tag !== pixelTag;
}

function rewriteElement(dataSet: DataSet, element: Element, context: Context): Uint8Array | null {
  const tag = element.tag.slice(1).toUpperCase();
  const known = lookUpTag(tag);
  const vr = vrOf(element, context.isSigned);
  const isPatient = tag === '00100010' || tag === '00100020';
  const action = known === null || isHiddenSequence(element, known.vr) ? 'remove' : actionFor(tag, vr, context.options);
  if (isPatient) return note(tag, 'dummy', context, encodeElement(tag, vr, Buffer.from(context.patient, 'latin1')));
  if (action === 'remove') return note(tag, action, context, null);
  if (vr === 'SQ') {
    if (action !== 'keep') return note(tag, 'empty', context, encodeSequence(tag, []));
    const items = (element.items ?? []).flatMap(({ dataSet: item }) => item ?? []);
    return encodeSequence(
      tag,
      items.map((item) => Buffer.concat(rewritten(item, context).map(({ bytes }) => bytes))),
    );
  }
  const before = littleEndianValue(dataSet, element, { vr, bigEndian: context.bigEndian });
  const value = changeValue(action, { vr, value: before }, context);
  const bytes = encodeElement(tag, vr, value);
  // Empty values, and the identifiers of the standard itself, stay as they were.
  return bytes.equals(encodeElement(tag, vr, before)) ? bytes : note(tag, action, context, bytes);
}

/** A sequence that the file gives as plain bytes cannot be looked into. */
function isHiddenSequence({ items, length }: Element, knownVr: string): boolean {
  return knownVr === 'SQ' && items === undefined && length > 0;
}

function note(tag: string, action: Action, { done }: Context, bytes: Uint8Array | null): Uint8Array | null {
  if (action !== 'keep') done.set(`${tag} ${action}`, (done.get(`${tag} ${action}`) ?? 0) + 1);
  return bytes;
}

/** Pixel Data: as it is where it is encapsulated, with its words turned where it was big endian. */
function pixels({ dataSet, bytes }: ParsedDataSet, { bigEndian, bitsAllocated }: Context): Uint8Array[] {
  const element = dataSet.elements[pixelTag];
  if (element === undefined) return [];
  const { dataOffset, hadUndefinedLength } = element;
  if (hadUndefinedLength === true || element.length < 0 || element.length === 0xffffffff) {
    const end = endOfItems(bytes, dataOffset);
    const delimiter = Uint8Array.of(0xfe, 0xff, 0xdd, 0xe0, 0, 0, 0, 0);
    return [elementHead('7FE00010', 'OB', 0xffffffff), bytes.subarray(dataOffset, end), delimiter];
  }
  const vr = element.vr === 'OB' ? 'OB' : 'OW';
  const width = vr === 'OB' ? 1 : Math.max(2, bitsAllocated / 8);
  return [encodeElement('7FE00010', vr, littleEndianValue(dataSet, element, { vr, bigEndian, width }))];
}

/** Behind the last fragment (PS3.5 A.4). */
function endOfItems(bytes: Uint8Array, start: number): number {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = start;
  while (at + 8 <= bytes.length && view.getUint32(at, true) === 0xe000fffe) at += 8 + view.getUint32(at + 4, true);
  return Math.min(at, bytes.length);
}
