import { existsSync } from 'node:fs';
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
import type { RunDetail } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ProjectReceipt } from '../../preload/run-log.ts';
import { sha256Of } from '../engine/hash.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { dataFolder, makeDataFolder } from '../log/data-folder.ts';
import { openLog } from '../log/log.ts';
import type { Workspace } from './dependencies.ts';
import { applicationVersion } from './versions.ts';

/** project.json: what lies in an archive. */
export interface ProjectManifest {
  schema: 1;
  application: string;
  createdAt: string;
  runs: number;
  files: { path: string; sha256: string; bytes: number }[];
  notes: string[];
}

type Context = { signal: AbortSignal };
const manifestName = 'project.json';

/**
 * Writes the chosen runs, with all that they came from, into one folder: a data folder of its own, which opens elsewhere by itself
 * (VERISIM_HOME) or is merged into another log. Images that were opened from the reader's disk stay where they are, as does the key of a study
 * that is not closed. Throws InvalidInput for a folder that is not empty, OutputNotWritable, DiskFull, Cancelled.
 */
export async function archiveProject(
  workspace: Workspace,
  { runIds, folder }: CallParsed<'projects.archive'>,
  { signal }: Context,
): Promise<ProjectReceipt> {
  const { log } = workspace;
  const target = path.resolve(folder);
  if ((await readdir(target).catch(() => [])).length > 0) {
    throw new VerisimError('InvalidInput', `The folder ${target} is not empty. Choose a new one for the project.`, {
      path: target,
      expected: 'an empty folder',
      found: 'files',
    });
  }
  const chosen = withOrigins(workspace, runIds);
  const unfinished = chosen.filter((run) => isUnfinished(run));
  const runs = chosen.filter((run) => !isUnfinished(run));
  const part = `${target}.${process.pid}-archive.part`;
  try {
    const made = makeDataFolder(part);
    const copy = openLog(made.database);
    try {
      const { root } = workspace.folder;
      copy.copyRuns({ file: log.path, root, ids: runs.map(({ id }) => id) });
      for (const run of runs) {
        signal.throwIfAborted();
        for (const place of await placesOf(workspace, run)) await copyPlace(place, { from: root, to: part });
      }
      copy.leaveWriteAheadLog();
    } finally {
      copy.close();
    }
    const notes = notesOf(runs, unfinished);
    const manifest: ProjectManifest = {
      schema: 1,
      application: `Verisim ${applicationVersion}`,
      createdAt: new Date().toISOString(),
      runs: runs.length,
      files: await filesOf(part, signal),
      notes,
    };
    await writeFileAtomic(path.join(part, manifestName), `${JSON.stringify(manifest, null, 2)}\n`);
    await rm(target, { recursive: true, force: true });
    await rename(part, target);
    return { folder: target, runs: runs.length, known: 0, files: manifest.files.length, notes };
  } catch (error) {
    await rm(part, { recursive: true, force: true });
    throw error;
  }
}

/**
 * Merges an archive into the log. Every file is held against its hash first; runs that are here already stay as they are. Throws
 * NotRecognised for another folder, HashMismatch for a file that was changed, FileNotReadable for one that is gone.
 */
export async function openProject(
  workspace: Workspace,
  { folder }: CallParsed<'projects.open'>,
  { signal }: Context,
): Promise<ProjectReceipt> {
  const source = path.resolve(folder);
  const manifest = await readManifest(source);
  for (const file of manifest.files) {
    signal.throwIfAborted();
    await checkFile(source, file);
  }
  const transit = path.join(workspace.folder.root, 'cache', `project-${process.pid}`);
  await rm(transit, { recursive: true, force: true });
  await mkdir(transit, { recursive: true });
  try {
    // A copy, as an archive of an earlier version is migrated before it is read, and the archive stays as it is.
    const database = path.join(transit, 'verisim.sqlite');
    await cp(dataFolder(source).database, database);
    const theirs = openLog(database);
    const all = { text: '', kind: null, state: null, limit: Number.MAX_SAFE_INTEGER, offset: 0 };
    const ids = theirs.runs.ids(all);
    theirs.close();
    const { log } = workspace;
    const added = ids.filter((id) => !log.runs.exists(id));
    for (const { path: place } of manifest.files) {
      if (place === 'verisim.sqlite' || existsSync(path.join(workspace.folder.root, place))) continue;
      await copyPlace(place, { from: source, to: workspace.folder.root });
    }
    log.copyRuns({ file: database, root: source, ids: added });
    for (const id of added.slice(0, 200)) workspace.emit('runs.changed', log.runs.row(id));
    return {
      folder: source,
      runs: added.length,
      known: ids.length - added.length,
      files: manifest.files.length,
      notes: manifest.notes,
    };
  } finally {
    await rm(transit, { recursive: true, force: true });
  }
}

/** The runs with their parents and the runs that they name, and so on. */
function withOrigins({ log }: Workspace, runIds: string[]): RunDetail[] {
  const found = new Map<string, RunDetail>();
  const queue = [...runIds];
  for (let id = queue.pop(); id !== undefined; id = queue.pop()) {
    if (found.has(id) || !log.runs.exists(id)) continue;
    found.set(id, log.runs.detail(id));
    queue.push(...log.runs.targets(id));
  }
  return [...found.values()];
}

function isUnfinished({ kind, state }: RunDetail): boolean {
  return kind !== 'review' && ['queued', 'running', 'cancelling'].includes(state);
}

/** Files and folders of a run, by their place in the data folder. */
async function placesOf({ log, folder }: Workspace, run: RunDetail): Promise<string[]> {
  const inFolder = (file: string): string => path.relative(folder.root, file);
  const { inpaint } = run.parameters as { inpaint?: { maskId?: unknown } };
  const mask = typeof inpaint?.maskId === 'string' ? [inFolder(folder.mask(inpaint.maskId))] : [];
  if (run.kind !== 'review') return [inFolder(folder.run(run.id)), ...mask];
  const closed = log.reviews.get(run.id).closedAt !== null;
  return [inFolder(folder.review(run.id)), ...(closed ? [inFolder(folder.reviewSecret(run.id))] : [])];
}

async function copyPlace(place: string, { from, to }: { from: string; to: string }): Promise<void> {
  const source = path.join(from, place);
  if (!existsSync(source)) return;
  const notParts = (file: string): boolean => !file.endsWith('.part');
  const target = path.join(to, place);
  await mkdir(path.dirname(target), { recursive: true });
  await cp(source, target, { recursive: true, filter: notParts, force: false, preserveTimestamps: true }).catch(
    (cause: unknown) => {
      const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown reason';
      const tag = code === 'ENOSPC' || code === 'EDQUOT' ? 'DiskFull' : 'OutputNotWritable';
      throw new VerisimError(tag, `“${target}” could not be written (${code}).`, { path: target, found: code, cause });
    },
  );
}

async function filesOf(root: string, signal: AbortSignal): Promise<ProjectManifest['files']> {
  const files: ProjectManifest['files'] = [];
  for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
    if (!entry.isFile()) continue;
    signal.throwIfAborted();
    const file = path.join(entry.parentPath, entry.name);
    const bytes = await readFile(file);
    const place = path.relative(root, file).split(path.sep).join('/');
    files.push({ path: place, sha256: sha256Of(bytes), bytes: bytes.length });
  }
  return files.sort((a, b) => a.path.localeCompare(b.path));
}

function notesOf(runs: RunDetail[], unfinished: RunDetail[]): string[] {
  const series = new Set(
    runs.flatMap(({ parameters }) => JSON.stringify(parameters).match(/"seriesId":"[^"]+"/g) ?? []),
  );
  const notes: string[] = [];
  if (series.size > 0)
    notes.push(
      `The original images of ${series.size} series are not part of the project; their hashes and places are.`,
    );
  if (runs.some(({ kind, state }) => kind === 'review' && state !== 'done'))
    notes.push('The keys of studies that are not closed stay on this machine; only here can they be closed.');
  if (unfinished.length > 0) notes.push(`${unfinished.length} unfinished runs were left out.`);
  return notes;
}

async function readManifest(folder: string): Promise<ProjectManifest> {
  const file = path.join(folder, manifestName);
  const parsed = await readFile(file, 'utf8')
    .then((text) => JSON.parse(text) as Partial<ProjectManifest>)
    .catch(() => null);
  const places = parsed?.files ?? [];
  const safe = places.every(({ path: place }) => !path.isAbsolute(place) && !place.split(/[\\/]/).includes('..'));
  if (parsed?.schema === 1 && Array.isArray(parsed.files) && safe) return parsed as ProjectManifest;
  throw new VerisimError('NotRecognised', `The folder ${folder} is no project of Verisim.`, {
    path: file,
    expected: 'project.json of schema 1',
    found: parsed === null ? 'no such file' : 'something else',
  });
}

async function checkFile(
  root: string,
  { path: place, sha256, bytes }: ProjectManifest['files'][number],
): Promise<void> {
  const file = path.join(root, place);
  const found = await stat(file).catch((cause: unknown) => {
    throw new VerisimError('FileNotReadable', `The project is not whole: ${file} is missing.`, { path: file, cause });
  });
  if (found.size === bytes && sha256Of(await readFile(file)) === sha256) return;
  throw new VerisimError('HashMismatch', `${file} was changed after the project was archived.`, {
    path: file,
    expected: sha256,
    found: 'other bytes',
  });
}
