import { chmodSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import Sqlite from 'better-sqlite3';
import { describe, expect, it } from 'vitest';
import type { SeriesSummary } from '../../../preload/domain.ts';
import { VerisimError } from '../../../preload/errors.ts';
import { openLog } from '../../../main/log/log.ts';
import { migrations } from '../../../main/log/migrations.ts';
import { newLogFile as newFile, newRun as run } from './new-run.ts';

function tagOf(work: () => unknown): string {
  try {
    work();
    return 'nothing thrown';
  } catch (error) {
    return error instanceof VerisimError ? error.tag : `untagged: ${String(error)}`;
  }
}

describe('the log file', () => {
  it('is in WAL mode, synchronous, with foreign keys, and found again after a restart', () => {
    const file = newFile();
    const log = openLog(file);
    log.runs.create(run('a'));
    log.runs.addOutput('a', {
      index: 0,
      path: '/o',
      sha256: 'bb',
      seed: 5,
      format: 'png',
      spacingMm: [0.5, 0.5],
      source: null,
    });
    log.close();
    const again = openLog(file);
    expect(again.runs.detail('a').outputs).toEqual([{ index: 0, path: '/o', sha256: 'bb', seed: 5, format: 'png' }]);
    expect(again.runs.outputs('a')[0]?.spacingMm).toEqual([0.5, 0.5]);
    expect(again.runs.detail('a').inputs).toEqual([{ name: 'model', sha256: 'aa', path: '/m.onnx' }]);
    again.close();
    const plain = new Sqlite(file);
    expect(plain.pragma('journal_mode', { simple: true })).toBe('wal');
    expect(plain.pragma('user_version', { simple: true })).toBe(migrations.length);
    plain.close();
  });

  it('of version 1 is taken to the newest version with its rows', () => {
    const file = newFile();
    const old = new Sqlite(file);
    old.exec(migrations[0] ?? '');
    old.pragma('user_version = 1');
    old.exec(
      `INSERT INTO runs (id, kind, state, title, created_at, progress, parameters, versions)
       VALUES ('old', 'generation', 'done', 'An old run', '2026-01-01T00:00:00.000Z', '{"done":1,"total":1,"secondsLeft":null,"phase":"Done"}', '{}', '{}')`,
    );
    old.close();
    const log = openLog(file);
    expect(log.runs.row('old')).toMatchObject({ title: 'An old run', outputCount: 0 });
    expect(log.runs.delivery('old')).toBeNull();
    log.runs.create(run('new', { delivery: { folder: '/out', formats: ['png'] } }));
    expect(log.runs.delivery('new')).toEqual({ folder: '/out', formats: ['png'] });
    log.close();
  });

  it('of a newer version is refused and left as it is', () => {
    const file = newFile();
    const newer = new Sqlite(file);
    newer.pragma('user_version = 999');
    newer.close();
    const before = readFileSync(file);
    expect(tagOf(() => openLog(file))).toBe('DatabaseUnusable');
    expect(readFileSync(file).subarray(96).equals(before.subarray(96))).toBe(true);
  });

  it('that is no database is refused by name', () => {
    const file = newFile();
    writeFileSync(file, 'this is a letter, not a database '.repeat(100));
    expect(tagOf(() => openLog(file))).toBe('DatabaseUnusable');
    expect(statSync(file).size).toBe(3300);
  });

  it('that is damaged is refused when its pages are read', () => {
    const file = newFile();
    const log = openLog(file);
    for (let i = 0; i < 200; i++) log.runs.create(run(`r${i}`));
    log.close();
    const bytes = readFileSync(file);
    bytes.fill(0x5a, 4096);
    writeFileSync(file, bytes);
    const everything = { text: '', kind: null, state: null, limit: 1000, offset: 0 };
    expect(tagOf(() => openLog(file).runs.list(everything))).toBe('DatabaseUnusable');
  });

  it.skipIf(process.getuid?.() === 0)(
    'that cannot be written is refused (skipped as root, who may write anything)',
    () => {
      const file = newFile();
      openLog(file).close();
      chmodSync(file, 0o444);
      expect(tagOf(() => openLog(file))).toBe('DatabaseUnusable');
    },
  );

  it('in a folder that does not exist is refused', () => {
    expect(tagOf(() => openLog('/nowhere/at/all/verisim.sqlite'))).toBe('DatabaseUnusable');
  });
});

describe('runs', () => {
  it('are listed newest first, by kind, state and words, with the total of all pages', () => {
    const log = openLog(newFile());
    log.runs.create(run('a', { title: 'Brain axial' }), '2026-01-01T00:00:00.000Z');
    log.runs.create(run('b', { title: 'Chest', seed: 77 }), '2026-01-02T00:00:00.000Z');
    log.runs.create(run('c', { title: 'Brain sagittal', kind: 'export' }), '2026-01-03T00:00:00.000Z');
    const page = { text: '', kind: null, state: null, limit: 2, offset: 0 };
    const ids = (filter: object) => log.runs.list({ ...page, ...filter }).rows.map(({ id }) => id);
    expect(ids({})).toEqual(['c', 'b']);
    expect(log.runs.list(page).total).toBe(3);
    expect(ids({ offset: 2 })).toEqual(['a']);
    expect(ids({ text: 'BRAIN' })).toEqual(['c', 'a']);
    expect(ids({ text: '77' })).toEqual(['b']);
    expect(ids({ text: '%' })).toEqual([]);
    expect(ids({ kind: 'export' })).toEqual(['c']);
    expect(ids({ state: 'done' })).toEqual([]);
    log.close();
  });

  it('change only in what is named', () => {
    const log = openLog(newFile());
    log.runs.create(run('a'));
    log.runs.change('a', { state: 'running', warnings: ['slow'], timings: { load: 1 } });
    log.runs.change('a', { error: { tag: 'DiskFull', message: 'Full.' } });
    expect(log.runs.detail('a')).toMatchObject({
      state: 'running',
      warnings: ['slow'],
      timings: { load: 1 },
      error: { tag: 'DiskFull', message: 'Full.' },
      title: 'Run a',
    });
    expect(tagOf(() => log.runs.change('b', {}))).toBe('UnknownRun');
    log.close();
  });

  it('are claimed once, oldest first, and never one that is reserved for another process', () => {
    const file = newFile();
    const [first, second] = [openLog(file), openLog(file)];
    first.runs.create(run('reserved', { owner: 'cli' }), '2026-01-01T00:00:00.000Z');
    first.runs.create(run('older'), '2026-01-02T00:00:00.000Z');
    first.runs.create(run('newer'), '2026-01-03T00:00:00.000Z');
    expect(second.runs.claim('app', true)).toBe('older');
    expect(first.runs.claim('cli', false)).toBe('reserved');
    expect(first.runs.claim('cli', false)).toBeNull();
    expect(first.runs.claim('other app', true)).toBe('newer');
    expect(second.runs.claim('app', true)).toBeNull();
    first.close();
    second.close();
  });

  it('go before all that wait when they are put first, the last one so put foremost', () => {
    const log = openLog(newFile());
    for (const id of ['one', 'two', 'three']) log.runs.create(run(id));
    log.runs.putFirst('two');
    log.runs.putFirst('three');
    expect([1, 2, 3].map(() => log.runs.claim('app', true))).toEqual(['three', 'two', 'one']);
    log.close();
  });
});

describe('series and settings', () => {
  it('a series is found again whole, and can be forgotten', () => {
    const log = openLog<{ summary: SeriesSummary; files: string[] }>(newFile());
    const summary = { id: 's1', description: 'T1' } as SeriesSummary;
    log.series.save([{ summary, files: ['/a', '/b'] }]);
    log.series.save([{ summary, files: ['/c'] }]);
    expect(log.series.list()).toEqual([{ summary, files: ['/c'] }]);
    log.series.forget('s1');
    expect(tagOf(() => log.series.get('s1'))).toBe('UnknownSeries');
    log.close();
  });

  it('a setting outlives the process; a value of another type gives the default', () => {
    const file = newFile();
    const log = openLog(file);
    log.settings.set('volumeCacheBytes', 1000);
    log.settings.set('odd', 'text');
    log.close();
    const again = openLog(file);
    expect(again.settings.number('volumeCacheBytes', 1)).toBe(1000);
    expect(again.settings.number('odd', 1)).toBe(1);
    expect(again.settings.number('absent', 1)).toBe(1);
    again.close();
  });
});
