import os from 'node:os';
import type { BenchmarkResult, BenchmarkRow, Spread } from '../../preload/benchmark.ts';
import type { CallParsed } from '../../preload/contract.ts';
import { VerisimError } from '../../preload/errors.ts';
import { benchmarkPack } from '../engine/benchmark.ts';
import { operationsPerMultiplyAdd } from '../engine/graph-cost.ts';
import { type ModelPack, weightsInputs } from '../engine/packs.ts';
import { optionsFor } from '../engine/session-network.ts';
import { withRatios } from './benchmark-ratio.ts';
import type { Workspace } from './dependencies.ts';
import { loggedRun } from './logged-run.ts';
import { costOf } from './network-cost.ts';
import { applicationVersion } from './versions.ts';

type BenchmarkInput = CallParsed<'benchmark.run'>;
type Measured = Omit<BenchmarkRow, 'ratioToDdpm'>;

/**
 * Measures packs one after the other, all with the same sampler and steps, as one run of the log. What it finds is remembered as
 * the cost of a generation on this machine. Throws UnknownModel, InvalidInput, PackInvalid, HashMismatch, InferenceFailed, Cancelled.
 */
export async function runBenchmarks(
  workspace: Workspace,
  input: BenchmarkInput,
  { signal }: { signal: AbortSignal },
): Promise<BenchmarkResult> {
  const packs = await packsOf(workspace, input);
  const jobs = packs.flatMap((pack) => input.counts.map((count) => ({ pack, count })));
  const names = packs.map(({ manifest }) => manifest.id);
  const title = `Benchmark of ${names.length === 1 ? names[0] : `${names.length} models`} · ${input.sampler}, ${input.steps} steps`;
  const run = {
    kind: 'benchmark' as const,
    title,
    parameters: { ...input, modelIds: names },
    provider: input.provider,
  };
  const inputs = packs.flatMap((pack) =>
    weightsInputs(pack).map(({ name, ...rest }) => ({ ...rest, name: `${pack.manifest.id} ${name}` })),
  );
  return loggedRun(
    workspace,
    { ...run, inputs, total: jobs.length, phase: 'Starting' },
    {
      signal,
      async work({ runId, signal: ended, report }) {
        const rows: Measured[] = [];
        for (const { pack, count } of jobs) {
          const onProgress = (step: number, steps: number): void =>
            report({
              done: rows.length,
              total: jobs.length,
              phase: `${pack.manifest.id}, ${count} images, run ${step} of ${steps}`,
            });
          onProgress(0, 2 * (input.repeats + 1));
          const row = await measure(workspace, { ...input, pack, count }, { signal: ended, onProgress });
          rows.push(row);
          remember(workspace, row);
        }
        const result: BenchmarkResult = {
          runId,
          rows: withRatios(rows, packs),
          operationsPerMultiplyAdd,
          threads: optionsFor(input.provider).intraOpNumThreads ?? 1,
          processor: os.cpus()[0]?.model.trim() ?? '',
        };
        return { result, changes: { result } };
      },
    },
  );
}

async function packsOf({ packs }: Workspace, { modelIds, steps }: BenchmarkInput): Promise<ModelPack[]> {
  const found =
    modelIds.length === 0 ? (await packs.list()).packs : await Promise.all(modelIds.map((id) => packs.find(id)));
  const short = found.find(({ manifest }) => manifest.schedule.steps < steps);
  if (short !== undefined) {
    const { id, schedule } = short.manifest;
    throw new VerisimError(
      'InvalidInput',
      `The model ${id} was trained with ${schedule.steps} timesteps; ${steps} steps were asked for. Choose fewer.`,
      { expected: `at most ${schedule.steps} steps`, found: `${steps}` },
    );
  }
  if (found.length > 0) return found;
  throw new VerisimError('UnknownModel', 'No model is installed, so there is nothing to measure.');
}

async function measure(
  { engineHost }: Workspace,
  {
    pack,
    count: wanted,
    sampler,
    steps,
    repeats,
    provider,
  }: BenchmarkInput & { pack: ModelPack; count: number | null },
  context: { signal: AbortSignal; onProgress: (done: number, total: number) => void },
): Promise<Measured> {
  const { manifest } = pack;
  const count = wanted ?? manifest.files.denoiser.batch;
  const denoiser = await costOf(pack, manifest.files.denoiser);
  const [encoder, decoder] = await Promise.all(
    [manifest.files.encoder, manifest.files.decoder].map(async (file) =>
      file === undefined ? null : costOf(pack, file),
    ),
  );
  const measured = await benchmarkPack(
    { pack, provider, sampler, steps, count, repeats },
    { ...context, ownProcess: engineHost !== 'utility-process' },
  );
  const { encode, denoise, decode, total } = measured;
  const { id, family, modality, anatomy, parameters, quality } = manifest;
  const quoted = (metric: string): number | null =>
    quality.find((entry) => entry.metric.toLowerCase() === metric)?.value ?? null;
  return {
    model: id,
    family,
    modality,
    anatomy,
    parameters: parameters + (encoder?.parameters ?? 0) + (decoder?.parameters ?? 0),
    gflopsPerStep: denoiser.gflops,
    gflopsDecode: decoder?.gflops ?? null,
    steps,
    sampler,
    provider: measured.provider,
    count,
    repeats,
    secondsPerImage: { encode: spread(encode), denoise: spread(denoise), decode: spread(decode), total: spread(total) },
    processorSecondsPerImage: spread(measured.processor),
    secondsLoad: measured.secondsLoad,
    peakRssMb: measured.peakRssMb,
    activationMb: largest(denoiser.activationMb, decoder?.activationMb ?? null),
    fid: quoted('fid'),
    precision: quoted('precision'),
    recall: quoted('recall'),
    warnings: measured.warnings,
  };
}

/** What the window tells before a run. */
function remember({ log }: Workspace, { model, provider, secondsPerImage, steps, peakRssMb }: Measured): void {
  log.settings.set(`benchmark.${model}.${provider}`, {
    secondsPerImage: secondsPerImage.total.median,
    steps,
    peakRssMb,
    measuredAt: new Date().toISOString(),
    version: applicationVersion,
  });
}

function spread(values: number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = (sorted.length - 1) / 2;
  const [low = 0, high = 0] = [sorted[Math.floor(middle)], sorted[Math.ceil(middle)]];
  return { median: (low + high) / 2, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0 };
}

function largest(a: number | null, b: number | null): number | null {
  return a === null || b === null ? (a ?? b) : Math.max(a, b);
}
