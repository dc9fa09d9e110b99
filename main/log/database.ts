import Sqlite from 'better-sqlite3';
import type { Database } from 'better-sqlite3';
import { VerisimError } from '../../preload/errors.ts';
import { backupBeforeMigration } from './backup.ts';
import { migrations } from './migrations.ts';

/**
 * Opens verisim.sqlite, making or migrating it. WAL with `synchronous = FULL`: what was committed survives `kill -9` and
 * a power cut; several processes may share the file. A log of an earlier version is copied before it is migrated. Throws DatabaseUnusable, DiskFull.
 */
export function openDatabase(file: string): Database {
  let database: Database | null = null;
  try {
    database = new Sqlite(file, { timeout: 10_000 });
    database.pragma('journal_mode = WAL');
    database.pragma('synchronous = FULL');
    database.pragma('foreign_keys = ON');
    // The pages of the narrow list stay in memory: 64 MiB (in KiB).
    database.pragma('cache_size = -65536');
    const version = versionOf(database);
    if (version > 0 && version < migrations.length) backupBeforeMigration(database, version);
    migrate(database, file);
    return database;
  } catch (error) {
    database?.close();
    throw databaseError(error, file);
  }
}

/** Takes the file to the newest version in one transaction, so that two processes that start at once migrate it once. */
export function migrate(database: Database, file: string, target: number = migrations.length): void {
  const apply = database.transaction(() => {
    const version = versionOf(database);
    if (version > migrations.length) {
      throw new VerisimError(
        'DatabaseUnusable',
        `The log ${file} was written by a newer Verisim (version ${version}; this one knows up to ${migrations.length}). Install the newer Verisim or choose another data folder with VERISIM_HOME.`,
        { path: file, expected: `user_version at most ${migrations.length}`, found: `user_version ${version}` },
      );
    }
    for (const step of migrations.slice(version, target)) database.exec(step);
    if (version < target) database.pragma(`user_version = ${target}`);
  });
  apply.immediate();
}

function versionOf(database: Database): number {
  return Number(database.pragma('user_version', { simple: true }));
}

/** What SQLite says, in the words of the error vocabulary. Errors that are no fault of the file come back as they are. */
export function databaseError(error: unknown, file: string): unknown {
  if (!(error instanceof Sqlite.SqliteError) && !isOpenFailure(error)) return error;
  const found = error.message;
  const code = error instanceof Sqlite.SqliteError ? error.code : 'SQLITE_CANTOPEN';
  if (code === 'SQLITE_FULL') {
    return new VerisimError(
      'DiskFull',
      `There is no space left for the log ${file}. Free some space; what is logged is kept.`,
      { path: file, expected: 'free space', found, cause: error },
    );
  }
  if (!unusable.some((prefix) => code.startsWith(prefix))) return error;
  return new VerisimError(
    'DatabaseUnusable',
    `The log ${file} cannot be used (${found}). Restore a copy from the folder “backups” beside it with “verisim runs restore FILE”, or move it away to begin a new one.`,
    { path: file, expected: 'a writable SQLite file of Verisim', found, cause: error },
  );
}

const unusable = [
  'SQLITE_NOTADB',
  'SQLITE_CORRUPT',
  'SQLITE_READONLY',
  'SQLITE_CANTOPEN',
  'SQLITE_IOERR',
  'SQLITE_PERM',
  'SQLITE_BUSY',
  'SQLITE_ERROR',
];

function isOpenFailure(error: unknown): error is Error {
  return error instanceof TypeError && /directory does not exist/.test(error.message);
}
