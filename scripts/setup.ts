import { electronRuntime } from './electron-runtime.ts';
import { provideSystemLibraries } from './system-libraries.ts';

/** `npm run setup`: system libraries and an Electron. Safe to run again at any time. */
const report = (line: string) => console.log(line);

const libraries = await provideSystemLibraries(report);
report(libraries.message);
try {
  report((await electronRuntime(report)).message);
} catch (error) {
  report(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
if (libraries.missing.length > 0) process.exitCode = 1;
