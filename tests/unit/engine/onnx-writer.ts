/** Writes ONNX files of a few hundred bytes: the networks of strangers, sound or broken in one way (onnx/onnx, onnx.proto3). */
export interface WrittenNode {
  operator: string;
  domain?: string;
  inputs: string[];
  outputs: string[];
}

export interface WrittenGraph {
  nodes: WrittenNode[];
  inputs: { name: string; shape: number[] }[];
  outputs: { name: string; shape: number[] }[];
  /** float32: scalars, matrices, or the name of a file that holds their numbers. */
  weights?: { name: string; value: WrittenWeight }[];
  opset?: number;
}

type WrittenWeight = number | { file: string } | { matrix: number[][] };

export function writeOnnx({ nodes, inputs, outputs, weights = [], opset = 18 }: WrittenGraph): Uint8Array {
  const graph = [
    ...nodes.map((node) => message(1, nodeOf(node))),
    text(2, 'graph'),
    ...weights.map((weight) => message(5, weightOf(weight))),
    ...inputs.map((value) => message(11, valueOf(value))),
    ...outputs.map((value) => message(12, valueOf(value))),
  ];
  const opsets = ['', ...new Set(nodes.flatMap(({ domain }) => (domain === undefined ? [] : [domain])))];
  return Buffer.concat([
    integer(1, 9),
    message(7, graph),
    ...opsets.map((domain) => message(8, [text(1, domain), integer(2, domain === '' ? opset : 1)])),
  ]);
}

function nodeOf({ operator, domain = '', inputs, outputs }: WrittenNode): Buffer[] {
  const names = [...inputs.map((name) => text(1, name)), ...outputs.map((name) => text(2, name))];
  return [...names, text(4, operator), text(7, domain)];
}

function weightOf({ name, value }: { name: string; value: WrittenWeight }): Buffer[] {
  const head = [integer(2, 1), text(8, name)];
  if (typeof value === 'number') return [...head, floats([value])];
  if ('matrix' in value) {
    const sides = [value.matrix.length, value.matrix[0]?.length ?? 0];
    return [...sides.map((side) => integer(1, side)), ...head, floats(value.matrix.flat())];
  }
  return [...head, message(13, [text(1, 'location'), text(2, value.file)]), integer(14, 1)];
}

function floats(values: number[]): Buffer {
  return message(9, [Buffer.from(Float32Array.from(values).buffer)]);
}

function valueOf({ name, shape }: { name: string; shape: number[] }): Buffer[] {
  const dimensions = shape.map((side) => message(1, [integer(1, side)]));
  return [text(1, name), message(2, [message(1, [integer(1, 1), message(2, dimensions)])])];
}

function integer(field: number, value: number): Buffer {
  return Buffer.concat([varint(field << 3), varint(value)]);
}

function text(field: number, value: string): Buffer {
  return message(field, [Buffer.from(value)]);
}

function message(field: number, parts: Buffer[]): Buffer {
  const body = Buffer.concat(parts);
  return Buffer.concat([varint((field << 3) | 2), varint(body.length), body]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  for (let left = value; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...bytes, left]);
    bytes.push((left % 128) | 128);
  }
}
