import { VerisimError } from '../../preload/errors.ts';
import { type EvaluationResult, measureNames, type MetricValue, type Signature } from '../../preload/evaluation.ts';
import { folderSet } from '../handlers/measure-sets.ts';
import { evaluateAsRun } from '../handlers/measure.ts';
import { type Command, numberOption, readArguments, required, withWorkspace } from './command.ts';
import { clearProgress, printJson, printTable, reportSkipped } from './output.ts';
import { progressOf } from './run-end.ts';

export const evaluateCommand: Command = {
  synopsis:
    'evaluate --real DIR --synthetic DIR [--extractor ID | --model ID] [--training DIR] [--radiomics] [--bootstrap N] [--json]',
  summary: 'Measures how good, how diverse and how original a set of synthetic images is.',
  details: `  --real DIR       real images the generator has not seen: PNG, DICOM, NIfTI, also in subfolders
  --synthetic DIR  the images to measure
  --training DIR   the images the generator was trained on; copies are looked for there, otherwise in --real
  --extractor ID   network that turns an image into features; radiomics needs no network
  --radiomics      also the Fréchet radiomic distance (some twentieths of a second an image)
  --model ID       takes the extractor of this model's modality and anatomy
  --bootstrap N    random halves for each 95 % interval, 10 to 2000; 100 by default
A file manifest.csv in a folder, with the columns file and patient, says which images are of one patient.`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      real: { type: 'string' },
      synthetic: { type: 'string' },
      training: { type: 'string' },
      extractor: { type: 'string' },
      model: { type: 'string' },
      radiomics: { type: 'boolean', default: false },
      bootstrap: { type: 'string', default: '100' },
    });
    if (positionals.length > 0) throw new VerisimError('WrongUse', `evaluate takes no ${positionals.join(' ')}.`);
    const [real, synthetic] = [required(values.real, 'real'), required(values.synthetic, 'synthetic')].map(folderSet);
    const radiomics = values.radiomics;
    const bootstrap = numberOption(values.bootstrap, { option: 'bootstrap', min: 10, max: 2000 });
    const request = {
      real: real!,
      training: values.training === undefined ? null : folderSet(values.training),
      cohorts: [{ name: synthetic!.name, set: synthetic! }],
      extractorId: values.extractor ?? null,
      modelId: values.model ?? null,
      ...{ radiomics, bootstrap, parameters: { radiomics, bootstrap } },
    };
    const { cohorts, runId } = await withWorkspace(
      (workspace) => evaluateAsRun(workspace, request, { signal }),
      progressOf,
    );
    const { result } = cohorts[0]!;
    clearProgress();
    for (const one of result.skipped) reportSkipped(one, json);
    if (json) printJson({ runId, ...result });
    else print(result, runId);
    return 0;
  },
};

function print(
  { n, extractor, metrics, failureSignatures, originality, warnings, seconds }: EvaluationResult,
  runId: string,
): void {
  for (const warning of warnings) process.stdout.write(`note: ${warning}\n`);
  process.stdout.write(
    `${n.real} real and ${n.synthetic} synthetic images, extractor ${extractor.id} ${extractor.version}, ${extractor.width} features\n\n`,
  );
  printTable(
    ['metric', 'value', '95 %', 'at floor’s n', 'real against real', 'note'],
    measureNames.map((name) => [name, ...cells(metrics[name])]),
  );
  if (failureSignatures !== null) {
    process.stdout.write('\n');
    const rows = (['checkerboard', 'overSmoothing', 'lowLaplacian', 'grain'] as const).map((name) => [
      name,
      ...signatureCells(failureSignatures[name]),
    ]);
    printTable(['signature', 'synthetic', 'real', 'AUC', 'beyond 95 % of the real'], rows);
  }
  const { copies, searched, threshold, synthetic, note } = originality;
  const limit = threshold === null ? '' : `, threshold ${number(threshold)}`;
  process.stdout.write(
    `\n${copies.length} suspected copies among ${searched} real images (highest score ${number(synthetic.highest)}${limit}). ${note}\n`,
  );
  for (const { synthetic: copy, real, score } of copies.slice(0, 20))
    process.stdout.write(`  ${copy}  like ${real}  ${number(score)}\n`);
  process.stdout.write(`${seconds.total.toFixed(1)} s, run ${runId}\n`);
}

function cells({ value, low, high, floor, atFloor, note }: MetricValue): string[] {
  const interval = low === null || high === null ? '' : `${number(low)} to ${number(high)}`;
  const equal = atFloor === null ? '' : `${number(atFloor.value)} (n ${atFloor.n})`;
  return [value === null ? '—' : number(value), interval, equal, floor === null ? '' : number(floor.value), note];
}

function signatureCells({ synthetic, real, auc, beyondReal }: Signature): string[] {
  return [number(synthetic), number(real), auc.toFixed(3), `${(beyondReal * 100).toFixed(0)} %`];
}

/** Four significant digits. */
function number(value: number): string {
  return String(Number(value.toPrecision(4)));
}
