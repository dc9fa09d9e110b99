import { protobufFields, protobufIntegers, protobufText, type ProtobufField } from './protobuf.ts';

/** What can be said of an ONNX file without running it (field numbers: onnx/onnx, onnx.proto3). */
export interface OnnxGraph {
  /** In the order in which they run, those of inner graphs and functions included. */
  nodes: OnnxNode[];
  /** Bytes of one value by its name, where the file states a full shape; inputs, outputs and what lies between. */
  valueBytes: Map<string, number>;
  /** Sides of weights and, where the file states all of them, of values. */
  shapes: Map<string, readonly number[]>;
  /** What a side with a name instead of a number stands for; null: such a shape is not stated. */
  batch: number | null;
  /** Stored weights by name: bytes as stored, and the number of elements. */
  weights: Map<string, { bytes: number; elements: number }>;
  /** Names of tensors whose numbers lie in another file. */
  outside: string[];
  /** Operators that the file defines itself, as `domain::name`. */
  functions: Set<string>;
}

export interface OnnxNode {
  operator: string;
  /** Empty for ONNX itself. */
  domain: string;
  inputs: string[];
  outputs: string[];
}

const deepest = 64;
/** Bytes of one element by TensorProto.DataType; four-bit and eight-bit kinds count as one. */
const elementBytes: Readonly<Record<number, number>> = {
  1: 4,
  4: 2,
  5: 2,
  6: 4,
  7: 8,
  10: 2,
  11: 8,
  12: 4,
  13: 8,
  16: 2,
};

/** Throws RangeError with what is wrong where the bytes are no ONNX model. */
export function readOnnxGraph(bytes: Uint8Array, batch: number | null = null): OnnxGraph {
  const found: OnnxGraph = {
    nodes: [],
    valueBytes: new Map(),
    shapes: new Map(),
    batch,
    weights: new Map(),
    outside: [],
    functions: new Set(),
  };
  let graphs = 0;
  for (const field of protobufFields(bytes)) {
    if (field.number === 7) {
      graphs += 1;
      readGraph(messageOf(field), found, 0);
    }
    if (field.number === 20) readTraining(messageOf(field), found);
    if (field.number === 25) readFunction(messageOf(field), found);
  }
  if (graphs !== 1) throw new RangeError(`it holds ${graphs} graphs`);
  return found;
}

function readGraph(message: Uint8Array, found: OnnxGraph, depth: number): void {
  if (depth > deepest) throw new RangeError('its graphs lie too deep in each other');
  for (const field of protobufFields(message)) {
    if (field.number === 1) readNode(messageOf(field), found, depth);
    else if (field.number === 5) readTensor(messageOf(field), found, true);
    else if (field.number === 15) readSparse(messageOf(field), found);
    else if (field.number === 11 || field.number === 12 || field.number === 13) readValue(messageOf(field), found);
  }
}

function readNode(message: Uint8Array, found: OnnxGraph, depth: number): void {
  const node: OnnxNode = { operator: '', domain: '', inputs: [], outputs: [] };
  found.nodes.push(node);
  for (const field of protobufFields(message)) {
    if (field.number === 1) node.inputs.push(protobufText(field));
    else if (field.number === 2) node.outputs.push(protobufText(field));
    else if (field.number === 4) node.operator = protobufText(field);
    else if (field.number === 7) node.domain = protobufText(field);
    else if (field.number === 5) readAttribute(messageOf(field), found, depth);
  }
}

function readAttribute(message: Uint8Array, found: OnnxGraph, depth: number): void {
  for (const field of protobufFields(message)) {
    if (field.number === 5 || field.number === 10) readTensor(messageOf(field), found, false);
    else if (field.number === 6 || field.number === 11) readGraph(messageOf(field), found, depth + 1);
    else if (field.number === 22 || field.number === 23) readSparse(messageOf(field), found);
  }
}

function readTensor(message: Uint8Array, found: OnnxGraph, named: boolean): void {
  const shape: number[] = [];
  let [name, type, outside] = ['', 0, false];
  for (const field of protobufFields(message)) {
    if (field.number === 1) shape.push(...protobufIntegers(field));
    else if (field.number === 2 && field.kind === 'integer') type = Number(field.value);
    else if (field.number === 8) name = protobufText(field);
    else if (field.number === 13 || (field.number === 14 && field.kind === 'integer' && field.value !== 0n))
      outside = true;
  }
  const elements = shape.reduce((a, b) => a * b, 1);
  if (outside) found.outside.push(name || 'a constant');
  if (named) found.shapes.set(name, shape);
  if (named) found.weights.set(name, { bytes: elements * (elementBytes[type] ?? 1), elements });
}

function readSparse(message: Uint8Array, found: OnnxGraph): void {
  for (const field of protobufFields(message)) {
    if (field.number === 1 || field.number === 2) readTensor(messageOf(field), found, field.number === 1);
  }
}

function readFunction(message: Uint8Array, found: OnnxGraph): void {
  let [name, domain] = ['', ''];
  for (const field of protobufFields(message)) {
    if (field.number === 1) name = protobufText(field);
    else if (field.number === 10) domain = protobufText(field);
    else if (field.number === 7) readNode(messageOf(field), found, 1);
    else if (field.number === 11) readAttribute(messageOf(field), found, 1);
  }
  found.functions.add(`${domain}::${name}`);
}

function readTraining(message: Uint8Array, found: OnnxGraph): void {
  for (const field of protobufFields(message)) {
    if (field.number === 1 || field.number === 2) readGraph(messageOf(field), found, 1);
  }
}

/** ValueInfoProto → TypeProto → Tensor. */
function readValue(message: Uint8Array, found: OnnxGraph): void {
  let name = '';
  let tensor: Uint8Array | null = null;
  for (const field of protobufFields(message)) {
    if (field.number === 1) name = protobufText(field);
    else if (field.number === 2) {
      for (const kind of protobufFields(messageOf(field))) if (kind.number === 1) tensor = messageOf(kind);
    }
  }
  if (tensor === null) return;
  const { type, shape } = readTensorType(tensor, found.batch);
  if (shape === null) return;
  found.shapes.set(name, shape);
  found.valueBytes.set(name, shape.reduce((a, b) => a * b, 1) * (elementBytes[type] ?? 1));
}

/** Tensor → TensorShapeProto → Dimension. The shape is null where a side is not stated. */
function readTensorType(message: Uint8Array, batch: number | null): { type: number; shape: number[] | null } {
  let type = 0;
  let sides: (number | null)[] = [null];
  for (const field of protobufFields(message)) {
    if (field.number === 1 && field.kind === 'integer') type = Number(field.value);
    else if (field.number === 2) {
      sides = [...protobufFields(messageOf(field))].map((dimension) => {
        const [side] = protobufFields(messageOf(dimension));
        if (side?.number === 1 && side.kind === 'integer') return Number(side.value);
        return side?.number === 2 ? batch : null;
      });
    }
  }
  const shape = sides.filter((side) => side !== null);
  return { type, shape: shape.length === sides.length ? shape : null };
}

function messageOf(field: ProtobufField): Uint8Array {
  if (field.kind === 'bytes') return field.value;
  throw new RangeError('it holds a number where a part of a graph belongs');
}
