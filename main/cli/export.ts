import { VerisimError } from '../../preload/errors.ts';
import { basicProfileOnly, type DeidentifyOptions } from '../../preload/deidentify.ts';
import { exportRisks, writeExport } from '../handlers/exports.ts';
import { readArguments, required, withWorkspace, wordOption, type Command } from './command.ts';
import { openSeries } from './open-series.ts';
import { clearProgress, printJson, showProgress } from './output.ts';

export const exportCommand: Command = {
  synopsis: 'export PATH [--series ID] --format dicom|nifti|png --out DIR [--deidentify] [--multi-frame] [--json]',
  summary: 'Writes a series in another format, with or without the identity of the patient.',
  details: `  --series ID      which series; not needed where PATH holds one
  --format NAME    dicom, nifti or png
  --out DIR        where to write
  --multi-frame    DICOM: one object with all slices
  --deidentify     removes what tells who the patient is, by PS3.15; writes a report beside the files
  --dates HOW      remove (default), shift (all of a patient by the same days) or keep; with --deidentify
  --retain LIST    what else may stay: uids, device, institution, patient (sex, age, size), by commas
  --clean-descriptors  keeps descriptions, reduced to known words of radiology`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      series: { type: 'string' },
      format: { type: 'string' },
      out: { type: 'string' },
      deidentify: { type: 'boolean', default: false },
      'multi-frame': { type: 'boolean', default: false },
      dates: { type: 'string', default: 'remove' },
      retain: { type: 'string', default: '' },
      'clean-descriptors': { type: 'boolean', default: false },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new VerisimError('WrongUse', 'Name one file or folder to export.');
    const format = wordOption(required(values.format, 'format'), 'format', ['dicom', 'nifti', 'png'] as const);
    const folder = required(values.out, 'out');
    const { deidentify, 'multi-frame': multiFrame } = values;
    const retain = retained(values);
    if (!deidentify && JSON.stringify(retain) !== JSON.stringify(basicProfileOnly)) {
      throw new VerisimError('WrongUse', 'What is to be retained is told with --deidentify only.');
    }
    const { files, risks } = await withWorkspace(
      async (workspace) => {
        const { id: seriesId } = await openSeries(workspace, { path, seriesId: values.series }, signal);
        const set = { kind: 'series', seriesId } as const;
        const written = await writeExport(
          workspace,
          { set, format, deidentify, retain, multiFrame, folder },
          { signal },
        );
        return { ...written, ...(deidentify ? await exportRisks(workspace, seriesId) : { risks: [] }) };
      },
      (event, payload) => {
        if (event === 'runs.changed' && 'progress' in payload) showProgress(payload.progress);
      },
    );
    clearProgress();
    for (const risk of risks) process.stderr.write(`note: ${risk}\n`);
    if (json) printJson({ files });
    else process.stdout.write(`${files.length} ${files.length === 1 ? 'file' : 'files'} written to ${folder}\n`);
    return 0;
  },
};

function retained(values: { dates: string; retain: string; 'clean-descriptors': boolean }): DeidentifyOptions {
  const kinds = ['uids', 'device', 'institution', 'patient'] as const;
  const kept = values.retain
    .split(',')
    .filter(Boolean)
    .map((word) => wordOption(word.trim(), 'retain', kinds));
  return {
    dates: wordOption(values.dates, 'dates', ['remove', 'shift', 'keep'] as const),
    uids: kept.includes('uids'),
    device: kept.includes('device'),
    institution: kept.includes('institution'),
    patient: kept.includes('patient'),
    descriptors: values['clean-descriptors'],
  };
}
