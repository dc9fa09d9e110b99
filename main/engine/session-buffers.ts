import { type InferenceSession, Tensor } from 'onnxruntime-node';
import type { PackFile } from './pack-schema.ts';

/** The memory of one batch, made once: every run reads and writes the same arrays. */
export interface NetworkBuffers {
  input: Float32Array;
  output: Float32Array;
  /** Sets one value of the inputs of one dimension, timestep and label. */
  vectors: Record<string, (row: number, value: number) => void>;
  /** Views on the first `count` rows. */
  tensors(count: number): { feeds: Record<string, Tensor>; fetches: Record<string, Tensor> };
}

interface Buffer {
  name: string;
  shape: readonly number[];
  data: Float32Array | BigInt64Array;
}

/** Of the manifest's shapes; whether timestep and label are whole numbers is the network's choice. */
export function createBuffers(file: PackFile, { inputMetadata }: InferenceSession): NetworkBuffers {
  const inputs = shapesOf(file.inputs).map(([name, shape]): Buffer => {
    const whole = inputMetadata.some((found) => found.name === name && found.isTensor && found.type === 'int64');
    const length = elements(shape);
    return { name, shape, data: whole ? new BigInt64Array(length) : new Float32Array(length) };
  });
  const outputs = shapesOf(file.outputs).map(([name, shape]): Buffer => {
    return { name, shape, data: new Float32Array(elements(shape)) };
  });
  const views = new Map<number, ReturnType<NetworkBuffers['tensors']>>();
  return {
    input: imageOf(inputs),
    output: imageOf(outputs),
    vectors: Object.fromEntries(
      inputs.filter(({ shape }) => shape.length === 1).map(({ name, data }) => [name, setter(data)]),
    ),
    tensors: (count) => {
      const found = views.get(count) ?? { feeds: rowsOf(inputs, count), fetches: rowsOf(outputs, count) };
      views.set(count, found);
      return found;
    },
  };
}

/** An optional input that a pack does not have is not there. */
export function shapesOf(tensors: Record<string, number[] | undefined>): [string, number[]][] {
  return Object.entries(tensors).flatMap(([name, shape]) => (shape === undefined ? [] : [[name, shape]]));
}

function rowsOf(buffers: Buffer[], count: number): Record<string, Tensor> {
  return Object.fromEntries(
    buffers.map(({ name, shape: [, ...row], data }) => {
      const part = data.subarray(0, count * elements(row));
      const dimensions = [count, ...row];
      const whole = part instanceof BigInt64Array;
      return [name, whole ? new Tensor('int64', part, dimensions) : new Tensor('float32', part, dimensions)];
    }),
  );
}

function imageOf(buffers: Buffer[]): Float32Array {
  const found = buffers.find(({ shape }) => shape.length > 1)?.data;
  return found instanceof Float32Array ? found : new Float32Array(0);
}

function setter(data: Buffer['data']): (row: number, value: number) => void {
  return (row, value) => {
    if (data instanceof BigInt64Array) data[row] = BigInt(Math.round(value));
    else data[row] = value;
  };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}
