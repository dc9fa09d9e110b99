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

const decoders = new Map<string, TextDecoder>();

/** Text of a string element. The last character set of a list that we know decides; ISO 2022 escapes are taken out. */
export function decodeText(bytes: Uint8Array, characterSet: string): string {
  const names = characterSet.split('\\').map((name) => name.trim().replace('ISO 2022 IR', 'ISO_IR'));
  const label = names.map((name) => labels[name]).findLast((known) => known !== undefined) ?? 'iso-8859-1';
  const text = decoderFor(label).decode(bytes);
  return label === 'iso-2022-jp' ? text : text.replaceAll(/\u001b[$(),\-.]*[\x20-\x7e]/g, '');
}

function decoderFor(label: string): TextDecoder {
  const decoder = decoders.get(label) ?? new TextDecoder(label);
  decoders.set(label, decoder);
  return decoder;
}
