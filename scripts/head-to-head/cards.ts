import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { metricNames, type MetricName } from '../../preload/evaluation.ts';
import { repositoryRoot } from '../repository.ts';
import type { Measured } from './measure.ts';

/** Names in the quality card of model.json; `benchmark` looks for the first ones by name. */
const cardNames: Record<MetricName, string> = {
  fid: 'FID',
  fidInfinity: 'FID∞',
  kid: 'KID',
  mmd: 'MMD²',
  precision: 'Precision',
  recall: 'Recall',
  density: 'Density',
  coverage: 'Coverage',
  msSsim: 'MS-SSIM of pairs',
};

/** Puts what was measured into the `quality` of each pack's model.json; nothing else of it changes. */
export async function writeCards(measured: Measured[]): Promise<void> {
  for (const { cell, evaluation } of measured) {
    const file = path.join(repositoryRoot, 'models', cell.model, 'model.json');
    const manifest = JSON.parse(await readFile(file, 'utf8')) as Record<string, unknown>;
    const quality = metricNames.flatMap((name) => {
      const { value, low, high, n, extractor } = evaluation.metrics[name];
      if (value === null || low === null || high === null) return [];
      return [
        { metric: cardNames[name], value: round(value), low: round(low), high: round(high), n: n.synthetic, extractor },
      ];
    });
    await writeFile(file, `${JSON.stringify({ ...manifest, quality }, null, 2)}\n`);
  }
}

function round(value: number): number {
  return Number(value.toPrecision(5));
}
