import { execFileSync } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { samplers } from '../../main/diffusion/samplers/registry.ts';
import { countGraphCost, countParameters, operationsPerMultiplyAdd } from '../../main/engine/graph-cost.ts';
import { readNetworkFile } from '../../main/engine/network-file.ts';
import type { PackFile } from '../../main/engine/pack-schema.ts';
import { readPacks, type ModelPack } from '../../main/engine/packs.ts';
import { onParetoFrontier } from '../../main/evaluation/frontier.ts';
import type { BenchmarkResult } from '../../preload/benchmark.ts';
import { metricNames, type MetricName } from '../../preload/evaluation.ts';
import type { HeadToHead, HeadToHeadRow } from '../../preload/head-to-head.ts';
import type { SamplerName } from '../../preload/samplers.ts';
import { repositoryRoot } from '../repository.ts';
import type { Measured, Place } from './measure.ts';

interface Facts {
  costs: BenchmarkResult[] | null;
  place: Place;
  title: string;
  data: string;
  training: number;
  command: string;
}

/** Everything that was measured of every cell in one value: quality, diversity, time, memory, parameters and operations. */
export async function comparisonOf(measured: Measured[], facts: Facts): Promise<HeadToHead> {
  const [first] = measured;
  if (first === undefined) throw new Error('Nothing was measured: --models names no pack.');
  const { packs } = await readPacks([path.join(repositoryRoot, 'models')]);
  const rows: Omit<HeadToHeadRow, 'onFrontier'>[] = [];
  for (const one of measured) {
    const pack = packs.find(({ manifest }) => manifest.id === one.cell.model);
    if (pack === undefined) throw new Error(`The pack ${one.cell.model} is not among those of models/.`);
    rows.push(await rowOf(one, pack, facts.costs));
  }
  const { extractor, n, metrics } = first.evaluation;
  const [cost] = facts.costs ?? [];
  return {
    schema: 1,
    title: facts.title,
    data: facts.data,
    measuredAt: new Date().toISOString(),
    commit: commitNow(),
    command: facts.command,
    n: { real: n.real, training: facts.training },
    extractor: { id: extractor.id, version: extractor.version, width: extractor.width },
    guidance: facts.place.guidance,
    seed: facts.place.seed,
    machine: cost === undefined ? null : { processor: cost.processor, threads: cost.threads },
    floor: byMetric((name) => metrics[name].floor),
    rows: withFrontier(rows),
  };
}

async function rowOf(
  { cell, generated, evaluation }: Measured,
  pack: ModelPack,
  costs: BenchmarkResult[] | null,
): Promise<Omit<HeadToHeadRow, 'onFrontier'>> {
  const { model, sampler: name, steps } = cell;
  const { denoiser, encoder, decoder } = pack.manifest.files;
  const [ofDenoiser, ofEncoder, ofDecoder] = await Promise.all(
    [denoiser, encoder, decoder].map(async (file) => (file === undefined ? null : graphCost(pack, file))),
  );
  const sampler = name as SamplerName;
  const { callsPerStep } = samplers[sampler];
  // With two calls a step the last step has one.
  const calls = callsPerStep * steps - (callsPerStep - 1);
  const perCall = ofDenoiser?.gflops ?? null;
  const perDecode = ofDecoder === null ? 0 : (ofDecoder?.gflops ?? null);
  const timed = costs
    ?.flatMap(({ rows }) => rows)
    .find((row) => row.model === model && row.sampler === sampler && row.steps === steps);
  return {
    model,
    family: pack.manifest.family,
    sampler,
    steps,
    weights: generated.weights,
    images: generated.count,
    parameters: [ofDenoiser, ofEncoder, ofDecoder].reduce((sum, one) => sum + (one?.parameters ?? 0), 0),
    gflopsPerCall: perCall,
    gflopsPerImage: perCall === null || perDecode === null ? null : perCall * calls + perDecode,
    secondsPerImage: timed?.secondsPerImage.total.median ?? generated.secondsPerImage,
    secondsFrom: timed === undefined ? 'generation' : 'benchmark',
    peakRssMb: timed?.peakRssMb ?? null,
    metrics: byMetric((metric) => {
      const { value, low, high, atFloor } = evaluation.metrics[metric];
      return { value, low, high, atFloor };
    }),
    copies: evaluation.originality.threshold === null ? null : evaluation.originality.copies.length,
  };
}

/** Of one network, for one image. */
async function graphCost(
  { folder }: ModelPack,
  { path: name, batch }: PackFile,
): Promise<{ parameters: number; gflops: number | null }> {
  const file = path.join(folder, name);
  const graph = readNetworkFile(file, await readFile(file), batch);
  const { multiplyAdds } = countGraphCost(graph);
  const gflops = multiplyAdds === null ? null : (multiplyAdds * operationsPerMultiplyAdd) / batch / 1e9;
  return { parameters: countParameters(graph), gflops };
}

/** Seconds and FID small, recall large. */
function withFrontier(rows: Omit<HeadToHeadRow, 'onFrontier'>[]): HeadToHeadRow[] {
  const costs = rows.map(({ secondsPerImage, metrics }) => {
    const values = [secondsPerImage, metrics.fid.value, metrics.recall.value];
    return values.includes(null) ? null : [values[0]!, values[1]!, -values[2]!];
  });
  const on = onParetoFrontier(costs.filter((one) => one !== null));
  let at = 0;
  return rows.map((row, i) => ({ ...row, onFrontier: costs[i] === null ? null : on[at++]! }));
}

function byMetric<Value>(of: (name: MetricName) => Value): Record<MetricName, Value> {
  return Object.fromEntries(metricNames.map((name) => [name, of(name)])) as Record<MetricName, Value>;
}

function commitNow(): string {
  try {
    return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { cwd: repositoryRoot, encoding: 'utf8' }).trim();
  } catch {
    return '';
  }
}
