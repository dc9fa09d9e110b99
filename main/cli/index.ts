import { enableCompileCache } from 'node:module';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import type { Command, CommandContext } from './command.ts';
import { clearProgress, reportError } from './output.ts';

/** `verisim COMMAND …`: exit 0 = done, 1 = failed with a tagged error on stderr, 2 = wrong use, 130 = interrupted. */
const commands: Readonly<Record<string, () => Promise<Command>>> = {
  info: async () => (await import('./info.ts')).infoCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  models: async () => (await import('./models.ts')).modelsCommand,
  providers: async () => (await import('./providers.ts')).providersCommand,
  generate: async () => (await import('./generate.ts')).generateCommand,
  benchmark: async () => (await import('./benchmark.ts')).benchmarkCommand,
  evaluate: async () => (await import('./evaluate.ts')).evaluateCommand,
  explain: async () => (await import('./explain.ts')).explainCommand,
  probe: async () => (await import('./probe.ts')).probeCommand,
  usefulness: async () => (await import('./usefulness.ts')).usefulnessCommand,
  tile: async () => (await import('./tile.ts')).tileCommand,
  slide: async () => (await import('./slide.ts')).slideCommand,
  runs: async () => (await import('./runs.ts')).runsCommand,
};

// What is imported from here on is compiled once and kept.
enableCompileCache();
process.exitCode = await main(process.argv.slice(2));

async function main([name, ...rest]: string[]): Promise<number> {
  const json = rest.includes('--json');
  process.stdout.on('error', () => process.exit(0));
  try {
    if (name === undefined || name === 'help' || name === '--help' || name === '-h') {
      (name === undefined ? process.stderr : process.stdout).write(await usage());
      return name === undefined ? 2 : 0;
    }
    const load = Object.hasOwn(commands, name) ? commands[name] : undefined;
    if (load === undefined) {
      throw new VerisimError('WrongUse', `There is no command ${name}. Commands: ${Object.keys(commands).join(', ')}.`);
    }
    const command = await load();
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

async function usage(): Promise<string> {
  const all = await Promise.all(Object.values(commands).map((load) => load()));
  return `Usage: verisim COMMAND [OPTIONS]

${all.map(({ synopsis, summary }) => `  ${synopsis}\n      ${summary}`).join('\n')}

Every command knows --json (one JSON value on stdout, errors as JSON on stderr) and --help.
Exit status: 0 done, 1 failed with a tagged error on stderr, 2 wrong use, 130 interrupted (what is finished is kept).
The data folder is named by VERISIM_HOME.
`;
}
