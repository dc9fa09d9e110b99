import { join } from 'node:path';
import { electronRuntime } from './electron-runtime.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand, type CommandResult } from './run-command.ts';

/** Runs the Playwright tests against dist/ in the real Electron, under Xvfb where there is no display. */
export async function runEndToEnd(playwrightArguments: string[], env: NodeJS.ProcessEnv = {}): Promise<CommandResult> {
  const { distFolder, message } = await electronRuntime((line) => console.log(line));
  console.log(message);
  const playwright = join(repositoryRoot, 'node_modules', '.bin', 'playwright');
  const command = [playwright, 'test', '-c', join(repositoryRoot, 'tests', 'e2e'), ...playwrightArguments];
  const screen = ['xvfb-run', '-a', '-s', '-screen 0 1600x1000x24'];
  const needsScreen = process.platform === 'linux' && !process.env.DISPLAY;
  const [program = playwright, ...rest] = needsScreen ? [...screen, ...command] : command;
  return runCommand(program, rest, {
    cwd: repositoryRoot,
    env: { ...process.env, ...env, ELECTRON_OVERRIDE_DIST_PATH: distFolder },
  });
}

/** `npm run test:e2e [-- Playwright arguments]` */
if (import.meta.main) {
  const built = await runCommand(process.execPath, [join(import.meta.dirname, 'build.ts')], { cwd: repositoryRoot });
  process.exitCode = built.code === 0 ? (await runEndToEnd(process.argv.slice(2))).code : built.code;
}
