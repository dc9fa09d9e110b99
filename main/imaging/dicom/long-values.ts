const sequenceTag = 0xfffe;
const undefinedLength = 0xffffffff;
/** Value representations with a 32-bit length behind two reserved bytes (PS3.5 §7.1.2). */
const longLength = new Set(['OB', 'OD', 'OF', 'OL', 'OV', 'OW', 'SQ', 'SV', 'UC', 'UN', 'UR', 'UT', 'UV']);
/** Of those, the ones that dicom-parser takes for short ones. */
const misread = new Set(['OV', 'SV', 'UV']);

/**
 * Names every 64-bit element (OV, SV, UV) of an explicit data set unknown (UN), in place: dicom-parser gives those a short length
 * and loses its way, while it reads unknown bytes right. Extended Offset Tables are such elements. Headers are followed one
 * after another, into sequences as well; what cannot be followed is left as it is.
 */
export function hideLongValues(bytes: Uint8Array, littleEndian: boolean): void {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let at = 0; at + 8 <= bytes.length;) {
    if (view.getUint16(at, littleEndian) === sequenceTag) {
      at += 8;
      continue;
    }
    const vr = String.fromCharCode(bytes[at + 4] ?? 0, bytes[at + 5] ?? 0);
    if (!longLength.has(vr)) {
      at += 8 + view.getUint16(at + 6, littleEndian);
      continue;
    }
    if (at + 12 > bytes.length) return;
    const length = view.getUint32(at + 8, littleEndian);
    if (misread.has(vr)) bytes.set([0x55, 0x4e], at + 4);
    at += 12;
    if (vr === 'SQ') continue;
    if (length !== undefinedLength) at += length;
    else at = endOfFragments(view, at, littleEndian);
  }
}

/** Behind the fragments that begin at `at`; the end of the bytes where it is not fragments that lie there. */
function endOfFragments(view: DataView, start: number, littleEndian: boolean): number {
  let at = start;
  while (at + 8 <= view.byteLength && view.getUint16(at + 2, littleEndian) === 0xe000) {
    const length = view.getUint32(at + 4, littleEndian);
    if (length === undefinedLength) return view.byteLength;
    at += 8 + length;
  }
  return at;
}
