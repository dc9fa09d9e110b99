import path from 'node:path';
import { parseArgs } from 'node:util';
import { writeCards } from './head-to-head/cards.ts';
import { costsOf, evaluateCell, generateCell, type Cell, type Measured, type Place } from './head-to-head/measure.ts';
import { comparisonOf } from './head-to-head/rows.ts';
import { writeComparison, writeTable } from './head-to-head/table.ts';
import { repositoryRoot } from './repository.ts';
import { unpackSplit } from './unpack-split.ts';

/**
 * Compares model packs on a held-out split, with the same sampler, steps, classes and seeds, by the application's own commands:
 * generates, evaluates, measures the cost, and writes the comparison into DIR as Markdown, CSV, JSON and a chart (SVG); without
 * --dry also the table of models/README.md, the JSON that the window draws and the quality card of each pack. It may be ended at any
 * moment: what was finished before, told by weights, sampling, seed, extractor and real images, is not done again. `--samplers`
 * compares several ways of sampling for each pack.
 */
const usage = `node scripts/head-to-head.ts --out DIR [options]
  --models LIST      ids with commas; the four chest X-ray packs by default
  --count N          images of each pack; 1000 by default
  --sampler NAME     dpmpp-2m by default
  --steps K          20 by default
  --samplers LIST    NAME:STEPS with commas (dpmpp-2m:12,dpmpp-2m:20,ddim:250): compares these for each pack
  --guidance W       1 by default
  --seed S           0 by default; class c has its own range of seeds
  --data DIR         data folder (manifest.csv, images_128.zip); ../shared/data/chest-xray by default
  --class COLUMNS    columns of the manifest that make a class, joined by a dash; label by default
  --where LIST       column=value with commas: which rows of the manifest count
  --extractor ID     extractor-chest-xray-128 by default
  --repeats R        repeats of the benchmark; 3 by default, 0 leaves it out
  --time-again       times again what was timed on this machine before
  --dry              nothing outside DIR is written`;

const { values } = parseArgs({
  options: {
    out: { type: 'string' },
    models: {
      type: 'string',
      default: 'chest-xray-ddpm-128,chest-xray-ldm-128,chest-xray-wdm-128,chest-xray-lwdm-128',
    },
    count: { type: 'string', default: '1000' },
    sampler: { type: 'string', default: 'dpmpp-2m' },
    steps: { type: 'string', default: '20' },
    samplers: { type: 'string' },
    guidance: { type: 'string', default: '1' },
    seed: { type: 'string', default: '0' },
    data: { type: 'string', default: path.join(repositoryRoot, '..', 'shared', 'data', 'chest-xray') },
    class: { type: 'string', default: 'label' },
    where: { type: 'string', default: '' },
    extractor: { type: 'string', default: 'extractor-chest-xray-128' },
    repeats: { type: 'string', default: '3' },
    'time-again': { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    help: { type: 'boolean', short: 'h' },
  },
});

if (values.help || values.out === undefined) {
  console.log(usage);
  process.exitCode = values.help ? 0 : 2;
} else await main(path.resolve(values.out));

async function main(out: string): Promise<void> {
  const conditions = listed(values.where).map((text) => text.split('='));
  const keep = (row: Record<string, string>): boolean =>
    conditions.every(([column = '', value]) => row[column] === value);
  const classColumns = listed(values.class);
  const split = (name: 'train' | 'holdout'): ReturnType<typeof unpackSplit> =>
    unpackSplit({ data: values.data, split: name, out: path.join(out, name), keep, classColumns });
  const real = await split('holdout');
  const training = await split('train');
  const place: Place = {
    out,
    extractor: values.extractor,
    guidance: Number(values.guidance),
    seed: Number(values.seed),
  };
  const counts = shares(
    real.map(({ label }) => label),
    Number(values.count),
  );
  const measured: Measured[] = [];
  for (const cell of cells()) {
    console.log(`${cell.model}, ${cell.sampler}, ${cell.steps} steps`);
    const generated = await generateCell(cell, { place, counts });
    measured.push({ cell, generated, evaluation: await evaluateCell(cell, { place, generated }) });
  }
  const repeats = Number(values.repeats);
  const costs = repeats === 0 ? null : await costsOf(measured, { place, repeats, timeAgain: values['time-again'] });
  const title = values.samplers === undefined ? 'head-to-head' : 'samplers';
  const comparison = await comparisonOf(measured, {
    costs,
    place,
    title,
    data: path.basename(values.data),
    training: training.length,
    command: `node scripts/head-to-head.ts ${process.argv.slice(2).join(' ')}`,
  });
  console.log(await writeComparison(comparison, path.join(out, 'comparison')));
  if (values.dry) return;
  const models = path.join(repositoryRoot, 'models');
  await writeTable(comparison, title, path.join(models, 'README.md'));
  await writeComparison(comparison, path.join(models, `${title}-${comparison.data}`), ['json']);
  if (values.samplers === undefined) await writeCards(measured);
}

function cells(): Cell[] {
  const models = listed(values.models);
  if (values.samplers === undefined)
    return models.map((model) => ({ model, sampler: values.sampler, steps: Number(values.steps) }));
  return models.flatMap((model) =>
    listed(values.samplers ?? '').map((text) => {
      const [sampler = '', steps = ''] = text.split(':');
      return { model, sampler, steps: Number(steps) };
    }),
  );
}

/** As many images of each class as its share of the real set, the remainders to the largest. */
function shares(labels: string[], total: number): { className: string; count: number }[] {
  const names = [...new Set(labels)].sort();
  const exact = names.map((className) => ({
    className,
    exact: (labels.filter((label) => label === className).length / labels.length) * total,
  }));
  let left = total - exact.reduce((sum, one) => sum + Math.floor(one.exact), 0);
  const byRemainder = [...exact].sort((a, b) => (b.exact % 1) - (a.exact % 1));
  return byRemainder
    .map(({ className, exact: share }) => ({ className, count: Math.floor(share) + (left-- > 0 ? 1 : 0) }))
    .sort((a, b) => (a.className < b.className ? -1 : 1));
}

function listed(text: string): string[] {
  return text.split(',').filter((part) => part !== '');
}
