import { join } from 'node:path';
import { electronRuntime } from './electron-runtime.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand, type CommandResult } from './run-command.ts';

/** Runs the Playwright tests against dist/ in the real Electron; where there is no display each worker starts one (fixtures.ts). */
export async function runEndToEnd(playwrightArguments: string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const { distFolder, message } = await electronRuntime((line) => console.log(line));
  console.log(message);
  const playwright = join(repositoryRoot, 'node_modules', '.bin', 'playwright');
  const options = ['test', '-c', join(repositoryRoot, 'tests', 'e2e'), ...playwrightArguments];
  return runCommand(playwright, options, {
    cwd: repositoryRoot,
    env: { ...process.env, ...env, ELECTRON_OVERRIDE_DIST_PATH: distFolder },
  });
}

/** `npm run test:e2e [-- Playwright arguments]` */
if (import.meta.main) {
  const built = await runCommand(process.execPath, [join(import.meta.dirname, 'build.ts')], { cwd: repositoryRoot });
  process.exitCode = built.code === 0 ? (await runEndToEnd(process.argv.slice(2))).code : built.code;
}
