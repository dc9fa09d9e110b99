import { explicitVrs } from './dicom/value-representations.ts';

export type FileKind = 'dicom' | 'nifti' | 'raw' | 'gzip' | 'zip' | 'tiff' | 'unknown';

/** How many leading bytes `sniff` wants to see. */
export const sniffLength = 560;

/**
 * Names what a file is by its first bytes, never by its name. `gzip` still has to be looked into.
 * DICOM: "DICM" behind the preamble (PS3.10 §7.1), or a data set that plausibly begins without one.
 * `raw` is NRRD or MetaImage, whose headers are text. NIfTI: header size 348 or 540 and its magic (nifti1.h, nifti2.h).
 */
export function sniff(head: Uint8Array): FileKind {
  if (ascii(head, 128, 4) === 'DICM') return 'dicom';
  if (/^(II[*+]\0|MM\0[*+])/.test(ascii(head, 0, 4))) return 'tiff';
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  if (head[0] === 0x50 && head[1] === 0x4b && (head[2] === 3 || head[2] === 5) && (head[3] === 4 || head[3] === 6)) {
    return 'zip';
  }
  if (isNiftiHead(head)) return 'nifti';
  if (isRawHead(head)) return 'raw';
  return isPlausibleDataSet(head) ? 'dicom' : 'unknown';
}

function isRawHead(head: Uint8Array): boolean {
  if (/^NRRD000\d/.test(ascii(head, 0, 8))) return true;
  const start = ascii(head, 0, 400);
  return (
    /^\s*(ObjectType\s*=\s*Image|NDims\s*=\s*\d)/.test(start) &&
    /DimSize|BinaryData|TransformMatrix|ElementType/.test(start)
  );
}

export function isNiftiHead(head: Uint8Array): boolean {
  if (['n+1\0', 'ni1\0'].includes(ascii(head, 344, 4))) return true;
  return ['n+2\0', 'ni2\0'].includes(ascii(head, 4, 4));
}

/** Analyze 7.5: NIfTI's header size, one to seven plausible dimensions and no magic. */
export function isAnalyzeHead(head: Uint8Array): boolean {
  if (head.length < 348 || isNiftiHead(head)) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [true, false].some((little) => {
    const rank = view.getInt16(40, little);
    if (view.getInt32(0, little) !== 348 || rank < 1 || rank > 7) return false;
    const bits = view.getInt16(72, little);
    return [1, 8, 16, 24, 32, 64].includes(bits) && view.getInt16(42, little) > 0;
  });
}

/** A header that says its size is NIfTI's but whose magic is wrong: reported as a wrong NIfTI header, not as unknown. */
export function resemblesNifti(head: Uint8Array): boolean {
  if (head.length < 348) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  return [348, 540].some((size) => view.getInt32(0, true) === size || view.getInt32(0, false) === size);
}

/** Group 0002 or 0008 first, then either a known VR or a small even implicit length. */
function isPlausibleDataSet(head: Uint8Array): boolean {
  if (head.length < 16) return false;
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  const littleEndian = head[0] !== 0;
  const group = view.getUint16(0, littleEndian);
  if (group !== 0x0002 && group !== 0x0008) return false;
  if (explicitVrs.has(ascii(head, 4, 2))) return view.getUint16(2, littleEndian) <= 0x2000;
  const length = view.getUint32(4, true);
  return littleEndian && view.getUint16(2, true) <= 0x2000 && length <= 1024 && length % 2 === 0;
}

function ascii(bytes: Uint8Array, start: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(start, start + length));
}
