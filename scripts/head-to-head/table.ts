import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import type { BenchmarkResult } from '../../preload/benchmark.ts';
import type { MetricName, MetricValue } from '../../preload/evaluation.ts';
import { repositoryRoot } from '../repository.ts';
import type { Measured, Place } from './measure.ts';

const columns: { name: MetricName; title: string; digits: number }[] = [
  { name: 'fid', title: 'FID', digits: 1 },
  { name: 'fidInfinity', title: 'FID∞', digits: 1 },
  { name: 'kid', title: 'KID', digits: 3 },
  { name: 'precision', title: 'precision', digits: 2 },
  { name: 'recall', title: 'recall', digits: 2 },
  { name: 'density', title: 'density', digits: 2 },
  { name: 'coverage', title: 'coverage', digits: 2 },
  { name: 'msSsim', title: 'MS-SSIM', digits: 3 },
];

const headings = { 'head-to-head': 'Head to head', samplers: 'Samplers on one pack' };

interface TableFacts {
  costs: BenchmarkResult[] | null;
  place: Place;
  title: keyof typeof headings;
  /** models/README.md, or null to write nothing. */
  target: string | null;
  data: string;
}

/** The table as Markdown, put into the target between its two marks (at the end, where they are not there yet). */
export async function writeTable(measured: Measured[], facts: TableFacts): Promise<string> {
  const { title, target } = facts;
  const text = [
    `## ${headings[title]}`,
    '',
    ...described(measured, facts),
    '',
    ...table(measured, facts.costs),
    '',
  ].join('\n');
  if (target !== null) {
    const [begin, end] = [`<!-- ${title}: begin -->`, `<!-- ${title}: end -->`];
    const before = readFileSync(target, 'utf8');
    const block = `${begin}\n${text}${end}`;
    const from = before.indexOf(begin);
    const to = before.indexOf(end);
    const after =
      from === -1 || to === -1
        ? `${before.trimEnd()}\n\n${block}\n`
        : before.slice(0, from) + block + before.slice(to + end.length);
    writeFileSync(target, after);
  }
  return text;
}

function described(measured: Measured[], { costs, place, data }: TableFacts): string[] {
  const [first] = measured;
  if (first === undefined) return ['Nothing was measured.'];
  const { n, extractor } = first.evaluation;
  const date = new Date().toISOString().slice(0, 10);
  const commit = execFileSync('git', ['rev-parse', '--short', 'HEAD'], {
    cwd: repositoryRoot,
    encoding: 'utf8',
  }).trim();
  const [cost] = costs ?? [];
  const machine =
    cost === undefined
      ? ''
      : ` Cost: ${cost.threads} threads of ${cost.processor}, full batches, decoding included; memory of the whole process.`;
  return [
    `${n.synthetic} images of each against the ${n.real} of the held-out patients of ${data}, classes in the same shares, the same seeds, guidance ${place.guidance}.`,
    `Extractor ${extractor.id} ${extractor.version} (${extractor.width} features). Values with their 95 % interval; *real* is one random half of the held-out`,
    `images against the other, which no generator can be asked to beat (a half is smaller than the whole, so its FID is biased further up; FID∞ is free of that).${machine}`,
    `Measured on ${date} at commit ${commit} by \`node scripts/head-to-head.ts\`.`,
  ];
}

function table(measured: Measured[], costs: BenchmarkResult[] | null): string[] {
  const titles = [
    'pack',
    'sampling',
    'parameters',
    'GFLOP a step',
    's an image',
    'MB',
    ...columns.map(({ title }) => title),
    'copies',
  ];
  const rows = measured.map(({ cell, evaluation }) => {
    const cost = costs
      ?.flatMap(({ rows: all }) => all)
      .find(({ model, sampler, steps }) => model === cell.model && sampler === cell.sampler && steps === cell.steps);
    const total = cost?.secondsPerImage.total.median;
    return [
      cell.model,
      `${cell.sampler}, ${cell.steps}`,
      cost === undefined ? '–' : `${(cost.parameters / 1e6).toFixed(1)} M`,
      cost?.gflopsPerStep?.toFixed(2) ?? '–',
      total?.toPrecision(3) ?? '–',
      cost?.peakRssMb?.toFixed(0) ?? '–',
      ...columns.map(({ name, digits }) => cellText(evaluation.metrics[name], digits)),
      evaluation.originality.threshold === null ? '–' : `${evaluation.originality.copies.length}`,
    ];
  });
  const [first] = measured;
  const floor = columns.map(({ name, digits }) => first?.evaluation.metrics[name].floor?.value.toFixed(digits) ?? '–');
  return [titles, titles.map(() => '---'), ...rows, ['*real*', '', '', '', '', '', ...floor, '']].map(
    (row) => `| ${row.join(' | ')} |`,
  );
}

function cellText({ value, low, high }: MetricValue, digits: number): string {
  if (value === null) return '–';
  if (low === null || high === null) return value.toFixed(digits);
  return `${value.toFixed(digits)} (${low.toFixed(digits)} – ${high.toFixed(digits)})`;
}
