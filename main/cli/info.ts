import path from 'node:path';
import type { OpenResult, SkippedFile } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { inspectPaths } from '../handlers/studies.ts';
import { printSlides } from './slide-table.ts';
import { readArguments, type Command } from './command.ts';
import { clearProgress, printJson, printTable, reportSkipped, showProgress } from './output.ts';

export const infoCommand: Command = {
  synopsis: 'info PATH… [--json]',
  summary: 'Says which series and slides files, folders, ZIP archives and DICOMDIRs hold.',
  details: `Nothing is remembered. What could not be read is listed under skipped. The exit status is 1 when nothing could
be read or when one of the named paths itself could not; unreadable files inside a folder do not count.`,
  async run(args, { json, signal }) {
    const { positionals } = readArguments(args, {});
    if (positionals.length === 0) throw new VerisimError('WrongUse', 'Name at least one file or folder.');
    const onProgress = ({ done, total }: { done: number; total: number | null }): void =>
      showProgress({ done, total, secondsLeft: null, phase: 'Reading' });
    const result = await inspectPaths(positionals, { signal, onProgress });
    clearProgress();
    if (json) printJson({ series: result.series, slides: result.slides, skipped: result.skipped });
    else print(result);
    return exitStatus(positionals, result, json);
  },
};

function print({ series, slides, skipped }: OpenResult): void {
  const rows = series.map((one) => [
    one.id,
    one.modality,
    one.format,
    [one.columns, one.rows, one.slices, ...(one.frames > 1 ? [one.frames] : [])].join('×'),
    one.spacingMm.map((value) => String(Number(value.toFixed(3)))).join('×'),
    one.synthetic ? 'synthetic' : '',
    one.description,
  ]);
  if (rows.length > 0) printTable(['series', 'mod', 'format', 'size', 'spacing mm', 'mark', 'description'], rows);
  if (slides.length > 0) printSlides(slides);
  for (const summary of [...series, ...slides]) {
    for (const warning of summary.warnings) process.stdout.write(`note ${summary.id}: ${warning}\n`);
  }
  const inside = skipped.length;
  if (inside > 0) process.stdout.write(`${inside} ${inside === 1 ? 'file was' : 'files were'} skipped.\n`);
}

/** Named paths that failed, or, when nothing was read at all, everything that was skipped. */
function exitStatus(paths: string[], { series, slides, skipped }: OpenResult, json: boolean): number {
  const nothing = series.length + slides.length === 0;
  const named = new Set(paths.map((one) => path.resolve(one)));
  const failures: SkippedFile[] = nothing ? skipped : skipped.filter((one) => named.has(path.resolve(one.path)));
  for (const failure of failures) reportSkipped(failure, json);
  if (nothing && skipped.length === 0) {
    const message = `Nothing that Verisim can read was found in ${paths.join(', ')}.`;
    reportSkipped({ path: paths[0] ?? '', error: { tag: 'NotRecognised', message } }, json);
  }
  return failures.length > 0 || nothing ? 1 : 0;
}
