import type { Dirent } from 'node:fs';
import { mkdir, readdir, readFile, rename, stat } from 'node:fs/promises';
import path from 'node:path';
import type { LogCheck } from '../../preload/run-log.ts';
import { sha256Of } from '../engine/hash.ts';
import type { StoredOutput } from '../log/run-files.ts';
import type { Workspace } from './dependencies.ts';
import { requeue } from './runs.ts';

/** What is being written is not yet in the log; it is left alone until nobody has touched it for this long. */
const untouchedMs = 10 * 60_000;

interface Options {
  /** Compares the bytes of every image with its hash, and every page of the log. Takes as long as reading all of it. */
  thorough: boolean;
  signal: AbortSignal;
  nowMs?: number;
}

/** Holds the log and the data folder against each other. Nothing is changed. Throws Cancelled. */
export async function checkLog(
  workspace: Workspace,
  { thorough, signal, nowMs = Date.now() }: Options,
): Promise<LogCheck> {
  const { log, folder } = workspace;
  const missing: LogCheck['missing'] = [];
  const orphans: string[] = [];
  let files = 0;
  const page = { text: '', kind: null, state: null, limit: 500 };
  const { total } = log.runs.list({ ...page, limit: 1, offset: 0 });
  for (let offset = 0; offset < total; offset += page.limit) {
    for (const { id, kind, state, title } of log.runs.list({ ...page, offset }).rows) {
      signal.throwIfAborted();
      if (['queued', 'running', 'cancelling'].includes(state)) continue;
      const outputs = log.runs.outputs(id).filter((one) => path.dirname(one.path) === folder.run(id));
      files += outputs.length;
      const names = new Set(await readdir(folder.run(id)).catch(() => []));
      const gone = await asyncFilter(outputs, (one) => isGone(one, names, thorough));
      if (gone.length > 0)
        missing.push({ runId: id, title, indices: gone.map(({ index }) => index), canBeRemade: kind === 'generation' });
      const known = new Set(outputs.map((one) => path.basename(one.path)));
      for (const name of names) {
        if (/^\d{4,}\.png$/.test(name) && !known.has(name)) orphans.push(path.join('runs', id, name));
      }
    }
  }
  orphans.push(
    ...(await unknownFolders(folder.runs, (id) => log.runs.exists(id), nowMs)).map((id) => path.join('runs', id)),
  );
  const reviews = path.dirname(folder.review('any'));
  const unknownReviews = await unknownFolders(reviews, (id) => log.runs.exists(id), nowMs);
  orphans.push(...unknownReviews.map((id) => path.join('reviews', id)));
  const damage = thorough ? log.damage() : [];
  return { at: new Date(nowMs).toISOString(), runs: total, files, missing, orphans, damage };
}

/**
 * Makes missing images of generations again, with the same bytes, and takes what no row knows out of the way, into a folder from which it
 * can be taken back. Nothing is deleted.
 */
export async function mendLog(
  workspace: Workspace,
  { remake, setAside, signal }: { remake: boolean; setAside: boolean; signal: AbortSignal },
): Promise<{ remade: string[]; setAside: string[]; folder: string | null }> {
  const { missing, orphans } = await checkLog(workspace, { thorough: false, signal });
  const { root } = workspace.folder;
  const folder = path.join(root, 'set-aside', new Date().toISOString().replace(/[-:.]/g, ''));
  const moved: string[] = [];
  for (const place of setAside ? orphans : []) {
    const target = path.join(folder, place);
    await mkdir(path.dirname(target), { recursive: true });
    await rename(path.join(root, place), target);
    moved.push(place);
  }
  const remade = remake ? missing.filter(({ canBeRemade }) => canBeRemade).map(({ runId }) => runId) : [];
  for (const runId of remade) requeue(workspace, runId);
  return { remade, setAside: moved, folder: moved.length > 0 ? folder : null };
}

async function isGone({ path: file, sha256 }: StoredOutput, names: Set<string>, thorough: boolean): Promise<boolean> {
  if (!names.has(path.basename(file))) return true;
  if (!thorough) return false;
  const bytes = await readFile(file).catch(() => null);
  return bytes === null || sha256Of(bytes) !== sha256;
}

async function unknownFolders(parent: string, isKnown: (name: string) => boolean, nowMs: number): Promise<string[]> {
  const entries: Dirent[] = await readdir(parent, { withFileTypes: true }).catch(() => []);
  const unknown = entries.filter((entry) => entry.isDirectory() && !isKnown(entry.name));
  const old = await asyncFilter(unknown, async ({ name }) => {
    const { mtimeMs } = await stat(path.join(parent, name));
    return nowMs - mtimeMs > untouchedMs;
  });
  return old.map(({ name }) => name);
}

async function asyncFilter<Item>(items: Item[], keeps: (item: Item) => Promise<boolean>): Promise<Item[]> {
  const kept: Item[] = [];
  for (const item of items) if (await keeps(item)) kept.push(item);
  return kept;
}
