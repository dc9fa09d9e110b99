import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import type { TilingResult } from '../preload/slides.ts';
import { smallPlace, startVerisim } from '../tests/unit/cli/verisim.ts';
import { repositoryRoot } from './repository.ts';

/**
 * Cuts a slide into ten thousand patches undisturbed, then again with `kill -9` at several moments and started anew each time, and compares
 * both folders byte for byte. Exit status 1 where they differ.
 *
 *   node scripts/kill-tiling.ts [--slide FILE] [--size 32] [--overlap 8] [--kills 4] [--work DIR]
 */
const { values } = parseArgs({
  options: {
    slide: { type: 'string', default: path.join(repositoryRoot, '../shared/data/wsi/CMU-1-Small-Region.svs') },
    size: { type: 'string', default: '32' },
    overlap: { type: 'string', default: '8' },
    kills: { type: 'string', default: '4' },
    work: { type: 'string', default: '/tmp/verisim-kill-tiling' },
  },
});
const place = smallPlace();
const [whole, killed] = ['whole', 'killed'].map((name) => path.join(path.resolve(values.work), name)) as [
  string,
  string,
];
for (const folder of [whole, killed]) rmSync(folder, { recursive: true, force: true });

const undisturbed = await tiled(whole);
for (let kill = 1; kill <= Number(values.kills); kill++) {
  const { child, finished } = startVerisim(argumentsFor(killed), place);
  const wanted = (undisturbed.patches * kill) / (Number(values.kills) + 1);
  while (made(killed) < wanted && child.exitCode === null) await wait(20);
  child.kill('SIGKILL');
  await finished;
  console.log(`kill -9 number ${kill} at ${made(killed)} of ${undisturbed.patches} patches`);
}
const resumed = await tiled(killed);
const [one, other] = [contents(whole), contents(killed)];
const differing = [...new Set([...one.keys(), ...other.keys()])].filter((name) => one.get(name) !== other.get(name));
console.log(
  `${resumed.patches} patches, ${resumed.kept} of them kept by the last start; ${one.size} files, ${differing.length} differ${differing.length > 0 ? `: ${differing.slice(0, 5).join(', ')}` : ''}`,
);
process.exitCode = differing.length > 0 || resumed.kept === 0 ? 1 : 0;

function argumentsFor(out: string): string[] {
  const { slide, size, overlap } = values;
  return ['tile', slide, '--size', size, '--overlap', overlap, '--tissue', '0', '--out', out, '--json'];
}

async function tiled(out: string): Promise<TilingResult> {
  const { status, stdout, stderr } = await startVerisim(argumentsFor(out), place).finished;
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as TilingResult;
}

function made(folder: string): number {
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.png')).length : 0;
}

function contents(folder: string): Map<string, string> {
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return new Map(
    entries.map(({ parentPath, name }) => {
      const file = path.join(parentPath, name);
      return [path.relative(folder, file), createHash('sha256').update(readFileSync(file)).digest('hex')];
    }),
  );
}
