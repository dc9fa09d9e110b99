/**
 * Reads the wire format of Protocol Buffers (developers.google.com/protocol-buffers/docs/encoding) without a schema. Bytes
 * come from strangers: every length is checked against what is there.
 */
export type ProtobufField = { number: number } & (
  { kind: 'integer'; value: bigint } | { kind: 'bytes'; value: Uint8Array } | { kind: 'fixed'; value: Uint8Array }
);

/** The fields of one message in their order. Throws RangeError where the bytes are no message. */
export function* protobufFields(bytes: Uint8Array): Generator<ProtobufField> {
  let at = 0;
  const integer = (): bigint => {
    let value = 0n;
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = bytes[at++];
      if (byte === undefined) throw new RangeError('it ends within a number');
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return BigInt.asIntN(64, value);
    }
    throw new RangeError('it holds a number of more than 64 bits');
  };
  const take = (length: number): Uint8Array => {
    if (length < 0 || length > bytes.length - at) throw new RangeError('a part of it reaches beyond its end');
    at += length;
    return bytes.subarray(at - length, at);
  };
  while (at < bytes.length) {
    const key = Number(integer());
    const number = key >>> 3;
    if (key < 0 || key > 0xffff_ffff || number === 0) throw new RangeError('it holds a field without a number');
    const wireType = key & 7;
    if (wireType === 0) yield { number, kind: 'integer', value: integer() };
    else if (wireType === 1) yield { number, kind: 'fixed', value: take(8) };
    else if (wireType === 2) yield { number, kind: 'bytes', value: take(Number(integer())) };
    else if (wireType === 5) yield { number, kind: 'fixed', value: take(4) };
    else throw new RangeError(`it holds a field of the unknown kind ${wireType}`);
  }
}

/** A repeated number, packed into one field or alone. */
export function protobufIntegers(field: ProtobufField): number[] {
  if (field.kind === 'integer') return [Number(field.value)];
  if (field.kind === 'fixed') throw new RangeError('it holds a number of the wrong kind');
  const values: number[] = [];
  let value = 0n;
  let shift = 0n;
  for (const byte of field.value) {
    value |= BigInt(byte & 0x7f) << shift;
    shift += 7n;
    if (byte >= 0x80) continue;
    values.push(Number(BigInt.asIntN(64, value)));
    [value, shift] = [0n, 0n];
  }
  return values;
}

const decoder = new TextDecoder();

export function protobufText(field: ProtobufField): string {
  return field.kind === 'bytes' ? decoder.decode(field.value) : '';
}
