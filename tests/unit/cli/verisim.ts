import { spawn, type ChildProcess } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, symlinkSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { writeSmallPack } from '../engine/small-pack.ts';

export const repositoryRoot = path.resolve(import.meta.dirname, '..', '..', '..');

export interface Finished {
  status: number | null;
  stdout: string;
  stderr: string;
}

export interface Place {
  /** The data folder. */
  home: string;
  /** Holds models/ and resources/. */
  root: string;
}

/** A data folder of its own and an installation with the small pack of 8 × 8 images, which takes milliseconds. */
export function smallPlace(): Place {
  const folder = temporaryFolder();
  const root = path.join(folder, 'root');
  mkdirSync(path.join(root, 'models'), { recursive: true });
  symlinkSync(path.join(repositoryRoot, 'resources'), path.join(root, 'resources'));
  writeSmallPack(path.join(root, 'models'), 'whole-timesteps');
  return { home: path.join(folder, 'home'), root };
}

/** The installation in this repository. */
export function realPlace(): Place {
  return { home: path.join(temporaryFolder(), 'home'), root: repositoryRoot };
}

export function temporaryFolder(): string {
  return mkdtempSync(path.join(os.tmpdir(), 'verisim-test-'));
}

export function startVerisim(
  args: string[],
  { home, root }: Place,
): { child: ChildProcess; finished: Promise<Finished> } {
  const child = spawn(process.execPath, [path.join(repositoryRoot, 'main', 'cli', 'index.ts'), ...args], {
    env: { ...process.env, VERISIM_HOME: home, VERISIM_ROOT: root },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const output = { stdout: '', stderr: '' };
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output.stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => (output.stderr += text));
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject).on('close', (status) => resolve({ status, ...output }));
  });
  return { child, finished };
}

/** Runs the command line as a person would, as a process of its own. */
export function verisim(args: string[], place: Place): Promise<Finished> {
  return startVerisim(args, place).finished;
}

export interface Generated {
  runId: string;
  outputs: { path: string; sha256: string; seed: number; index: number; format: string }[];
  warnings: string[];
  originality?: { searched: number; withheld: { index: number; real: string; score: number }[]; decisions: string[] };
}

/** `generate --json`, which must succeed. */
export async function generate(args: string[], place: Place): Promise<Generated> {
  const { status, stdout, stderr } = await verisim(['generate', ...args, '--json'], place);
  if (status !== 0) throw new Error(`generate ended with ${status}: ${stderr}`);
  return JSON.parse(stdout) as Generated;
}

export function sha256Of(file: string): string {
  return createHash('sha256').update(readFileSync(file)).digest('hex');
}
