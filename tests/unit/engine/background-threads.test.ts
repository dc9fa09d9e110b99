import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { describe, expect, it } from 'vitest';

const module = pathToFileURL(join(import.meta.dirname, '../../../main/engine/background-threads.ts')).href;
/** Prints the niceness of the threads that were there before, without the calling one, and of those that the work started. */
const program = `
  import { readdirSync } from 'node:fs';
  import { getPriority } from 'node:os';
  import { Worker } from 'node:worker_threads';
  import { inBackground } from ${JSON.stringify(module)};
  const threads = () => readdirSync('/proc/self/task').map(Number);
  const before = threads();
  const started = await inBackground(async () => {
    const worker = new Worker('setInterval(() => {}, 1000)', { eval: true });
    await new Promise((resolve) => worker.once('online', resolve));
    return threads().filter((id) => !before.includes(id));
  });
  const others = before.filter((id) => id !== process.pid);
  console.log(JSON.stringify([others.map((id) => getPriority(id)), started.map((id) => getPriority(id)), getPriority(process.pid)]));
  process.exit(0);
`;

describe.skipIf(process.platform !== 'linux')(
  'threads of inference (Linux: only there threads have priorities)',
  () => {
    it('give way to the rest of the process', () => {
      const output = execFileSync(process.execPath, ['--input-type=module', '-e', program], { encoding: 'utf8' });
      const [others, started, own] = JSON.parse(output) as [number[], number[], number];
      expect(started.length).toBeGreaterThan(0);
      expect(new Set([...started, own])).toEqual(new Set([10]));
      expect(others.every((niceness) => niceness < 10)).toBe(true);
    });
  },
);
