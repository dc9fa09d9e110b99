import os from 'node:os';
import { readFileSync } from 'node:fs';
import { InferenceSession } from 'onnxruntime-node';
import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { PackFile } from './pack-schema.ts';
import type { ModelPack } from './packs.ts';
import { readWeights } from './packs.ts';
import { createBuffers, shapesOf } from './session-buffers.ts';
import { withFallback } from './session-fallback.ts';
import { rowsStandAlone } from './session-rows.ts';

/** One loaded network with the buffers of one batch; they are filled, run, and read again. */
export interface Network {
  /** What really runs; differs from what was asked for only with a warning. */
  provider: ProviderName;
  warnings: string[];
  batch: number;
  /** Whether fewer rows than a batch may be run, each of which then has the very bytes that it has in a full batch. */
  anyCount: boolean;
  /** [batch, channels, height, width], flat: sample or latent. */
  input: Float32Array;
  /** Flat like `input`; overwritten by every run. */
  output: Float32Array;
  /** The one-dimensional inputs, timestep and label, whose element type the network decides. */
  vectors: Record<string, (slot: number, value: number) => void>;
  /** The first `count` rows; all of them unless `anyCount`. Throws InferenceFailed. */
  run(count?: number): Promise<void>;
  release(): Promise<void>;
}

/**
 * Loads one network of the pack from bytes whose hash was just checked. A provider that cannot be used gives way to cpu,
 * with a warning that names the reason. Throws PackInvalid or HashMismatch when the file or its shapes are wrong.
 */
export async function openNetwork(pack: ModelPack, file: PackFile, wanted: ProviderName): Promise<Network> {
  const weights = await readWeights(pack, file);
  return withFallback(wanted, (provider) => openOn(pack, { file, weights, provider }));
}

interface NetworkSource {
  file: PackFile;
  weights: Uint8Array;
  provider: ProviderName;
}

async function openOn(pack: ModelPack, { file, weights, provider }: NetworkSource): Promise<Network> {
  const session = await openSession(pack, { file, weights, provider });
  try {
    checkSignature(pack, file, session);
  } catch (error) {
    await session.release();
    throw error;
  }
  const buffers = createBuffers(file, session);
  const network: Network = {
    provider,
    warnings: [],
    batch: file.batch,
    anyCount: false,
    input: buffers.input,
    output: buffers.output,
    vectors: buffers.vectors,
    run: async (count = file.batch) => {
      const { feeds, fetches } = buffers.tensors(network.anyCount ? count : file.batch);
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
  // Other providers choose other kernels for other shapes; this one is asked whether it does.
  network.anyCount = provider === 'cpu' && isFreeBatch(session) && (await rowsStandAlone(network));
  return network;
}

async function openSession(pack: ModelPack, { file, weights, provider }: NetworkSource): Promise<InferenceSession> {
  try {
    return await InferenceSession.create(weights, optionsFor(provider));
  } catch (cause) {
    throw invalid(pack, file, { expected: 'an ONNX model that loads', found: reasonOf(cause), cause });
  }
}

/**
 * One set of options for every network: fixed threads that wait busily, but not for long. Convolutions of these sizes follow each
 * other within microseconds and waking a thread costs more than that: on two idle cores a step of chest-xray-wdm-128 takes
 * 26.5 ms without busy waiting, 23.0 with 50 µs of it, 19.1 with 100 and 20.0 without end; beside two other busy threads
 * 30, 35, 39 and 56 ms.
 */
export function optionsFor(provider: ProviderName): InferenceSession.SessionOptions {
  return {
    executionProviders: [provider],
    graphOptimizationLevel: 'all',
    executionMode: 'sequential',
    intraOpNumThreads: physicalCores(),
    interOpNumThreads: 1,
    logSeverityLevel: 4,
    extra: { session: { intra_op: { allow_spinning: '1', spin_duration_us: '100' } } },
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
    const right = found?.isTensor === true && sameShape(found.shape, shape) && types.includes(found.type);
    const wanted = `${side} ${name} ${types.join(' or ')} [${shape.join(', ')}]`;
    if (!right) throw invalid(pack, file, { expected: wanted, found: describe(found) });
  }
  const known = inputs.map(([name]) => name);
  const unknown = session.inputNames.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw invalid(pack, file, { expected: `inputs ${known.join(', ')}`, found: `input ${unknown.join(', ')}` });
}

/** The first side may have a name instead of a number: then the network takes any batch. */
function sameShape(found: readonly (number | string)[], [batch = 0, ...rest]: readonly number[]): boolean {
  const [first, ...others] = found;
  return (first === batch || typeof first === 'string') && others.join() === rest.join();
}

/** Each side of a network that takes any batch names it. */
function isFreeBatch({ inputMetadata, outputMetadata }: InferenceSession): boolean {
  return [...inputMetadata, ...outputMetadata].every((value) => value.isTensor && typeof value.shape[0] === 'string');
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
