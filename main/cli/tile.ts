import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import type { TilingResult } from '../../preload/slides.ts';
import { estimateSlides, tileSlides } from '../handlers/slide-tiling.ts';
import { type Command, readArguments, required, withWorkspace } from './command.ts';
import { clearProgress, printJson, printTable } from './output.ts';
import { progressOf } from './run-end.ts';
import { readTiling, tileOptionLines, tileOptions } from './tile-options.ts';

export const tileCommand: Command = {
  synopsis:
    'tile SLIDE… --size PX --mpp F [--overlap PX] --out DIR [--tissue SHARE] [--normalise METHOD] [--dry-run] [--json]',
  summary: 'Cuts the tissue of whole slides into patches; asked for again, makes only what is missing.',
  details: tileOptionLines,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, tileOptions);
    if (positionals.length === 0) throw new VerisimError('WrongUse', 'Name at least one slide.');
    const slides = positionals.map((one) => path.resolve(one));
    const settings = await readTiling(values);
    if (values['dry-run']) {
      const estimates = await estimateSlides({ slides, settings });
      if (json) printJson({ dryRun: true, slides: estimates });
      else {
        const rows = estimates.map((one) => [
          String(one.patches),
          String(one.background),
          megabytes(one.bytes),
          path.basename(one.path),
        ]);
        printTable(['patches', 'left out', 'MB', 'slide'], rows);
      }
      return 0;
    }
    const out = path.resolve(required(values.out, 'out'));
    const result = await withWorkspace(
      (workspace) => tileSlides(workspace, { slides, out, settings }, { signal }),
      progressOf,
    );
    clearProgress();
    if (json) printJson(result);
    else print(result);
    return result.failed.length > 0 ? 1 : 0;
  },
};

function print({ patches, skippedBecause, kept, seconds, peakRssMb, slides, failed, runId }: TilingResult): void {
  printTable(
    ['patches', 'skipped', 'folder'],
    slides.map((one) => [String(one.patches), String(one.skipped), one.out]),
  );
  for (const { path: file, error } of failed) process.stderr.write(`error ${error.tag}: ${file}: ${error.message}\n`);
  const before = kept > 0 ? `, ${kept} of them made before` : '';
  process.stdout.write(
    `${patches} patches${before}, ${skippedBecause.background} places without tissue, ${skippedBecause.blur} blurred; ${seconds.toFixed(1)} s, ${peakRssMb.toFixed(0)} MB, run ${runId}\n`,
  );
}

function megabytes(bytes: number): string {
  return (bytes / 1e6).toFixed(1);
}
