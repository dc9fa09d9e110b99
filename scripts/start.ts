import { join } from 'node:path';
import { electronArguments } from './electron-arguments.ts';
import { electronRuntime } from './electron-runtime.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';
import { provideSystemLibraries } from './system-libraries.ts';

/** `npm start`: opens the window from the source tree. */
if (process.platform === 'linux' && !process.env.DISPLAY && !process.env.WAYLAND_DISPLAY) {
  console.error(
    'There is no display, so no window can be opened. On a machine with a screen run npm start there; over SSH use ssh -X; ' +
      'without any screen run: xvfb-run -a npm start. The same work without a window: npm run -s verisim -- --help',
  );
  process.exit(1);
}
const report = (line: string) => console.log(line);
const libraries = await provideSystemLibraries(report);
if (libraries.missing.length > 0) report(libraries.message);
const electron = await electronRuntime(report);
report(electron.message);
if (!process.argv.includes('--built')) {
  const built = await runCommand(process.execPath, [join(import.meta.dirname, 'build.ts')], { cwd: repositoryRoot });
  if (built.code !== 0) process.exit(built.code);
}
const { code } = await runCommand(electron.executablePath, electronArguments(), { cwd: repositoryRoot });
process.exit(code);
