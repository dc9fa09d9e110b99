import { mkdirSync, readFileSync, renameSync, symlinkSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { writeOnnx, type WrittenGraph } from './onnx-writer.ts';
import { type SmallManifest, temporaryFolder, writeSmallPack } from './small-pack.ts';

/** Packs as strangers make them: sound, or broken in one way. */
const shape = [4, 16, 2, 2];

/** prediction = factor × sample + 0 × Σ timestep. */
export const sound: WrittenGraph = {
  inputs: [
    { name: 'sample', shape },
    { name: 'timestep', shape: [4] },
  ],
  outputs: [{ name: 'prediction', shape }],
  weights: [
    { name: 'factor', value: 0.5 },
    { name: 'nothing', value: 0 },
  ],
  nodes: [
    { operator: 'Mul', inputs: ['sample', 'factor'], outputs: ['scaled'] },
    { operator: 'ReduceSum', inputs: ['timestep'], outputs: ['total'] },
    { operator: 'Mul', inputs: ['total', 'nothing'], outputs: ['zeros'] },
    { operator: 'Add', inputs: ['scaled', 'zeros.flat'], outputs: ['prediction'] },
    { operator: 'Squeeze', inputs: ['zeros'], outputs: ['zeros.flat'] },
  ],
};
sound.nodes.splice(3, 2, ...sound.nodes.slice(3).reverse());

export function smallPack(change?: (manifest: SmallManifest) => void, inner = ''): string {
  const folder = path.join(temporaryFolder(), inner);
  mkdirSync(folder, { recursive: true });
  return writeSmallPack(folder, 'whole-timesteps', change);
}

export function packOf(network: Uint8Array | WrittenGraph): string {
  return writeSmallPack(temporaryFolder(), network instanceof Uint8Array ? network : writeOnnx(network));
}

export function withManifest(text: string): string {
  const folder = smallPack();
  writeFileSync(path.join(folder, 'model.json'), text);
  return folder;
}

export function edited(change: (file: string) => void): string {
  const folder = smallPack();
  change(path.join(folder, 'denoiser.onnx'));
  return folder;
}

export function replaceByLink(file: string): void {
  const target = path.join(temporaryFolder(), 'elsewhere.onnx');
  renameSync(file, target);
  symlinkSync(target, file);
}

/** Sparse: it takes no room on the disk. */
export function hugePack(): string {
  const bytes = 3 * 2 ** 30;
  const folder = smallPack((m) => (m.files.denoiser.bytes = bytes));
  truncateSync(path.join(folder, 'denoiser.onnx'), bytes);
  return folder;
}

export function flipped(bytes: Uint8Array, place: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[place] = (copy[place] ?? 0) ^ (1 << (place % 8));
  return copy;
}

export function fixture(name: string): Uint8Array {
  return readFileSync(path.join(import.meta.dirname, 'fixtures', `${name}.onnx`));
}

export function renamed(from: string, to: string): WrittenGraph {
  const name = (one: string): string => (one === from ? to : one);
  const value = (one: { name: string; shape: number[] }) => ({ ...one, name: name(one.name) });
  return {
    ...sound,
    inputs: sound.inputs.map(value),
    outputs: sound.outputs.map(value),
    nodes: sound.nodes.map((node) => ({ ...node, inputs: node.inputs.map(name), outputs: node.outputs.map(name) })),
  };
}
