import { mkdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { runEndToEnd } from './e2e.ts';
import { repositoryRoot } from './repository.ts';
import { runCommand } from './run-command.ts';

/** `npm test`: sets up, then runs every check there is. The last line is the sum over all of them. */
interface Sum {
  passed: number;
  failed: number;
  skipped: number;
}

const bin = (name: string) => join(repositoryRoot, 'node_modules', '.bin', name);
const script = (name: string) => join(import.meta.dirname, `${name}.ts`);
/** Not in test-results/, which Playwright empties. */
const reports = join(repositoryRoot, '.cache');
const unitReport = join(reports, 'unit.json');
const endToEndReport = join(reports, 'e2e.json');
const sum: Sum = { passed: 0, failed: 0, skipped: 0 };
const failures: string[] = [];

await mkdir(reports, { recursive: true });
await Promise.all([unitReport, endToEndReport].map((path) => rm(path, { force: true })));

await check('set-up', process.execPath, [script('setup')]);
// Lint takes as long as the others together, each on one core.
await Promise.all([
  check('lint', bin('eslint'), ['.']),
  (async () => {
    await check('types', process.execPath, [script('types')]);
    await check('format', bin('prettier'), ['--check', '--log-level', 'warn', '.']);
    await check('unused code', bin('knip'), []);
  })(),
]);
await suite('unit tests', unitReport, async () => {
  const reporters = ['--reporter=default', '--reporter=json', `--outputFile.json=${unitReport}`];
  return (await runCommand(bin('vitest'), ['run', ...reporters], { cwd: repositoryRoot })).code;
});
if (await check('build', process.execPath, [script('build')])) {
  await suite('end-to-end tests', endToEndReport, async () => {
    const env = { PLAYWRIGHT_JSON_OUTPUT_FILE: endToEndReport };
    return (await runEndToEnd(['--reporter=list,json'], env)).code;
  });
}

if (failures.length > 0) console.log(`\nFailed: ${failures.join(', ')}`);
const skipped = sum.skipped > 0 ? `, ${sum.skipped} skipped` : '';
console.log(`${sum.passed} passed, ${sum.failed} failed${skipped}`);
process.exitCode = sum.failed > 0 ? 1 : 0;

/** A step that passes or fails as a whole. */
async function check(name: string, command: string, args: string[]): Promise<boolean> {
  const startedAt = Date.now();
  console.log(`\n── ${name}`);
  const { code } = await runCommand(command, args, { cwd: repositoryRoot });
  add(name, code === 0 ? { passed: 1, failed: 0, skipped: 0 } : { passed: 0, failed: 1, skipped: 0 }, startedAt);
  return code === 0;
}

/** A step that counts its own tests in a JSON report; a run that dies without one, or around its tests, is one failure. */
async function suite(name: string, report: string, run: () => Promise<number>): Promise<void> {
  const startedAt = Date.now();
  console.log(`\n── ${name}`);
  let code = 1;
  try {
    code = await run();
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
  }
  const counted = await readCounts(report);
  if (code !== 0 && counted.failed === 0) counted.failed = 1;
  add(name, counted, startedAt);
}

async function readCounts(report: string): Promise<Sum> {
  const text = await readFile(report, 'utf8').catch(() => '{}');
  const found = JSON.parse(text) as Partial<VitestReport & PlaywrightReport>;
  if (found.stats) {
    const { expected, unexpected, flaky, skipped } = found.stats;
    return { passed: expected + flaky, failed: unexpected, skipped };
  }
  const { numPassedTests = 0, numFailedTests = 0, numPendingTests = 0, numTodoTests = 0 } = found;
  return { passed: numPassedTests, failed: numFailedTests, skipped: numPendingTests + numTodoTests };
}

interface VitestReport {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
}

interface PlaywrightReport {
  stats: { expected: number; unexpected: number; flaky: number; skipped: number };
}

function add(name: string, part: Sum, startedAt: number): void {
  sum.passed += part.passed;
  sum.failed += part.failed;
  sum.skipped += part.skipped;
  if (part.failed > 0) failures.push(name);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(0);
  console.log(`── ${name}: ${part.passed} passed, ${part.failed} failed, ${part.skipped} skipped, ${seconds} s`);
}
