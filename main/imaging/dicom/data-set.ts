import { inflateRawSync } from 'node:zlib';
import dicomParser from 'dicom-parser';
import type { DataSet } from 'dicom-parser';
import { VerisimError } from '../../../preload/errors.ts';
import { hideLongValues } from './long-values.ts';
import { transferSyntaxes } from './uids.ts';
import { explicitVrs } from './value-representations.ts';

export interface ParsedDataSet {
  dataSet: DataSet;
  transferSyntaxUid: string;
  bigEndian: boolean;
  /** The bytes that element offsets refer to: the file, or its inflated data set. */
  bytes: Uint8Array;
  /** Where `bytes` begins in the file; null where the data set was deflated. */
  fileOffset: number | null;
}

/** Deflate reaches 1032 : 1; images do not come near 100 : 1, unless they are empty and small. */
const mostRatio = 100;
const alwaysInflatedBytes = 128 * 2 ** 20;
const largestInflatedBytes = 2 ** 31;
const pixelDataTag = 'x7fe00010';

/**
 * Parses the elements of a DICOM file up to and without the value of Pixel Data. The preamble, the meta group and its
 * transfer syntax may each be missing; the encoding is then read off the first element (PS3.10 §7, PS3.5 §7.1).
 * Throws what dicom-parser throws where the bytes end too early; DicomInvalid where they cannot be a data set.
 */
export function parseDataSet(file: Uint8Array, path: string): ParsedDataSet {
  const { offset, transferSyntaxUid: stated } = readMetaGroup(file);
  const deflated = stated === transferSyntaxes.deflatedLittleEndian;
  const bytes = deflated ? inflate(file.subarray(offset), path) : file.subarray(offset);
  const guessed = guessEncoding(bytes);
  if (guessed === null) {
    throw new VerisimError('DicomInvalid', `"${path}" is not a readable DICOM file: no data set follows its header.`, {
      path,
      expected: 'a DICOM data set',
      found: 'other bytes',
    });
  }
  const transferSyntaxUid = stated ?? guessed;
  // Where the stated syntax contradicts the bytes, the bytes are right.
  const bigEndian = guessed === transferSyntaxes.explicitBigEndian;
  if (guessed !== transferSyntaxes.implicitLittleEndian) hideLongValues(bytes, !bigEndian);
  const dataSet = dicomParser.parseDicom(bytes, { TransferSyntaxUID: guessed, untilTag: pixelDataTag });
  return { dataSet, transferSyntaxUid, bigEndian, bytes, fileOffset: deflated ? null : offset };
}

function readMetaGroup(file: Uint8Array): { offset: number; transferSyntaxUid: string | null } {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const hasPreamble = file.length >= 132 && view.getUint32(128) === 0x4449434d;
  let at = hasPreamble ? 132 : 0;
  let transferSyntaxUid: string | null = null;
  while (at + 8 <= file.length && view.getUint16(at, true) === 0x0002) {
    const vr = String.fromCharCode(view.getUint8(at + 4), view.getUint8(at + 5));
    const long = ['OB', 'OW', 'OF', 'SQ', 'UN', 'UT', 'UC', 'UR'].includes(vr);
    if (!explicitVrs.has(vr) || (long && at + 12 > file.length)) break;
    const length = long ? view.getUint32(at + 8, true) : view.getUint16(at + 6, true);
    const start = at + (long ? 12 : 8);
    if (view.getUint16(at + 2, true) === 0x0010) {
      transferSyntaxUid = String.fromCharCode(...file.subarray(start, start + length)).replace(/[\0 ]+$/, '');
    }
    at = start + length;
  }
  return { offset: Math.min(at, file.length), transferSyntaxUid: transferSyntaxUid === '' ? null : transferSyntaxUid };
}

function guessEncoding(bytes: Uint8Array): string | null {
  if (bytes.length < 8) return null;
  const vr = String.fromCharCode(bytes[4] ?? 0, bytes[5] ?? 0);
  const littleEndian = (bytes[0] ?? 0) !== 0 || (bytes[1] ?? 0) === 0;
  if (explicitVrs.has(vr)) {
    return littleEndian ? transferSyntaxes.explicitLittleEndian : transferSyntaxes.explicitBigEndian;
  }
  return littleEndian ? transferSyntaxes.implicitLittleEndian : null;
}

function inflate(bytes: Uint8Array, path: string): Uint8Array {
  const limit = Math.min(largestInflatedBytes, Math.max(alwaysInflatedBytes, mostRatio * bytes.length));
  try {
    return inflateRawSync(bytes, { maxOutputLength: limit });
  } catch (cause) {
    const tooLarge = cause instanceof Error && 'code' in cause && cause.code === 'ERR_BUFFER_TOO_LARGE';
    throw new VerisimError(
      tooLarge ? 'TooLarge' : 'DicomInvalid',
      tooLarge
        ? `"${path}" inflates to far more than it holds, to more than ${Math.round(limit / 2 ** 20)} MiB, and was not opened.`
        : `"${path}" is a deflated DICOM file whose compressed part is damaged or cut off.`,
      { path, expected: `a whole deflated data set of at most ${limit} bytes`, found: String(cause), cause },
    );
  }
}
