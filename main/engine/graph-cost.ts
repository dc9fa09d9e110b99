import type { OnnxGraph, OnnxNode } from './onnx-graph.ts';

/** What one call of a network computes, counted from its file. */
export interface GraphCost {
  /** Multiply–adds of convolutions and matrix products for the whole batch; null where some could not be counted. */
  multiplyAdds: number | null;
  /** The operators and first outputs of those. */
  uncounted: string[];
}

/** The field's convention, PyTorch's FlopCounterMode among it: a multiply–add is two operations; norms and activations count nothing. */
export const operationsPerMultiplyAdd = 2;

type Shape = readonly number[];
/** NaN where a shape is not stated. */
type Counter = (node: OnnxNode, shapeOf: (name: string | undefined) => Shape) => number;

export function countGraphCost(graph: OnnxGraph): GraphCost {
  const uncounted: string[] = [];
  const shapes = traceShapes(graph);
  let multiplyAdds = 0;
  for (const node of graph.nodes) {
    const counter = Object.hasOwn(counters, node.operator) ? counters[node.operator] : undefined;
    if (counter === undefined) continue;
    const count = counter(node, (name = '') => shapes.get(name) ?? [NaN]);
    if (Number.isFinite(count)) multiplyAdds += count;
    else uncounted.push(`${node.operator} ${node.outputs[0] ?? ''}`.trim());
  }
  return { multiplyAdds: uncounted.length === 0 ? multiplyAdds : null, uncounted };
}

/** Stored numbers that training sets; 64-bit ones are sides of shapes. */
export function countParameters({ weights }: OnnxGraph): number {
  return [...weights.values()].reduce((sum, { bytes, elements }) => sum + (bytes < 8 * elements ? elements : 0), 0);
}

/** Each output value sums over the weights of one filter, which lie at input `place`. */
function convolution(place: number): Counter {
  return ({ inputs, outputs }, shapeOf) => size(shapeOf(outputs[0])) * filterSize(shapeOf(inputs[place]));
}

const product: Counter = ({ inputs, outputs }, shapeOf) =>
  size(shapeOf(outputs[0])) * (shapeOf(inputs[0]).at(-1) ?? NaN);
/** Operators that multiply, but whose cost their shapes alone do not tell. */
const opaque: Counter = () => NaN;

/** Places of inputs follow the operators' definitions (onnx/onnx, Operators.md; onnxruntime, ContribOperators.md). */
const counters: Readonly<Record<string, Counter>> = {
  Conv: convolution(1),
  FusedConv: convolution(1),
  ConvInteger: convolution(1),
  QLinearConv: convolution(3),
  // Here each input value meets the weights of one filter.
  ConvTranspose: ({ inputs }, shapeOf) => size(shapeOf(inputs[0])) * filterSize(shapeOf(inputs[1])),
  MatMul: product,
  MatMulInteger: product,
  QLinearMatMul: product,
  // [M, N] out of M × K values, whichever way round they lie.
  Gemm: ({ inputs, outputs }, shapeOf) => size(shapeOf(inputs[0])) * (shapeOf(outputs[0]).at(-1) ?? NaN),
  ...Object.fromEntries(
    ['Attention', 'MultiHeadAttention', 'GroupQueryAttention', 'FusedMatMul', 'Einsum', 'LSTM', 'GRU', 'RNN'].map(
      (name) => [name, opaque],
    ),
  ),
};

/** A weight stored in another number format keeps its shape through the node that restores it. */
function traceShapes({ nodes, shapes }: OnnxGraph): Map<string, Shape> {
  const keeping = new Set(['Cast', 'Identity', 'DequantizeLinear', 'QuantizeLinear']);
  const all = new Map(shapes);
  for (const { operator, inputs, outputs } of nodes) {
    const [source = '', target = ''] = [inputs[0], outputs[0]];
    const shape = all.get(source);
    if (keeping.has(operator) && shape !== undefined && !all.has(target)) all.set(target, shape);
  }
  return all;
}

function filterSize(weights: Shape): number {
  return size(weights.slice(1)) * (weights[0] === undefined ? NaN : 1);
}

function size(shape: Shape): number {
  return shape.reduce((a, b) => a * b, 1);
}
