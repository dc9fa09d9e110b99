import { serialiseError, VerisimError } from '../../preload/errors.ts';
import type { Command, CommandContext } from './command.ts';
import { exportCommand } from './export.ts';
import { generateCommand } from './generate.ts';
import { infoCommand } from './info.ts';
import { modelsCommand } from './models.ts';
import { clearProgress, reportError } from './output.ts';
import { runsCommand } from './runs.ts';

/** `verisim COMMAND …`: exit 0 = done, 1 = failed with a tagged error on stderr, 2 = wrong use, 130 = interrupted. */
const commands: Readonly<Record<string, Command>> = {
  info: infoCommand,
  export: exportCommand,
  models: modelsCommand,
  generate: generateCommand,
  runs: runsCommand,
};

const usage = `Usage: verisim COMMAND [OPTIONS]

${Object.values(commands)
  .map(({ synopsis, summary }) => `  ${synopsis}\n      ${summary}`)
  .join('\n')}

Every command knows --json (one JSON value on stdout, errors as JSON on stderr) and --help.
Exit status: 0 done, 1 failed with a tagged error on stderr, 2 wrong use, 130 interrupted (what is finished is kept).
The data folder is named by VERISIM_HOME.
`;

process.exitCode = await main(process.argv.slice(2));

async function main([name, ...rest]: string[]): Promise<number> {
  const json = rest.includes('--json');
  process.stdout.on('error', () => process.exit(0));
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      (name === undefined ? process.stderr : process.stdout).write(usage);
      return name === undefined ? 2 : 0;
    }
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (command === undefined) {
      throw new VerisimError('WrongUse', `There is no command ${name}. Commands: ${Object.keys(commands).join(', ')}.`);
    }
    if (rest.includes('--help') || rest.includes('-h')) {
      process.stdout.write(`Usage: verisim ${command.synopsis}\n\n${command.summary}\n\n${command.details}\n`);
      return 0;
    }
    return await command.run(rest, interruptible(json));
  } catch (error) {
    clearProgress();
    const serialised = serialiseError(error);
    reportError(serialised, json);
    return serialised.tag === 'WrongUse' ? 2 : serialised.tag === 'Cancelled' ? 130 : 1;
  }
}

/** The first signal asks for a clean end, the second one ends at once. */
function interruptible(json: boolean): CommandContext {
  const abort = new AbortController();
  const stop = (): void => {
    if (abort.signal.aborted) process.exit(130);
    abort.abort(new VerisimError('Cancelled', 'Interrupted; what is finished is kept.'));
  };
  process.on('SIGINT', stop).on('SIGTERM', stop);
  return { json, signal: abort.signal };
}
