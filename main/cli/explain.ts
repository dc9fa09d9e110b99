import type { Explanation } from '../../preload/explain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { explainImage } from '../handlers/explain-run.ts';
import { type Command, numberOption, readArguments, required, withWorkspace } from './command.ts';
import { clearProgress, printJson, printTable } from './output.ts';
import { progressOf } from './run-end.ts';

export const explainCommand: Command = {
  synopsis: 'explain --run ID [--index I] [--members N] [--spread F] [--restore F] [--frames N] [--json]',
  summary: 'Says why one generated image looks as it does, and whether its steps were enough.',
  details: `  --run ID       the generation
  --index I      which of its images, from 0; 0 by default
  --members N    other seeds for spread and restoration, 2 to 64; 8 by default
  --spread F     noise from which the other seeds go on, 0.1 to 1; 0.6 by default
  --restore F    noise from which the image is restored; 0.25 by default
  --frames N     frames of the trajectory, 2 to 24; 10 by default
The maps are kept with the run of the explanation (runs show ID) and shown in the window; values are percent of the intensity range.`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      run: { type: 'string' },
      index: { type: 'string', default: '0' },
      members: { type: 'string', default: '8' },
      spread: { type: 'string', default: '0.6' },
      restore: { type: 'string', default: '0.25' },
      frames: { type: 'string', default: '10' },
    });
    if (positionals.length > 0) throw new VerisimError('WrongUse', `explain takes no ${positionals.join(' ')}.`);
    const share = (text: string, option: string): number =>
      numberOption(text, { option, min: 0.1, max: 1, whole: false });
    const input = {
      runId: required(values.run, 'run'),
      index: numberOption(values.index, { option: 'index', min: 0, max: 1_000_000 }),
      members: numberOption(values.members, { option: 'members', min: 2, max: 64 }),
      spreadStrength: share(values.spread, 'spread'),
      restoreStrength: share(values.restore, 'restore'),
      frames: numberOption(values.frames, { option: 'frames', min: 2, max: 24 }),
    };
    const result = await withWorkspace((workspace) => explainImage(workspace, input, { signal }), progressOf);
    clearProgress();
    if (json) printJson(result);
    else print(result);
    return 0;
  },
};

function print({ maps, missing, convergence, trajectory, reproduction, runId, seconds }: Explanation): void {
  printTable(
    ['map', 'mean', 'highest', 'unit', 'after'],
    maps.map(({ title, mean, highest, unit, grounding }) => [
      title,
      mean.toFixed(2),
      highest.toFixed(2),
      unit,
      grounding,
    ]),
  );
  for (const { title, reason } of missing) process.stdout.write(`${title}: not given. ${reason}\n`);
  if (convergence !== null) {
    const { verdict, score, advice } = convergence;
    const calls = trajectory?.calls ?? 0;
    process.stdout.write(`\n${verdict} after ${calls} calls (score ${score.toFixed(2)}). ${advice}\n`);
  }
  if (reproduction !== null)
    process.stdout.write(`Made again, the image differs from the kept one by at most ${reproduction.toFixed(3)} %.\n`);
  process.stdout.write(`${seconds.toFixed(1)} s, run ${runId}\n`);
}
