import { copyFileSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import { listBackups, restoreBackup } from '../../../main/log/backup.ts';
import { openLog } from '../../../main/log/log.ts';
import { migrations } from '../../../main/log/migrations.ts';
import { canMount, makeReadOnly, withDisk } from '../small-disk.ts';
import { newLogFile, newRun } from './new-run.ts';

const fixtures = path.join(import.meta.dirname, 'fixtures');
const filter = { kind: null, state: null, limit: 100, offset: 0 };

/** A log as the Verisim of that version left it (scripts/make-log-fixture.ts). */
function logOfVersion(version: number): string {
  const file = newLogFile();
  writeFileSync(file, gunzipSync(readFileSync(path.join(fixtures, `version-${version}.sqlite.gz`))));
  return file;
}

describe('a log of an earlier version', () => {
  it('is kept as a fixture for every version that there was', () => {
    expect(readdirSync(fixtures).sort()).toEqual(migrations.map((_, at) => `version-${at + 1}.sqlite.gz`));
  });

  it.each(migrations.map((_, at) => at + 1))('%i opens with all that it held, and can be searched', (version) => {
    const file = logOfVersion(version);
    const log = openLog<{ summary: never }>(file);
    expect(log.runs.detail('run-1')).toMatchObject({
      title: '2 images · Kleine Köpfe',
      state: 'done',
      outputCount: 2,
      parameters: { steps: 20, source: { strength: 0.4 } },
      timings: { total: 30 },
      warnings: ['Slow disk'],
      inputs: [{ name: 'denoiser.onnx', sha256: 'ab'.repeat(32) }],
      outputs: [{ path: '/data/runs/run-1/0000.png', seed: 5 }, { sha256: 'ef'.repeat(32) }],
      starred: version >= 6,
      tags: version >= 6 ? ['pilot'] : [],
      note: version >= 6 ? 'first of all' : '',
    });
    expect(log.runs.detail('run-2')).toMatchObject({ error: { tag: 'DiskFull' }, parentRunId: 'run-1' });
    const found = (text: string) => log.runs.ids({ ...filter, text });
    expect(found('kleine kopfe')).toEqual(['run-1']);
    expect(found('source.strength<0.5 state:failed')).toEqual(['run-2']);
    expect(found('timings.total=30')).toEqual(['run-1']);
    expect(found('cdcdcdcdcdcdcdcdcdcd')).toEqual(['run-1']);
    expect(log.runs.linked('run-1')).toEqual(['run-2', 'review-1']);
    expect(log.series.list()).toHaveLength(1);
    expect(log.settings.number('volumeCacheBytes', 0)).toBe(1000);
    expect(log.annotations.list('series-1')).toHaveLength(version >= 3 ? 1 : 0);
    const [reading] = log.reviews.readings('review-1');
    expect(log.reviews.answers(reading?.id ?? '')).toMatchObject([
      { position: 0, choice: 1, confidence: 3, elapsedMs: 1500 },
    ]);
    log.close();
    const plain = new Sqlite(file);
    expect(plain.pragma('foreign_key_check')).toEqual([]);
    plain.close();
  });

  it('has after the migration exactly the tables, indexes and triggers of a new one', () => {
    const schema = (file: string): unknown => {
      openLog(file).close();
      const database = new Sqlite(file);
      const rows = database
        .prepare("SELECT type, name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%' ORDER BY type, name")
        .all();
      database.close();
      return rows;
    };
    expect(schema(logOfVersion(1))).toEqual(schema(newLogFile()));
  });

  it('is copied before it is migrated, and the copy is the old log', () => {
    const file = logOfVersion(3);
    openLog(file).close();
    const [backup, ...others] = listBackups(file);
    expect(others).toEqual([]);
    expect(backup?.why).toBe('migration');
    const old = new Sqlite(backup?.file ?? '', { readonly: true });
    expect(old.pragma('user_version', { simple: true })).toBe(3);
    expect(old.prepare('SELECT count(*) FROM review_answers').pluck().get()).toBe(1);
    old.close();
    openLog(file).close();
    expect(listBackups(file)).toHaveLength(1);
  });

  it('is not migrated where the copy cannot be written', () => {
    const file = logOfVersion(2);
    writeFileSync(path.join(path.dirname(file), 'backups'), 'a file where the folder should be');
    expect(() => openLog(file)).toThrow();
    const database = new Sqlite(file);
    expect(database.pragma('user_version', { simple: true })).toBe(2);
    database.close();
  });
});

describe('a backup', () => {
  it('is made while the log is written to, and restored after the log was damaged', async () => {
    const file = newLogFile();
    const log = openLog(file);
    for (let at = 0; at < 500; at++) log.runs.create(newRun(`before-${at}`));
    const made = log.backup('asked');
    for (let at = 0; at < 50; at++) log.runs.create(newRun(`during-${at}`));
    const backup = await made;
    log.runs.create(newRun('after'));
    log.close();

    writeFileSync(file, readFileSync(file).fill(0x5a, 4096));
    const { setAside } = restoreBackup(file, backup.file);
    expect(statSync(setAside ?? '').size).toBeGreaterThan(4096);
    const again = openLog(file);
    expect(again.runs.list({ ...filter, text: 'before' }).total).toBe(500);
    expect(again.runs.exists('after')).toBe(false);
    expect(again.damage()).toEqual([]);
    again.close();
  });

  it('of every few hours gives way to newer ones; what was asked for stays', async () => {
    const file = newLogFile();
    const log = openLog(file);
    const asked = await log.backup('asked');
    for (let turn = 0; turn < 12; turn++) {
      await log.backup('hours');
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    const backups = listBackups(file);
    expect(backups.filter(({ why }) => why === 'hours')).toHaveLength(10);
    expect(backups.at(-1)).toEqual(asked);
    log.close();
  });

  it('is refused when it is damaged, or while the log is in use', async () => {
    const file = newLogFile();
    const log = openLog(file);
    for (let at = 0; at < 100; at++) log.runs.create(newRun(`r${at}`));
    const backup = await log.backup('asked');
    expect(() => restoreBackup(file, backup.file)).toThrow(/in use/);
    log.close();
    writeFileSync(backup.file, readFileSync(backup.file).fill(0x5a, 4096));
    expect(() => restoreBackup(file, backup.file)).toThrow(/damaged/);
    const again = openLog(file);
    expect(again.runs.exists('r99')).toBe(true);
    again.close();
  });
});

describe.skipIf(!canMount)('a disk that fails (skipped where a small disk cannot be mounted)', () => {
  const manyRuns = (log: ReturnType<typeof openLog>): void => {
    for (let at = 0; at < 2000; at++) log.runs.create(newRun(`r${at}`, { parameters: { text: 'x'.repeat(5000) } }));
  };

  it('when full is told as DiskFull, keeps every row, and lets the log go on when there is space', () =>
    withDisk('8m', (disk) => {
      const ballast = path.join(disk, 'ballast');
      writeFileSync(ballast, new Uint8Array(5 << 20));
      const file = path.join(disk, 'verisim.sqlite');
      const log = openLog(file);
      log.runs.create(newRun('kept'));
      expect(() => manyRuns(log)).toThrow(expect.objectContaining({ tag: 'DiskFull' }) as Error);
      const { total } = log.runs.list({ ...filter, text: '' });
      expect(log.runs.exists('kept')).toBe(true);
      log.close();
      rmSync(ballast);
      const again = openLog(file);
      expect(again.runs.list({ ...filter, text: '' }).total).toBe(total);
      again.runs.create(newRun('later'));
      expect(again.damage()).toEqual([]);
      again.close();
    }));

  it('when full holds a migration back: the log stays that of the earlier version', () =>
    withDisk('96k', (disk) => {
      const file = path.join(disk, 'verisim.sqlite');
      copyFileSync(logOfVersion(2), file);
      expect(() => openLog(file)).toThrow(expect.objectContaining({ tag: 'DiskFull' }) as Error);
      const database = new Sqlite(file);
      expect(database.pragma('user_version', { simple: true })).toBe(2);
      expect(database.prepare('SELECT count(*) FROM runs').pluck().get()).toBe(3);
      database.close();
      expect(readdirSync(path.join(disk, 'backups'))).toEqual([]);
    }));

  it('when read-only is told in one sentence with the file', () =>
    withDisk('8m', (disk) => {
      const file = path.join(disk, 'verisim.sqlite');
      const log = openLog(file);
      log.runs.create(newRun('kept'));
      log.close();
      makeReadOnly(disk);
      expect(() => openLog(file)).toThrow(
        expect.objectContaining({
          tag: 'DatabaseUnusable',
          details: expect.objectContaining({ path: file }) as object,
        }) as Error,
      );
    }));
});
