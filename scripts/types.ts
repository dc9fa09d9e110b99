import { join } from 'node:path';
import { repositoryRoot } from './repository.ts';
import { runCommand, type CommandResult } from './run-command.ts';

const bin = (name: string) => join(repositoryRoot, 'node_modules', '.bin', name);

/** TypeScript over everything that runs in Node; svelte-check over the window. Each takes the tsconfig of what it checks. */
export const typeCheckers = {
  node: (tsconfig: string) => runCommand(bin('tsc'), ['-p', tsconfig], { quiet: true }),
  window: (folder: string): Promise<CommandResult> =>
    runCommand(
      bin('svelte-check'),
      ['--workspace', folder, '--tsconfig', join(folder, 'tsconfig.json'), '--output', 'machine', '--fail-on-warnings'],
      { quiet: true },
    ),
};

/** `npm run types` */
if (import.meta.main) {
  const results = [
    await typeCheckers.node(join(repositoryRoot, 'tsconfig.json')),
    await typeCheckers.window(join(repositoryRoot, 'renderer')),
  ];
  for (const { output } of results) process.stdout.write(output);
  if (results.some(({ code }) => code !== 0)) process.exitCode = 1;
}
