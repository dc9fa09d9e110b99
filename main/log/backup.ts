import { closeSync, fsyncSync, mkdirSync, openSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { VerisimError } from '../../preload/errors.ts';

export interface Backup {
  file: string;
  /** ISO 8601 UTC. */
  at: string;
  bytes: number;
  why: 'hours' | 'migration' | 'asked';
}

/** Of the backups that are made every so many hours, this many stay; those before a migration and those asked for all stay. */
const keptOfHours = 10;
const name = /^(\d{8}T\d{9}Z)-(hours|migration|asked)(-from-version-\d+)?\.sqlite$/;

/** Newest first. */
export function listBackups(databaseFile: string): Backup[] {
  const folder = folderOf(databaseFile);
  return entriesOf(folder)
    .flatMap((entry) => {
      const match = name.exec(entry);
      if (match === null) return [];
      const file = path.join(folder, entry);
      const at = match[1]!.replace(/^(....)(..)(..)T(..)(..)(..)(...)Z$/, '$1-$2-$3T$4:$5:$6.$7Z');
      return [{ file, at, bytes: statSync(file).size, why: match[2] as Backup['why'] }];
    })
    .sort((a, b) => b.at.localeCompare(a.at));
}

/** While others read and write. The copy is looked through before it gets its name. Throws DatabaseUnusable, and what SQLite throws. */
export async function backupOnline(database: Database, why: 'hours' | 'asked'): Promise<Backup> {
  const { part, file } = newBackup(database.name, why, '');
  try {
    await database.backup(part);
    finish(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
  const made = listBackups(database.name);
  for (const old of made.filter((one) => one.why === 'hours').slice(keptOfHours)) rmSync(old.file, { force: true });
  return made.find((one) => one.file === file)!;
}

/** Before a migration, which runs while the file is opened and cannot wait. Throws what SQLite throws: without a copy nothing is migrated. */
export function backupBeforeMigration(database: Database, version: number): void {
  const { part, file } = newBackup(database.name, 'migration', `-from-version-${version}`);
  try {
    database.prepare('VACUUM INTO ?').run(part);
    finish(part, file);
  } catch (error) {
    rmSync(part, { force: true });
    throw error;
  }
}

/**
 * Puts a backup in the place of the log, which is kept beside it under another name. Throws DatabaseUnusable where the backup is damaged
 * or another process holds the log open.
 */
export function restoreBackup(databaseFile: string, backup: string): { setAside: string | null } {
  check(backup);
  refuseWhileOpen(databaseFile);
  const part = `${databaseFile}.${process.pid}-restore.part`;
  const from = new Sqlite(backup, { readonly: true });
  try {
    rmSync(part, { force: true });
    from.prepare('VACUUM INTO ?').run(part);
  } finally {
    from.close();
  }
  sync(part);
  const setAside = exists(databaseFile) ? `${databaseFile}.before-restore-${stamp()}` : null;
  if (setAside !== null) renameSync(databaseFile, setAside);
  for (const ending of ['-wal', '-shm']) {
    if (!exists(databaseFile + ending)) continue;
    // What is in the write-ahead log belongs to the file that is set aside.
    if (setAside !== null) renameSync(databaseFile + ending, setAside + ending);
    else rmSync(databaseFile + ending);
  }
  renameSync(part, databaseFile);
  return { setAside };
}

/** SQLite leaves WAL mode only when nobody else has the file open. A damaged file cannot tell, and nobody can be at work in it. */
function refuseWhileOpen(file: string): void {
  if (!exists(file)) return;
  let database: Database | null = null;
  try {
    database = new Sqlite(file, { timeout: 500 });
    database.pragma('journal_mode = DELETE');
  } catch (error) {
    if (!(error instanceof Sqlite.SqliteError) || !error.code.startsWith('SQLITE_BUSY')) return;
    const found = 'another process that has it open';
    throw new VerisimError('DatabaseUnusable', `The log ${file} is in use. Close Verisim, then restore the backup.`, {
      path: file,
      expected: 'a log that nobody has open',
      found,
      cause: error,
    });
  } finally {
    database?.close();
  }
}

function check(file: string): void {
  const found = stateOf(file);
  if (found === 'ok') return;
  throw new VerisimError('DatabaseUnusable', `The backup ${file} is damaged (${found}). Take an older one.`, {
    path: file,
    expected: 'a whole SQLite file',
    found,
  });
}

/** What SQLite says of the file: ok, or what is wrong. */
function stateOf(file: string): string {
  let database: Database | null = null;
  try {
    database = new Sqlite(file, { readonly: true, fileMustExist: true });
    return String(database.pragma('quick_check', { simple: true }));
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    database?.close();
  }
}

function newBackup(databaseFile: string, why: Backup['why'], addition: string): { part: string; file: string } {
  const folder = folderOf(databaseFile);
  mkdirSync(folder, { recursive: true });
  const file = path.join(folder, `${stamp()}-${why}${addition}.sqlite`);
  return { part: `${file}.${process.pid}-00000000.part`, file };
}

function finish(part: string, file: string): void {
  check(part);
  // Quick_check of a file in WAL mode leaves empty companions.
  for (const ending of ['-wal', '-shm']) rmSync(part + ending, { force: true });
  sync(part);
  renameSync(part, file);
}

function sync(file: string): void {
  const handle = openSync(file, 'r+');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function folderOf(databaseFile: string): string {
  return path.join(path.dirname(path.resolve(databaseFile)), 'backups');
}

function stamp(): string {
  return new Date().toISOString().replace(/[-:.]/g, '');
}

function entriesOf(folder: string): string[] {
  return exists(folder) ? readdirSync(folder) : [];
}

function exists(file: string): boolean {
  return statSync(file, { throwIfNoEntry: false }) !== undefined;
}
