import os from 'node:os';
import { readFileSync } from 'node:fs';
import { InferenceSession, Tensor } from 'onnxruntime-node';
import type { ProviderName } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ModelPack } from './packs.ts';
import { readWeights } from './packs.ts';
import { availableProviders } from './providers.ts';

/** A loaded denoiser with the buffers of its one static batch; they are filled, run, and read again. */
export interface DenoiserSession {
  /** What really runs; differs from what was asked for only with a warning. */
  provider: ProviderName;
  warnings: string[];
  batch: number;
  /** [batch, channels, height, width], flat. */
  sample: Float32Array;
  /** One timestep for the whole batch. */
  setTimestep(timestep: number): void;
  setLabel(slot: number, label: number): void;
  /** The network's output in the layout of `sample`. Throws InferenceFailed. */
  run(): Promise<Float32Array>;
  release(): Promise<void>;
}

/**
 * Loads the pack's denoiser from bytes whose hash was just checked. A provider that cannot be used gives way to cpu,
 * with a warning that names the reason. Throws PackInvalid or HashMismatch when the file or its shapes are wrong.
 */
export async function createSession(pack: ModelPack, wanted: ProviderName): Promise<DenoiserSession> {
  const weights = await readWeights(pack);
  const { session, provider, warnings } = await openSession(pack, weights, wanted);
  checkSignature(pack, session);
  const { batch, inputs } = pack.manifest.files.denoiser;
  const sample = new Float32Array(inputs.sample.reduce((a, b) => a * b, 1));
  const timestep = vector(session, 'timestep', batch);
  const label = inputs.label === undefined ? null : vector(session, 'label', batch);
  const feeds = {
    sample: new Tensor('float32', sample, inputs.sample),
    timestep: timestep.tensor,
    ...(label === null ? {} : { label: label.tensor }),
  };
  return {
    provider,
    warnings,
    batch,
    sample,
    setTimestep: (value) =>
      Array.from({ length: batch }, (_, slot) => slot).forEach((slot) => timestep.set(slot, value)),
    setLabel: (slot, value) => label?.set(slot, value),
    run: async () => {
      try {
        const { prediction } = await session.run(feeds);
        return prediction?.data as Float32Array;
      } catch (cause) {
        throw new VerisimError(
          'InferenceFailed',
          `The model ${pack.manifest.id} failed on ${provider}: ${reasonOf(cause)}.`,
          {
            found: reasonOf(cause),
            cause,
          },
        );
      }
    },
    release: () => session.release(),
  };
}

async function openSession(
  pack: ModelPack,
  weights: Uint8Array,
  wanted: ProviderName,
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
    throw invalid(pack, 'an ONNX model that loads', reasonOf(cause), cause);
  }
}

function optionsFor(provider: ProviderName): InferenceSession.SessionOptions {
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
function checkSignature(pack: ModelPack, session: InferenceSession): void {
  const { inputs, outputs } = pack.manifest.files.denoiser;
  const expected: [InferenceSession.ValueMetadata | undefined, string, readonly number[], readonly string[]][] = [
    [metadata(session.inputMetadata, 'sample'), 'input sample', inputs.sample, ['float32']],
    [metadata(session.inputMetadata, 'timestep'), 'input timestep', inputs.timestep, ['float32', 'int64']],
    [metadata(session.outputMetadata, 'prediction'), 'output prediction', outputs.prediction, ['float32']],
  ];
  if (inputs.label !== undefined) {
    expected.push([metadata(session.inputMetadata, 'label'), 'input label', inputs.label, ['int64', 'float32']]);
  }
  for (const [found, name, shape, types] of expected) {
    const right = found?.isTensor === true && found.shape.join() === shape.join() && types.includes(found.type);
    if (!right) throw invalid(pack, `${name} ${types.join(' or ')} [${shape.join(', ')}]`, describe(found));
  }
  const unknown = session.inputNames.filter((name) => !(name in inputs));
  if (unknown.length > 0)
    throw invalid(pack, `inputs ${Object.keys(inputs).join(', ')}`, `input ${unknown.join(', ')}`);
}

/** A one-dimensional input whose element type the model decides. */
function vector(
  session: InferenceSession,
  name: string,
  length: number,
): { tensor: Tensor; set(i: number, value: number): void } {
  const found = metadata(session.inputMetadata, name);
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

function invalid(pack: ModelPack, expected: string, found: string, cause?: unknown): VerisimError {
  const file = `${pack.folder}/${pack.manifest.files.denoiser.path}`;
  return new VerisimError(
    'PackInvalid',
    `The weights ${file} do not fit: ${expected} was expected, ${found} was found.`,
    {
      path: file,
      expected,
      found,
      cause,
    },
  );
}

/** One line; without the place in ONNX Runtime's own source that precedes the reason. */
function reasonOf(cause: unknown): string {
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
