import type { BenchmarkResult, BenchmarkRow, Spread } from '../../preload/benchmark.ts';
import { VerisimError } from '../../preload/errors.ts';
import { samplerNames } from '../../preload/samplers.ts';
import { runBenchmarks } from '../handlers/benchmark.ts';
import { type Command, numberOption, providerNames, readArguments, withWorkspace, wordOption } from './command.ts';
import { clearProgress, printJson, printTable } from './output.ts';
import { progressOf } from './run-end.ts';

export const benchmarkCommand: Command = {
  synopsis: `benchmark [--models ID,ID…] [--steps K] [--repeats R] [--count N[,N…]] [--provider NAME] [--sampler NAME] [--json]`,
  summary: 'Measures the cost of every model, side by side, and remembers it as the cost of a run on this machine.',
  details: `  --models LIST    ids with commas; by default all that are installed
  --steps K        10 by default
  --repeats R      runs that are measured, after a first one that is not; 3 by default
  --count LIST     images of one run; several with commas give a row each; by default a full batch of the model
  --provider NAME  ${providerNames.join(', ')}; cpu by default
  --sampler NAME   ${samplerNames.join(', ')}; ddim by default, the same for all
Seconds are per image, without guidance: middle of the repeats (shortest – longest). The peak memory is that of a process
of its own for each row. A multiply–add counts as two operations.`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      models: { type: 'string', default: '' },
      steps: { type: 'string', default: '10' },
      repeats: { type: 'string', default: '3' },
      count: { type: 'string' },
      provider: { type: 'string', default: 'cpu' },
      sampler: { type: 'string', default: 'ddim' },
    });
    if (positionals.length > 0) throw new VerisimError('WrongUse', `benchmark takes no ${positionals.join(' ')}.`);
    const input = {
      modelIds: listed(values.models),
      steps: numberOption(values.steps, { option: 'steps', min: 1, max: 1000 }),
      repeats: numberOption(values.repeats, { option: 'repeats', min: 1, max: 100 }),
      counts:
        values.count === undefined
          ? [null]
          : listed(values.count).map((text) => numberOption(text, { option: 'count', min: 1, max: 100_000 })),
      provider: wordOption(values.provider, 'provider', providerNames),
      sampler: wordOption(values.sampler, 'sampler', samplerNames),
    };
    const result = await withWorkspace((workspace) => runBenchmarks(workspace, input, { signal }), progressOf);
    clearProgress();
    if (json) printJson(result);
    else print(result);
    return 0;
  },
};

function listed(text: string): string[] {
  return text
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

function print({ rows, threads, processor, runId }: BenchmarkResult): void {
  for (const { model, warnings } of rows)
    for (const note of warnings) process.stderr.write(`note: ${model}: ${note}\n`);
  const header = [
    'model',
    'family',
    'parameters',
    'GFLOP/step',
    'images',
    'encode s',
    'denoise s',
    'decode s',
    'total s',
  ];
  printTable([...header, 'peak MB', '× DDPM', 'FID'], rows.map(cells));
  const { sampler, steps, provider } = rows[0] ?? {};
  process.stdout.write(`${sampler}, ${steps} steps, ${provider}, ${threads} threads of ${processor}, run ${runId}\n`);
}

function cells(row: BenchmarkRow): string[] {
  const { encode, denoise, decode, total } = row.secondsPerImage;
  return [
    row.model,
    row.family,
    `${(row.parameters / 1e6).toFixed(1)} M`,
    numberText(row.gflopsPerStep, 2),
    `${row.count}`,
    ...[encode, denoise, decode, total].map(spreadText),
    numberText(row.peakRssMb, 0),
    numberText(row.ratioToDdpm, 1),
    numberText(row.fid, 1),
  ];
}

function spreadText({ median, min, max }: Spread): string {
  return `${median.toFixed(3)} (${min.toFixed(3)} – ${max.toFixed(3)})`;
}

function numberText(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits);
}
