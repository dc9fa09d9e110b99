/** Small TIFFs field by field, right and wrong ones. */
export type TiffField = readonly [tag: number, type: 2 | 3 | 4 | 7, values: readonly number[] | Buffer];

export interface TiffPlan {
  /** One a directory; `next` names the place of the following one where that is not the natural one. */
  directories: { fields: TiffField[]; next?: number }[];
  /** Behind the header. */
  data?: Buffer;
}

/** Little endian, classic. The data begin at byte 8; directories follow them. */
export function tiffBytes({ directories, data = Buffer.alloc(0) }: TiffPlan): Buffer {
  let at = 8 + data.length + (data.length % 2);
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(at, 4);
  const parts = [header, data, Buffer.alloc(data.length % 2)];
  directories.forEach(({ fields, next }, i) => {
    const length = 2 + 12 * fields.length + 4;
    const directory = Buffer.alloc(length);
    directory.writeUInt16LE(fields.length, 0);
    const values: Buffer[] = [];
    let end = at + length;
    fields.forEach(([tag, type, given], at12) => {
      const entry = 2 + 12 * at12;
      const bytes = Buffer.isBuffer(given) ? given : packed(type, given);
      directory.writeUInt16LE(tag, entry);
      directory.writeUInt16LE(type, entry + 2);
      directory.writeUInt32LE(Buffer.isBuffer(given) ? given.length : given.length, entry + 4);
      if (bytes.length <= 4) bytes.copy(directory, entry + 8);
      else {
        directory.writeUInt32LE(end, entry + 8);
        values.push(bytes);
        end += bytes.length;
      }
    });
    directory.writeUInt32LE(next ?? (i + 1 < directories.length ? end : 0), length - 4);
    parts.push(directory, ...values);
    at = end;
  });
  return Buffer.concat(parts);
}

/** A directory whose values are given as the four bytes of each field, of either sign; `nextBytes` zeros stand at its end. */
export function plainDirectory(
  fields: readonly (readonly [tag: number, type: number, count: number, value: number])[],
  nextBytes: 4 | 8,
): Buffer<ArrayBuffer> {
  const directory = Buffer.alloc(2 + 12 * fields.length + nextBytes);
  directory.writeUInt16LE(fields.length, 0);
  fields.forEach(([tag, type, count, value], i) => {
    directory.writeUInt16LE(tag, 2 + 12 * i);
    directory.writeUInt16LE(type, 4 + 12 * i);
    directory.writeUInt32LE(count, 6 + 12 * i);
    directory.writeInt32LE(value | 0, 10 + 12 * i);
  });
  return directory;
}

function packed(type: number, values: readonly number[]): Buffer {
  const size = type === 3 ? 2 : type === 4 ? 4 : 1;
  const bytes = Buffer.alloc(size * values.length);
  values.forEach((value, i) => bytes.writeUIntLE(value, size * i, size));
  return bytes;
}

/** The fields of a tiled RGB image; `changes` by tag. */
export function tiledFields(changes: Readonly<Record<number, TiffField | null>> = {}): TiffField[] {
  const usual: TiffField[] = [
    [256, 4, [16]],
    [257, 4, [16]],
    [258, 3, [8, 8, 8]],
    [259, 3, [1]],
    [262, 3, [2]],
    [277, 3, [3]],
    [322, 4, [16]],
    [323, 4, [16]],
    [324, 4, [8]],
    [325, 4, [768]],
  ];
  return usual.flatMap((field) => {
    const change = changes[field[0]];
    return change === null ? [] : [change ?? field];
  });
}
