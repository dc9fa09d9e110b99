import { VerisimError } from '../../preload/errors.ts';
import type { AucValue, ProbeResult } from '../../preload/usefulness.ts';
import { folderSet } from '../handlers/measure-sets.ts';
import { probeLatents } from '../handlers/probe.ts';
import { type Command, numberOption, readArguments, required, withWorkspace } from './command.ts';
import { clearProgress, printFindings, printJson, printTable } from './output.ts';
import { progressOf } from './run-end.ts';

export const probeCommand: Command = {
  synopsis: 'probe --data DIR --models ID[,ID…] [--label COLUMN] [--folds N] [--most N] [--bootstrap N] [--json]',
  summary:
    'Asks whether latents are meaningful: a linear classifier on them, against pixels and random sums of pixels.',
  details: `  --data DIR       real images with classes; manifest.csv says file, patient and class, else a subfolder is a class
  --models LIST    models with an autoencoder (ldm, lwdm) that take grey images of one size
  --label COLUMN   column of manifest.csv that is the class; label by default
  --folds N        folds over patients, 2 to 20; 5 by default
  --most N         images that are used at most, whole patients; 600 by default
  --bootstrap N    resamples of patients for each 95 % interval; 1000 by default
  --seed S         of folds, resamples and projections; 0 by default`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      data: { type: 'string' },
      models: { type: 'string' },
      label: { type: 'string', default: 'label' },
      folds: { type: 'string', default: '5' },
      most: { type: 'string', default: '600' },
      bootstrap: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '0' },
    });
    if (positionals.length > 0) throw new VerisimError('WrongUse', `probe takes no ${positionals.join(' ')}.`);
    const input = {
      data: folderSet(required(values.data, 'data')),
      modelIds: required(values.models, 'models')
        .split(',')
        .filter((id) => id !== ''),
      label: values.label,
      folds: numberOption(values.folds, { option: 'folds', min: 2, max: 20 }),
      most: numberOption(values.most, { option: 'most', min: 20, max: 5000 }),
      bootstrap: numberOption(values.bootstrap, { option: 'bootstrap', min: 10, max: 10_000 }),
      seed: numberOption(values.seed, { option: 'seed', min: 0, max: 0xffff_ffff }),
    };
    const result = await withWorkspace((workspace) => probeLatents(workspace, input, { signal }), progressOf);
    clearProgress();
    if (json) printJson(result);
    else print(result);
    return 0;
  },
};

function print({ n, folds, rows, findings, grounding, limits, warnings, seconds, runId }: ProbeResult): void {
  for (const warning of warnings) process.stdout.write(`note: ${warning}\n`);
  printFindings(findings);
  const classes = n.classes.map(({ label, images }) => `${images} ${label}`).join(', ');
  process.stdout.write(`${n.images} images of ${n.patients} patients (${classes}), ${folds} folds over patients\n\n`);
  printTable(
    ['probe on', 'values', 'AUC', '95 %', 'less pixels', '95 %'],
    rows.map(({ title, dimension, auc, againstPixels }) => [
      title,
      `${dimension}`,
      auc.value.toFixed(3),
      intervalText(auc),
      againstPixels?.value.toFixed(3) ?? '',
      againstPixels === null ? '' : intervalText(againstPixels),
    ]),
  );
  process.stdout.write(`\nAfter ${grounding}. ${limits}\n${seconds.toFixed(1)} s, run ${runId}\n`);
}

function intervalText({ low, high }: AucValue): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}
