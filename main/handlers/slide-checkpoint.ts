import { createHash } from 'node:crypto';
import { readFile, rm, stat } from 'node:fs/promises';
import { writeFileAtomic } from '../imaging/atomic-write.ts';

/** How far a slide that is being generated has come. */
export interface SlideCheckpoint {
  /** Tasks of the plan that are wholly done and on disk. */
  tasks: number;
  /** What the writer of the pyramid answered then. */
  end: number;
}

/** Of everything that decides the bytes. */
export function checkpointKey(facts: object): string {
  return createHash('sha256').update(JSON.stringify(facts)).digest('hex');
}

/** Null where nothing was begun, or something else under the same name. */
export async function readCheckpoint(file: string, key: string): Promise<SlideCheckpoint | null> {
  try {
    const found = JSON.parse(await readFile(nameOf(file), 'utf8')) as SlideCheckpoint & { key: string };
    const { size } = await stat(`${file}.part`);
    return found.key === key && size >= found.end ? { tasks: found.tasks, end: found.end } : null;
  } catch {
    return null;
  }
}

/** Throws OutputNotWritable, DiskFull. */
export async function writeCheckpoint(file: string, key: string, checkpoint: SlideCheckpoint): Promise<void> {
  await writeFileAtomic(nameOf(file), JSON.stringify({ key, ...checkpoint }));
}

export async function removeCheckpoint(file: string): Promise<void> {
  await rm(nameOf(file), { force: true });
}

function nameOf(file: string): string {
  return `${file}.progress.json`;
}
