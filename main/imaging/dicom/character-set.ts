/** Specific Character Set (PS3.3 C.12.1.1.2) to the labels of the WHATWG Encoding Standard. */
const labels: Record<string, string> = {
  'ISO_IR 100': 'iso-8859-1',
  'ISO_IR 101': 'iso-8859-2',
  'ISO_IR 109': 'iso-8859-3',
  'ISO_IR 110': 'iso-8859-4',
  'ISO_IR 144': 'iso-8859-5',
  'ISO_IR 127': 'iso-8859-6',
  'ISO_IR 126': 'iso-8859-7',
  'ISO_IR 138': 'iso-8859-8',
  'ISO_IR 148': 'windows-1254',
  'ISO_IR 203': 'iso-8859-15',
  'ISO_IR 166': 'windows-874',
  'ISO_IR 13': 'shift_jis',
  'ISO_IR 192': 'utf-8',
  GB18030: 'gb18030',
  GBK: 'gbk',
  'ISO_IR 87': 'iso-2022-jp',
  'ISO_IR 159': 'iso-2022-jp',
  'ISO_IR 149': 'euc-kr',
  'ISO_IR 58': 'gb18030',
};

/** How a stretch of bytes is read: as text of a label, or as pairs of seven bits of a Japanese set. */
type Coding = { label: string; pairs?: 'JIS X 0208' | 'JIS X 0212' };

/** Escape sequences of the defined terms (PS3.3 tables C.12-3 and C.12-4), without the escape character itself. */
const escapes: Record<string, Coding> = {
  '-A': { label: 'iso-8859-1' },
  '-B': { label: 'iso-8859-2' },
  '-C': { label: 'iso-8859-3' },
  '-D': { label: 'iso-8859-4' },
  '-L': { label: 'iso-8859-5' },
  '-G': { label: 'iso-8859-6' },
  '-F': { label: 'iso-8859-7' },
  '-H': { label: 'iso-8859-8' },
  '-M': { label: 'windows-1254' },
  '-b': { label: 'iso-8859-15' },
  '-T': { label: 'windows-874' },
  ')I': { label: 'shift_jis' },
  '(J': { label: 'shift_jis' },
  '$)C': { label: 'euc-kr' },
  '$)A': { label: 'gb18030' },
  $B: { label: 'euc-jp', pairs: 'JIS X 0208' },
  '$(D': { label: 'euc-jp', pairs: 'JIS X 0212' },
};

const decoders = new Map<string, TextDecoder>();
const escapeByte = 0x1b;
/** Control characters and the delimiters of names and of several values: after them the first set holds again. */
const delimiters = new Set([0x09, 0x0a, 0x0c, 0x0d, 0x5c, 0x5e, 0x3d]);

/**
 * Text of a string element. With code extensions (ISO 2022) each stretch is read in the set that its escape sequence names;
 * without any, in the first set that is named, or the last where the first is left empty.
 */
export function decodeText(bytes: Uint8Array, characterSet: string): string {
  const names = characterSet.split('\\').map((name) => name.trim().replace('ISO 2022 IR', 'ISO_IR'));
  const known = names.map((name) => labels[name]);
  const first = known[0] ?? known.findLast((label) => label !== undefined) ?? 'iso-8859-1';
  if (!bytes.includes(escapeByte)) return decoderFor(first).decode(bytes);
  return decodeExtended(bytes, first === 'iso-2022-jp' ? 'shift_jis' : first);
}

function decodeExtended(bytes: Uint8Array, initial: string): string {
  let coding: Coding = { label: initial };
  let text = '';
  let start = 0;
  const flush = (end: number): void => {
    if (end > start) text += decodeStretch(bytes.subarray(start, end), coding);
    start = end;
  };
  for (let at = 0; at < bytes.length; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === escapeByte) {
      flush(at);
      const sequence = readEscape(bytes, at + 1);
      coding = escapes[sequence] ?? { label: initial };
      at += sequence.length;
      start = at + 1;
    } else if (coding.pairs === undefined && delimiters.has(byte)) {
      flush(at);
      coding = { label: initial };
    }
  }
  flush(bytes.length);
  return text;
}

/** Intermediate bytes 20–2F and one final byte (ISO 2022). */
function readEscape(bytes: Uint8Array, start: number): string {
  let end = start;
  while (end < bytes.length && (bytes[end] ?? 0) >= 0x20 && (bytes[end] ?? 0) <= 0x2f) end++;
  return String.fromCharCode(...bytes.subarray(start, Math.min(end + 1, start + 4)));
}

function decodeStretch(bytes: Uint8Array, { label, pairs }: Coding): string {
  if (pairs === undefined) return decoderFor(label).decode(bytes);
  const high = Uint8Array.from(bytes, (byte) => byte | 0x80);
  if (pairs === 'JIS X 0208') return decoderFor(label).decode(high);
  // EUC-JP marks the supplementary set with 8F before each pair.
  const marked: number[] = [];
  for (let i = 0; i + 1 < high.length; i += 2) marked.push(0x8f, high[i] ?? 0, high[i + 1] ?? 0);
  return decoderFor(label).decode(Uint8Array.from(marked));
}

function decoderFor(label: string): TextDecoder {
  const decoder = decoders.get(label) ?? new TextDecoder(label);
  decoders.set(label, decoder);
  return decoder;
}
