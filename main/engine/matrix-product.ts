import { InferenceSession, Tensor } from 'onnxruntime-node';
import { optionsFor } from './session-network.ts';

/** Sizes of op(A) · op(B): rows × inner by inner × columns. A transposed matrix is stored the other way round. */
export interface ProductShape {
  rows: number;
  inner: number;
  columns: number;
  transposeLeft?: boolean;
  transposeRight?: boolean;
}

/** Products of large matrices, row-major float64, by the kernels of ONNX Runtime: many times faster than a loop of JavaScript. */
export interface MatrixProducts {
  multiply(left: Float64Array, right: Float64Array, shape: ProductShape): Promise<Float64Array>;
  release(): Promise<void>;
}

export function openMatrixProducts(): MatrixProducts {
  const sessions = new Map<string, Promise<InferenceSession>>();
  const sessionFor = (transposeLeft: boolean, transposeRight: boolean): Promise<InferenceSession> => {
    const key = `${transposeLeft} ${transposeRight}`;
    const known =
      sessions.get(key) ?? InferenceSession.create(productModel(transposeLeft, transposeRight), optionsFor('cpu'));
    sessions.set(key, known);
    return known;
  };
  return {
    async multiply(left, right, { rows, inner, columns, transposeLeft = false, transposeRight = false }) {
      const session = await sessionFor(transposeLeft, transposeRight);
      const { product } = await session.run({
        left: new Tensor('float64', left, transposeLeft ? [inner, rows] : [rows, inner]),
        right: new Tensor('float64', right, transposeRight ? [columns, inner] : [inner, columns]),
      });
      return product?.data as Float64Array;
    },
    async release() {
      for (const session of sessions.values()) await (await session).release();
      sessions.clear();
    },
  };
}

/** An ONNX model of one Gemm node with free sizes (onnx.proto3, ir_version 8, opset 13). */
function productModel(transposeLeft: boolean, transposeRight: boolean): Uint8Array {
  const attribute = (name: string, value: boolean): number[] =>
    field(5, [...field(1, text(name)), ...number(3, value ? 1 : 0), ...number(20, attributeInt)]);
  const node = [
    ...field(1, text('left')),
    ...field(1, text('right')),
    ...field(2, text('product')),
    ...field(4, text('Gemm')),
    ...attribute('transA', transposeLeft),
    ...attribute('transB', transposeRight),
  ];
  const value = (name: string, sides: readonly string[]): number[] => {
    const shape = sides.flatMap((side) => field(1, field(2, text(side))));
    return [...field(1, text(name)), ...field(2, field(1, [...number(1, elementDouble), ...field(2, shape)]))];
  };
  const graph = [
    ...field(1, node),
    ...field(2, text('product')),
    ...field(11, value('left', ['a', 'b'])),
    ...field(11, value('right', ['c', 'd'])),
    ...field(12, value('product', ['e', 'f'])),
  ];
  return Uint8Array.from([...number(1, 8), ...field(7, graph), ...field(8, number(2, 13))]);
}

const elementDouble = 11;
const attributeInt = 2;

/** Protocol buffers: a field with a length, a field with a number. */
function field(place: number, content: readonly number[]): number[] {
  return [...varint(place * 8 + 2), ...varint(content.length), ...content];
}

function number(place: number, value: number): number[] {
  return [...varint(place * 8), ...varint(value)];
}

function varint(value: number): number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...varint(Math.floor(value / 128))];
}

function text(content: string): number[] {
  return [...Buffer.from(content, 'utf8')];
}
