import os from 'node:os';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { PackFile } from './pack-schema.ts';
import type { ModelPack } from './packs.ts';
import { readWeights } from './packs.ts';
import { availableProviders } from './providers.ts';

/** One loaded network with the buffers of its one static batch; they are filled, run, and read again. */
export interface Network {
  /** What really runs; differs from what was asked for only with a warning. */
  provider: ProviderName;
  warnings: string[];
  batch: number;
  /** [batch, channels, height, width], flat: sample or latent. */
  input: Float32Array;
  /** Flat like `input`; overwritten by every run. */
  output: Float32Array;
  /** The one-dimensional inputs, timestep and label, whose element type the network decides. */
  vectors: Record<string, (slot: number, value: number) => void>;
  /** Throws InferenceFailed. */
  run(): Promise<void>;
  release(): Promise<void>;
}

/**
 * Loads one network of the pack from bytes whose hash was just checked. A provider that cannot be used gives way to cpu,
 * with a warning that names the reason. Throws PackInvalid or HashMismatch when the file or its shapes are wrong.
 */
export async function openNetwork(pack: ModelPack, file: PackFile, wanted: ProviderName): Promise<Network> {
  const weights = await readWeights(pack, file);
  const { session, provider, warnings } = await openSession(pack, { file, weights, wanted });
  try {
    checkSignature(pack, file, session);
  } catch (error) {
    await session.release();
    throw error;
  }
  const [[outputName, outputShape] = ['', []]] = Object.entries(file.outputs);
  const output = new Float32Array(elements(outputShape));
  const fetches = { [outputName]: new Tensor('float32', output, outputShape) };
  const feeds: Record<string, Tensor> = {};
  const vectors: Network['vectors'] = {};
  let input = new Float32Array(0);
  for (const [name, shape] of shapesOf(file.inputs)) {
    if (shape.length > 1) {
      input = new Float32Array(elements(shape));
      feeds[name] = new Tensor('float32', input, shape);
    } else {
      const { tensor, set } = vector(metadata(session.inputMetadata, name), file.batch);
      feeds[name] = tensor;
      vectors[name] = set;
    }
  }
  return {
    provider,
    warnings,
    batch: file.batch,
    input,
    output,
    vectors,
    run: async () => {
      try {
        await session.run(feeds, fetches);
      } catch (cause) {
        const found = reasonOf(cause);
        const message = `The model ${pack.manifest.id} (${file.path}) failed on ${provider}: ${found}.`;
        throw new VerisimError('InferenceFailed', message, { found, cause });
      }
    },
    release: () => session.release(),
  };
}

function elements(shape: readonly number[]): number {
  return shape.reduce((a, b) => a * b, 1);
}

/** An optional input that a pack does not have is not there. */
function shapesOf(tensors: Record<string, number[] | undefined>): [string, number[]][] {
  return Object.entries(tensors).flatMap(([name, shape]) => (shape === undefined ? [] : [[name, shape]]));
}

async function openSession(
  pack: ModelPack,
  { file, weights, wanted }: { file: PackFile; weights: Uint8Array; wanted: ProviderName },
): Promise<{ session: InferenceSession; provider: ProviderName; warnings: string[] }> {
  const warnings: string[] = [];
  if (wanted !== 'cpu') {
    try {
      if (!availableProviders().includes(wanted)) throw new Error('it is not part of this installation');
      return { session: await InferenceSession.create(weights, optionsFor(wanted)), provider: wanted, warnings };
    } catch (cause) {
      warnings.push(
        `The provider ${wanted} could not be used (${reasonOf(cause)}); the processor ran the model instead.`,
      );
    }
  }
  try {
    return { session: await InferenceSession.create(weights, optionsFor('cpu')), provider: 'cpu', warnings };
  } catch (cause) {
    throw invalid(pack, file, { expected: 'an ONNX model that loads', found: reasonOf(cause), cause });
  }
}

/** One set of options for every network: fixed threads, no busy waiting. */
export function optionsFor(provider: ProviderName): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: physicalCores(),
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    // Waiting threads give the core away: beside other work a step is 1.6 times as fast as with busy waiting.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  };
}

/** Names, static shapes and element types against the manifest. Throws PackInvalid. */
function checkSignature(pack: ModelPack, file: PackFile, session: InferenceSession): void {
  const inputs = shapesOf(file.inputs);
  const expected = [
    ...inputs.map(([name, shape]) => ({ side: 'input', name, shape, list: session.inputMetadata })),
    ...shapesOf(file.outputs).map(([name, shape]) => ({ side: 'output', name, shape, list: session.outputMetadata })),
  ];
  for (const { side, name, shape, list } of expected) {
    const found = metadata(list, name);
    const types = shape.length > 1 ? ['float32'] : ['float32', 'int64'];
    const right = found?.isTensor === true && found.shape.join() === shape.join() && types.includes(found.type);
    const wanted = `${side} ${name} ${types.join(' or ')} [${shape.join(', ')}]`;
    if (!right) throw invalid(pack, file, { expected: wanted, found: describe(found) });
  }
  const known = inputs.map(([name]) => name);
  const unknown = session.inputNames.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw invalid(pack, file, { expected: `inputs ${known.join(', ')}`, found: `input ${unknown.join(', ')}` });
}

function vector(
  found: InferenceSession.ValueMetadata | undefined,
  length: number,
): { tensor: Tensor; set(slot: number, value: number): void } {
  if (found?.isTensor === true && found.type === 'int64') {
    const data = new BigInt64Array(length);
    return { tensor: new Tensor('int64', data, [length]), set: (i, value) => (data[i] = BigInt(Math.round(value))) };
  }
  const data = new Float32Array(length);
  return { tensor: new Tensor('float32', data, [length]), set: (i, value) => (data[i] = value) };
}

function metadata(
  list: readonly InferenceSession.ValueMetadata[],
  name: string,
): InferenceSession.ValueMetadata | undefined {
  return list.find((value) => value.name === name);
}

function describe(found: InferenceSession.ValueMetadata | undefined): string {
  if (found === undefined) return 'nothing of that name';
  return found.isTensor ? `${found.type} [${found.shape.join(', ')}]` : 'no tensor';
}

function invalid(
  { folder }: ModelPack,
  { path: name }: PackFile,
  { expected, found, cause }: { expected: string; found: string; cause?: unknown },
): VerisimError {
  const path = `${folder}/${name}`;
  const message = `The weights ${path} do not fit: ${expected} was expected, ${found} was found.`;
  return new VerisimError('PackInvalid', message, { path, expected, found, cause });
}

/** One line; without the place in ONNX Runtime's own source that precedes the reason. */
export function reasonOf(cause: unknown): string {
  const message = cause instanceof Error ? cause.message : String(cause);
  return message
    .replace(/\s+/g, ' ')
    .replace(/^\/onnxruntime_src\/.* was false\. /, '')
    .trim()
    .replace(/\.$/, '');
}

/**
 * Threads beyond the physical cores slow convolutions down, and a fixed number keeps timings comparable. Where the
 * system does not tell (not Linux), the logical cores count.
 */
function physicalCores(): number {
  const logical = os.availableParallelism();
  const siblings = new Set<string>();
  for (let cpu = 0; cpu < os.cpus().length; cpu++) {
    try {
      siblings.add(readFileSync(`/sys/devices/system/cpu/cpu${cpu}/topology/thread_siblings_list`, 'utf8'));
    } catch {
      return logical;
    }
  }
  return Math.max(1, Math.min(logical, siblings.size || logical));
}
