/** One field of a TIFF directory that is to be written. */
export type TiffEntry =
  | { tag: number; type: 'short' | 'long' | 'long8' | 'rational'; values: readonly number[] }
  | { tag: number; type: 'ascii' | 'byte'; text: string };

const codes = { byte: 1, ascii: 2, short: 3, long: 4, rational: 5, long8: 16 } as const;
const sizes = { byte: 1, ascii: 1, short: 2, long: 4, rational: 8, long8: 8 } as const;

/** Directories of a BigTIFF, little endian, chained one after another; the first one begins at `start`, with what does not fit into entries after each. */
export function directoryBytes(directories: readonly (readonly TiffEntry[])[], start: number): Buffer {
  const parts: Buffer[] = [];
  let at = start;
  directories.forEach((entries, index) => {
    const sorted = entries.toSorted((a, b) => a.tag - b.tag);
    const head = Buffer.alloc(8 + sorted.length * 20 + 8);
    head.writeBigUInt64LE(BigInt(sorted.length), 0);
    const values: Buffer[] = [];
    let end = at + head.length;
    sorted.forEach((entry, i) => {
      const bytes = valueBytes(entry);
      const place = 8 + 20 * i;
      head.writeUInt16LE(entry.tag, place);
      head.writeUInt16LE(codes[entry.type], place + 2);
      head.writeBigUInt64LE(BigInt(bytes.length / sizes[entry.type]), place + 4);
      if (bytes.length <= 8) bytes.copy(head, place + 12);
      else {
        head.writeBigUInt64LE(BigInt(end), place + 12);
        const padding = Buffer.alloc((8 - (bytes.length % 8)) % 8);
        values.push(bytes, padding);
        end += bytes.length + padding.length;
      }
    });
    if (index + 1 < directories.length) head.writeBigUInt64LE(BigInt(end), head.length - 8);
    parts.push(head, ...values);
    at = end;
  });
  return Buffer.concat(parts);
}

function valueBytes(entry: TiffEntry): Buffer {
  if ('text' in entry) return Buffer.from(entry.type === 'ascii' ? `${entry.text}\0` : entry.text, 'utf8');
  const bytes = Buffer.alloc(entry.values.length * sizes[entry.type]);
  entry.values.forEach((value, i) => {
    const at = i * sizes[entry.type];
    if (entry.type === 'short') bytes.writeUInt16LE(value, at);
    else if (entry.type === 'long') bytes.writeUInt32LE(value, at);
    else if (entry.type === 'long8') bytes.writeBigUInt64LE(BigInt(value), at);
    else {
      // A thousandth of a pixel per centimetre is far below what any scanner states.
      bytes.writeUInt32LE(Math.round(value * 1000), at);
      bytes.writeUInt32LE(1000, at + 4);
    }
  });
  return bytes;
}
