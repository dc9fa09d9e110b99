import { readFile, rename, writeFile } from 'node:fs/promises';
import type { MetricName } from '../../preload/evaluation.ts';
import type { HeadToHead, HeadToHeadRow } from '../../preload/head-to-head.ts';
import { frontierSvg } from './frontier-svg.ts';

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

const headings: Readonly<Record<string, string>> = { 'head-to-head': 'Head to head', samplers: 'Ways of sampling' };

const forms = {
  md: markdown,
  csv,
  json: (comparison: HeadToHead) => `${JSON.stringify(comparison, null, 2)}\n`,
  svg: frontierSvg,
};

/** Writes `file` with each ending; a file is there as a whole or as it was. Returns the Markdown. */
export async function writeComparison(
  comparison: HeadToHead,
  file: string,
  endings: (keyof typeof forms)[] = ['md', 'csv', 'json', 'svg'],
): Promise<string> {
  for (const ending of endings) await replace(`${file}.${ending}`, forms[ending](comparison));
  return markdown(comparison);
}

/** Puts the Markdown into `target` between its two marks (at the end, where they are not there yet). */
export async function writeTable(comparison: HeadToHead, title: string, target: string): Promise<void> {
  const [begin, end] = [`<!-- ${title}: begin -->`, `<!-- ${title}: end -->`];
  const before = await readFile(target, 'utf8');
  const block = `${begin}\n${markdown(comparison)}${end}`;
  const [from, to] = [before.indexOf(begin), before.indexOf(end)];
  const missing = from === -1 || to === -1;
  const after = missing
    ? `${before.trimEnd()}\n\n${block}\n`
    : before.slice(0, from) + block + before.slice(to + end.length);
  await replace(target, after);
}

function markdown(comparison: HeadToHead): string {
  const { title } = comparison;
  return [`## ${headings[title] ?? title}`, '', ...described(comparison), '', ...table(comparison), ''].join('\n');
}

function described({ rows, n, extractor, guidance, data, machine, measuredAt, commit, command }: HeadToHead): string[] {
  const time =
    machine === null
      ? 'Seconds are those of the one generation of these images, with whatever else the machine did; memory was not measured.'
      : `Seconds and memory (of the whole process): ${machine.threads} threads of ${machine.processor}, full batches, decoding included.`;
  return [
    `${rows[0]?.images ?? 0} images of each against the ${n.real} images of the held-out patients of ${data}, classes in the same shares, the same seeds, guidance ${guidance}.`,
    `Extractor ${extractor.id} ${extractor.version} (${extractor.width} features). Values with their 95 % interval; *real* are halves of the held-out images against`,
    `each other, with no patient in common and the same classes: what a perfect generator would get. FID is biased by the number of images, so the column *at the`,
    `floor's n* is of as many synthetic images against the same halves, and *× floor* is their ratio.`,
    `Parameters and operations include the autoencoder and are counted from the graphs, a multiply–add as two. ${time}`,
    `Rows with ◆ are on the frontier: no other one is faster, better (FID) and more diverse (recall) at once.`,
    `Measured on ${measuredAt.slice(0, 10)} at commit ${commit} by \`${command}\`.`,
  ];
}

function table({ rows, floor }: HeadToHead): string[] {
  const titles = [
    ...['pack', 'sampling', '◆', 'parameters', 'GFLOP a step', 'GFLOP an image', 's an image', 'MB'],
    ...columns.map(({ title }) => title),
    ...["FID at the floor's n", '× floor', 'copies'],
  ];
  const cells = rows.map((row) => [
    row.model,
    `${row.sampler}, ${row.steps}`,
    row.onFrontier === true ? '◆' : '',
    `${(row.parameters / 1e6).toFixed(1)} M`,
    row.gflopsPerCall?.toFixed(2) ?? '–',
    row.gflopsPerImage?.toFixed(1) ?? '–',
    row.secondsPerImage?.toPrecision(3) ?? '–',
    row.peakRssMb?.toFixed(0) ?? '–',
    ...columns.map(({ name, digits }) => withInterval(row.metrics[name], digits)),
    ...againstFloor(row.metrics.fid.atFloor, floor.fid),
    row.copies === null ? '–' : `${row.copies}`,
  ]);
  const real = columns.map(({ name, digits }) => floor[name]?.value.toFixed(digits) ?? '–');
  return [
    titles,
    titles.map(() => '---'),
    ...cells,
    ['*real*', '', '', '', '', '', '', '', ...real, real[0], '1', ''],
  ].map((row) => `| ${row.join(' | ')} |`);
}

function withInterval({ value, low, high }: HeadToHeadRow['metrics'][MetricName], digits: number): string {
  if (value === null) return '–';
  if (low === null || high === null) return value.toFixed(digits);
  return `${value.toFixed(digits)} (${low.toFixed(digits)} – ${high.toFixed(digits)})`;
}

function againstFloor(
  atFloor: HeadToHeadRow['metrics'][MetricName]['atFloor'],
  floor: HeadToHead['floor'][MetricName],
): [string, string] {
  if (atFloor === null || floor === null) return ['–', '–'];
  return [atFloor.value.toFixed(1), (atFloor.value / floor.value).toFixed(1)];
}

/** Full precision, one row for each cell; an empty field is a number that is not given. */
function csv({ rows }: HeadToHead): string {
  const facts = [
    ...(['model', 'family', 'sampler', 'steps', 'weights', 'images', 'parameters', 'gflopsPerCall'] as const),
    ...(['gflopsPerImage', 'secondsPerImage', 'secondsFrom', 'peakRssMb', 'copies', 'onFrontier'] as const),
  ];
  const names = columns.map(({ name }) => name);
  const header = [...facts, ...names.flatMap((name) => [name, `${name}Low`, `${name}High`])];
  const lines = rows.map((row) => [
    ...facts.map((fact) => row[fact]),
    ...names.flatMap((name) => [row.metrics[name].value, row.metrics[name].low, row.metrics[name].high]),
  ]);
  return [header, ...lines].map((line) => line.map((cell) => cell ?? '').join(',')).join('\n') + '\n';
}

async function replace(file: string, text: string): Promise<void> {
  await writeFile(`${file}.part`, text);
  await rename(`${file}.part`, file);
}
