import { VerisimError } from '../../preload/errors.ts';
import type { AucValue, UsefulnessResult } from '../../preload/usefulness.ts';
import { folderSet } from '../handlers/measure-sets.ts';
import { testUsefulness } from '../handlers/usefulness.ts';
import { type Command, numberOption, readArguments, required, withWorkspace } from './command.ts';
import { clearProgress, printFindings, printJson, printTable } from './output.ts';
import { progressOf } from './run-end.ts';

export const usefulnessCommand: Command = {
  synopsis:
    'usefulness --real DIR --synthetic DIR --test DIR --extractor ID [--label COLUMN] [--per-real LIST] [--bootstrap N] [--json]',
  summary:
    'Asks whether synthetic images are worth training on: train on synthetic, on real and on both, test on real.',
  details: `  --real DIR        real images to learn from; those of patients of the test set are left out
  --synthetic DIR   synthetic images; their class is what they were made for
  --test DIR        real images that are tested
  --extractor ID    network that turns an image into features
  --label COLUMN    column of manifest.csv that is the class; label by default, else a subfolder is a class
  --per-real LIST   synthetic images for each real one, with commas: points of the curve; 0.1,0.25,0.5,1,2,4 by default
  --bootstrap N     resamples of test patients for each 95 % interval; 1000 by default
  --seed S          of inner folds, draws and resamples; 0 by default`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      real: { type: 'string' },
      synthetic: { type: 'string' },
      test: { type: 'string' },
      extractor: { type: 'string' },
      label: { type: 'string', default: 'label' },
      'per-real': { type: 'string', default: '0.1,0.25,0.5,1,2,4' },
      bootstrap: { type: 'string', default: '1000' },
      seed: { type: 'string', default: '0' },
    });
    if (positionals.length > 0) throw new VerisimError('WrongUse', `usefulness takes no ${positionals.join(' ')}.`);
    const folder = (name: 'real' | 'synthetic' | 'test') => folderSet(required(values[name], name));
    const input = {
      real: folder('real'),
      synthetic: folder('synthetic'),
      test: folder('test'),
      extractorId: required(values.extractor, 'extractor'),
      label: values.label,
      perReal: values['per-real']
        .split(',')
        .map((text) => numberOption(text, { option: 'per-real', min: 0, max: 100, whole: false })),
      bootstrap: numberOption(values.bootstrap, { option: 'bootstrap', min: 10, max: 10_000 }),
      seed: numberOption(values.seed, { option: 'seed', min: 0, max: 0xffff_ffff }),
    };
    const result = await withWorkspace((workspace) => testUsefulness(workspace, input, { signal }), progressOf);
    clearProgress();
    if (json) printJson(result);
    else print(result);
    return 0;
  },
};

function print({ arms, curve, agreement, n, extractor, warnings, grounding, limits, ...rest }: UsefulnessResult): void {
  for (const warning of warnings) process.stdout.write(`note: ${warning}\n`);
  printFindings(rest.findings);
  process.stdout.write(
    `${n.train} real and ${n.synthetic} synthetic images to learn from, ${n.test} real ones of ${n.testPatients} patients to test, ${extractor.id} ${extractor.version}\n\n`,
  );
  printTable(
    ['classifier', 'AUC', '95 %', 'less real', '95 %'],
    arms.map(({ title, auc, againstReal }) => [
      title,
      auc.value.toFixed(3),
      intervalText(auc),
      againstReal?.value.toFixed(3) ?? '',
      againstReal === null ? '' : intervalText(againstReal),
    ]),
  );
  process.stdout.write('\n');
  printTable(
    ['synthetic per real', 'images', 'AUC', 'smallest – largest draw'],
    curve.map(({ perReal, synthetic, auc, smallest, largest }) => [
      `${perReal}`,
      `${synthetic}`,
      auc.toFixed(3),
      `${smallest.toFixed(3)} – ${largest.toFixed(3)}`,
    ]),
  );
  const { accuracy, accuracyOnReal, kappa } = agreement;
  process.stdout.write(
    `\nA classifier of real images names the class of ${percent(accuracy.value)} of the synthetic images (${percent(accuracy.low)} to ${percent(accuracy.high)}; of the real ones ${percent(accuracyOnReal.value)}), κ ${kappa.toFixed(2)}.\n`,
  );
  process.stdout.write(`After ${grounding}. ${limits}\n${rest.seconds.toFixed(1)} s, run ${rest.runId}\n`);
}

function intervalText({ low, high }: AucValue): string {
  return `${low.toFixed(3)} to ${high.toFixed(3)}`;
}

function percent(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}
