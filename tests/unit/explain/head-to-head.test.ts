import { mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { onParetoFrontier } from '../../../main/evaluation/frontier.ts';
import { listComparisons } from '../../../main/handlers/frontier.ts';
import { metricNames, type MetricName } from '../../../preload/evaluation.ts';
import type { HeadToHead, HeadToHeadRow } from '../../../preload/head-to-head.ts';
import { writeComparison, writeTable } from '../../../scripts/head-to-head/table.ts';

function byMetric<Value>(of: (name: MetricName) => Value): Record<MetricName, Value> {
  return Object.fromEntries(metricNames.map((name) => [name, of(name)])) as Record<MetricName, Value>;
}

const atFloor = { n: 435, value: 19.4, low: 18, high: 21, excess: { value: 9.7, low: 8, high: 11 } };

function rowOf(
  steps: number,
  [seconds, fid, recall]: [number, number | null, number],
  onFrontier: boolean,
): HeadToHeadRow {
  const values: Partial<Record<MetricName, number | null>> = { fid, recall };
  return {
    ...{ model: 'small-ldm', family: 'ldm', sampler: 'ddim', steps, weights: '01234567', images: 400 },
    ...{ parameters: 6_900_000, gflopsPerCall: 1.8, gflopsPerImage: 36.7, secondsPerImage: seconds },
    ...{ secondsFrom: 'generation', peakRssMb: null, copies: 0, onFrontier: fid === null ? null : onFrontier },
    metrics: byMetric((name) => ({
      value: values[name] ?? null,
      low: null,
      high: null,
      atFloor: values[name] == null ? null : atFloor,
    })),
  };
}

const comparison: HeadToHead = {
  schema: 1,
  title: 'head-to-head',
  data: 'chest <xray>',
  measuredAt: '2026-11-23T03:00:00.000Z',
  commit: 'abcdef0',
  command: 'node scripts/head-to-head.ts --out DIR',
  n: { real: 872, training: 4328 },
  extractor: { id: 'extractor', version: '1', width: 192 },
  guidance: 1,
  seed: 0,
  machine: null,
  floor: byMetric(() => ({ value: 9.7, low: 5, high: 14 })),
  rows: [rowOf(10, [0.1, 9, 0.7], true), rowOf(20, [0.3, 12, 0.6], false), rowOf(40, [0.6, null, 0.8], true)],
};

describe('the frontier', () => {
  it('holds what nothing else beats in everything; equals stay together', () => {
    const costs = [
      [1, 9, -0.7],
      [2, 8, -0.7],
      [2, 9, -0.7],
      [3, 9, -0.9],
      [1, 9, -0.7],
    ];
    expect(onParetoFrontier(costs)).toEqual([true, true, false, true, true]);
  });
});

describe('a comparison of packs', () => {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'verisim-comparison-'));

  it('is written as Markdown, CSV, JSON and a chart, and leaves no half file', async () => {
    const file = path.join(folder, 'comparison');
    const markdown = await writeComparison(comparison, file);
    expect(readFileSync(`${file}.md`, 'utf8')).toBe(markdown);
    expect(markdown).toContain('| small-ldm | ddim, 10 | ◆ | 6.9 M | 1.80 | 36.7 | 0.100 | – | 9.0 |');
    expect(markdown).toContain('| 19.4 | 2.0 | 0 |');
    expect(markdown).toContain('| 9.7 | 1 |  |');
    expect(JSON.parse(readFileSync(`${file}.json`, 'utf8'))).toEqual(comparison);
    const [header = '', ...lines] = readFileSync(`${file}.csv`, 'utf8').trim().split('\n');
    expect(lines).toHaveLength(3);
    for (const line of lines) expect(line.split(',')).toHaveLength(header.split(',').length);
    expect(lines[2]!.split(',')[header.split(',').indexOf('fid')]).toBe('');
    const svg = readFileSync(`${file}.svg`, 'utf8');
    expect(svg.match(/<circle [^>]*fill-opacity/g)).toHaveLength(2);
    expect(svg).toContain('chest &lt;xray&gt;');
    expect(svg).not.toContain('NaN');
  });

  it('takes the place of the one before in a document, and leaves the rest of it', async () => {
    const target = path.join(folder, 'README.md');
    writeFileSync(target, 'Before.\n\n<!-- head-to-head: begin -->\nold\n<!-- head-to-head: end -->\n\nAfter.\n');
    await writeTable(comparison, 'head-to-head', target);
    await writeTable(comparison, 'head-to-head', target);
    const text = readFileSync(target, 'utf8');
    expect(text).toMatch(/^Before\.\n\n<!-- head-to-head: begin -->\n## Head to head/);
    expect(text).toMatch(/<!-- head-to-head: end -->\n\nAfter\.\n$/);
    expect(text).not.toContain('old');
    expect(text.match(/ddim, 10/g)).toHaveLength(1);
  });

  it('is found by the window beside the packs, newest first; another file is passed over', async () => {
    const models = path.join(folder, 'models');
    mkdirSync(models);
    await writeComparison({ ...comparison, measuredAt: '2026-11-20' }, path.join(models, 'samplers-chest'), ['json']);
    await writeComparison(comparison, path.join(models, 'head-to-head-chest'), ['json']);
    writeFileSync(path.join(models, 'head-to-head-broken.json'), '{"schema":1');
    const { comparisons } = await listComparisons({ applicationRoot: folder });
    expect(comparisons.map(({ measuredAt }) => measuredAt)).toEqual([comparison.measuredAt, '2026-11-20']);
  });
});
