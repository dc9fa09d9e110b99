import { type ChildProcess, spawn } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import path from 'node:path';
import Sqlite from 'better-sqlite3';
import { listBackups } from '../../main/log/backup.ts';
import { openLog } from '../../main/log/log.ts';
import { migrations } from '../../main/log/migrations.ts';
import { startEngine } from '../../tests/unit/handlers/engine-process.ts';
import { repositoryRoot } from '../repository.ts';
import { contentOf, type LogContent, type OlderLog, writeOlderLog } from './older-log.ts';
import { interrupted, type Rig, type Round } from './round.ts';

/** While a big log of an earlier version is copied and migrated; then an engine opens it. */
export const migrationRound: Round = async (rig) => {
  const { place, random } = rig;
  const home = path.join(path.dirname(place.home), `migration-${Math.floor(random() * 1e9)}`);
  mkdirSync(home);
  const older = await olderLog(rig, 1 + Math.floor(random() * (migrations.length - 1)));
  const file = path.join(home, 'verisim.sqlite');
  copyFileSync(older.file, file);
  const migrating = await startMigration(file);
  rig.usualMs.set('migration', older.migrationMs);
  const ended = await interrupted(rig, 'migration', () => migrating.finished);
  migrating.child.kill('SIGKILL');
  await migrating.exited;
  const copying = halfCopies(home).length > 0;
  const faults = [...faultsOfFile(file, older), ...(await faultsOfStart({ home, root: place.root }, older))];
  if (faults.length === 0) rmSync(home, { recursive: true });
  return { faults, work: ended === null ? { migrationsUnderWay: 1, copiesUnderWay: copying ? 1 : 0 } : {} };
};

async function olderLog({ olderLogs, place, size }: Rig, version: number): Promise<OlderLog> {
  const known = olderLogs.get(version);
  if (known !== undefined) return known;
  const folder = path.join(path.dirname(place.home), 'older-logs');
  mkdirSync(folder, { recursive: true });
  const written = writeOlderLog(folder, version, size.migratedRuns);
  const trial = path.join(folder, `trial-${version}`);
  mkdirSync(trial);
  copyFileSync(written.file, path.join(trial, 'verisim.sqlite'));
  const began = await startMigration(path.join(trial, 'verisim.sqlite'));
  const from = performance.now();
  await began.finished;
  const older = { ...written, migrationMs: performance.now() - from };
  rmSync(trial, { recursive: true });
  olderLogs.set(version, older);
  return older;
}

/** Resolves when the process is about to open the log. */
async function startMigration(
  file: string,
): Promise<{ child: ChildProcess; finished: Promise<true>; exited: Promise<void> }> {
  const script = `import { openLog } from '${repositoryRoot}/main/log/log.ts';
    process.send('begins', () => { openLog(process.argv[1]).close(); process.send('ends', () => process.disconnect()); });`;
  const args = ['--input-type=module-typescript', '-e', script, file];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const said = (word: string) =>
    new Promise<true>((resolve) => child.on('message', (message) => message === word && resolve(true)));
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  const finished = said('ends');
  await Promise.race([said('begins'), exited]);
  return { child, finished, exited };
}

/** Before anybody repairs anything: the old log or the new one, with all that it held; copies that are listed are whole. */
function faultsOfFile(file: string, { version, content }: OlderLog): string[] {
  const faults: string[] = [];
  const database = new Sqlite(file);
  const found = Number(database.pragma('user_version', { simple: true }));
  if (found !== version && found !== migrations.length)
    faults.push(`A migration from ${version} stopped at version ${found}.`);
  faults.push(...lost(database, content, `the log of version ${version}`));
  database.close();
  for (const { file: copy } of listBackups(file)) {
    const backup = new Sqlite(copy, { readonly: true });
    faults.push(...lost(backup, content, `the copy ${path.basename(copy)}`));
    backup.close();
  }
  return faults;
}

/** The next engine migrates what is left to migrate, and lists everything. */
async function faultsOfStart(place: Rig['place'], { version, content }: OlderLog): Promise<string[]> {
  const engine = await startEngine(place);
  const { total } = await engine.call('runs.list', {});
  const { total: found } = await engine.call('runs.list', { text: 'kleine kopfe' });
  await engine.stop();
  const file = path.join(place.home, 'verisim.sqlite');
  const log = openLog(file);
  const faults = log.damage().map((line) => `After a migration from ${version}: ${line}`);
  log.close();
  const { rows } = content.runs;
  if (total !== rows) faults.push(`After a migration from version ${version} ${total} of ${rows} runs are listed.`);
  // All but the failed run and the study of the fixture have that title.
  if (found !== rows - 2) faults.push(`After a migration from version ${version} the search finds ${found} runs.`);
  const database = new Sqlite(file);
  faults.push(...lost(database, content, 'the migrated log'));
  database.close();
  const left = halfCopies(place.home);
  if (left.length > 0) faults.push(`A half-written copy is left: ${left.join(', ')}.`);
  return faults;
}

function halfCopies(home: string): string[] {
  const folder = path.join(home, 'backups');
  return existsSync(folder) ? readdirSync(folder).filter((name) => name.endsWith('.part')) : [];
}

function lost(database: Sqlite.Database, before: LogContent, where: string): string[] {
  const now = contentOf(database);
  return (Object.keys(before) as (keyof LogContent)[])
    .filter((table) => now[table].sha256 !== before[table].sha256)
    .map((table) => `Of ${before[table].rows} ${table}, ${where} has ${now[table].rows}, or others.`);
}
