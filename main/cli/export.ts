import { VerisimError } from '../../preload/errors.ts';
import { writeExport } from '../handlers/exports.ts';
import { readArguments, required, withWorkspace, wordOption, type Command } from './command.ts';
import { openSeries } from './open-series.ts';
import { clearProgress, printJson, showProgress } from './output.ts';

export const exportCommand: Command = {
  synopsis: 'export PATH [--series ID] --format dicom|nifti|png --out DIR [--deidentify] [--json]',
  summary: 'Writes a series in another format, with or without the identity of the patient.',
  details: `  --series ID      which series; not needed where PATH holds one
  --format NAME    dicom, nifti or png
  --out DIR        where to write
  --deidentify     removes what tells who the patient is`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      series: { type: 'string' },
      format: { type: 'string' },
      out: { type: 'string' },
      deidentify: { type: 'boolean', default: false },
    });
    const [path, ...more] = positionals;
    if (path === undefined || more.length > 0) throw new VerisimError('WrongUse', 'Name one file or folder to export.');
    const format = wordOption(required(values.format, 'format'), 'format', ['dicom', 'nifti', 'png'] as const);
    const folder = required(values.out, 'out');
    const { deidentify } = values;
    const { files } = await withWorkspace(
      async (workspace) => {
        const { id: seriesId } = await openSeries(workspace, { path, seriesId: values.series }, signal);
        return writeExport(workspace, { set: { kind: 'series', seriesId }, format, deidentify, folder }, { signal });
      },
      (event, payload) => {
        if (event === 'runs.changed' && 'progress' in payload) showProgress(payload.progress);
      },
    );
    clearProgress();
    if (json) printJson({ files });
    else process.stdout.write(`${files.length} ${files.length === 1 ? 'file' : 'files'} written to ${folder}\n`);
    return 0;
  },
};
