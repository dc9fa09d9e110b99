import os from 'node:os';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { readNetworkFile } from './network-file.ts';
import type { OnnxGraph } from './onnx-graph.ts';
import { type ModelPack, packFiles, readWeights } from './packs.ts';

/** What ONNX Runtime itself takes besides weights and values: its arenas, kernels and threads (measured 20–40 MB). */
const runtimeBytes = 48 * 2 ** 20;

/** Memory at the peak of a run: every network of the pack stays loaded. Throws PackInvalid, HashMismatch. */
export async function estimatePackBytes(pack: ModelPack): Promise<number> {
  let bytes = runtimeBytes;
  for (const { file } of packFiles(pack)) {
    const graph = readNetworkFile(path.join(pack.folder, file.path), await readWeights(pack, file), file.batch);
    bytes += estimateBytes(graph, file.bytes);
  }
  return bytes;
}

/**
 * Memory at the peak of one call: the file as read, the weights as float32 twice (folded, and packed for the kernels) and the values
 * that live at the same time. An upper bound rather than a mean: where the file does not state its shapes, weights count for values.
 */
function estimateBytes(graph: OnnxGraph, fileBytes: number): number {
  const elements = [...graph.weights.values()].reduce((sum, weight) => sum + weight.elements, 0);
  const weights = fileBytes + 2 * 4 * elements;
  return Math.round(weights + Math.max(liveBytes(graph), graph.valueBytes.size > 2 ? 0 : 2 * weights));
}

/** The largest sum of values that are needed at one time when the nodes run in their order and each value goes after its last use. */
export function liveBytes({ nodes, valueBytes, weights }: OnnxGraph): number {
  const lastUse = new Map<string, number>();
  nodes.forEach((node, place) => node.inputs.forEach((name) => lastUse.set(name, place)));
  const living = new Map<string, number>();
  let live = 0;
  let most = 0;
  nodes.forEach((node, place) => {
    for (const name of node.outputs) {
      const bytes = weights.has(name) ? 0 : (valueBytes.get(name) ?? 0);
      living.set(name, bytes);
      live += bytes;
    }
    most = Math.max(most, live);
    for (const name of new Set([...node.inputs, ...node.outputs])) {
      if ((lastUse.get(name) ?? place) !== place) continue;
      live -= living.get(name) ?? 0;
      living.delete(name);
    }
  });
  return most;
}

/** What the system can give now: without what a container may not use. */
export function freeBytes(): number {
  return Math.min(os.freemem(), process.availableMemory());
}

export function notEnoughMemory(model: string, neededBytes: number, free: number): VerisimError {
  const [needed, found] = [gigabytes(neededBytes), gigabytes(free)];
  return new VerisimError(
    'NotEnoughMemory',
    `The model ${model} needs about ${needed} of memory and ${found} is free. Close other programs or choose a smaller model.`,
    { expected: needed, found },
  );
}

function gigabytes(bytes: number): string {
  return bytes < 2 ** 30 ? `${Math.ceil(bytes / 2 ** 20)} MB` : `${(bytes / 2 ** 30).toFixed(1)} GB`;
}
