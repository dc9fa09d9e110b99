import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { repositoryRoot } from '../repository.ts';

/** A log as an earlier Verisim left it, with so many runs that its migration can be caught in the middle. */
export interface OlderLog {
  file: string;
  version: number;
  content: LogContent;
  /** From the first step to the last, undisturbed. */
  migrationMs: number;
}

/** Counted and hashed: what a migration must keep. */
export type LogContent = Record<'runs' | 'inputs' | 'outputs', { rows: number; sha256: string }>;

/** The fixture of the version with `runs` further runs, each with an input and two outputs. */
export function writeOlderLog(folder: string, version: number, runs: number): Omit<OlderLog, 'migrationMs'> {
  const fixture = path.join(repositoryRoot, 'tests', 'unit', 'log', 'fixtures', `version-${version}.sqlite.gz`);
  const file = path.join(folder, `version-${version}.sqlite`);
  writeFileSync(file, gunzipSync(readFileSync(fixture)));
  const database = new Sqlite(file);
  database.exec(`
    CREATE TEMP TABLE numbers AS
      WITH RECURSIVE numbers (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < ${runs}) SELECT n FROM numbers;
    INSERT INTO runs (id, kind, state, title, created_at, started_at, finished_at, seed, progress, parameters, versions)
      SELECT 'more-' || n, kind, state, title, created_at, started_at, finished_at, n, progress, parameters, versions
      FROM runs, numbers WHERE id = 'run-1';
    INSERT INTO run_inputs SELECT 'more-' || n, name, sha256, path FROM run_inputs, numbers WHERE run_id = 'run-1';
    INSERT INTO run_outputs (run_id, output_index, format, path, sha256, seed)
      SELECT 'more-' || n, output_index, format, path, sha256, n FROM run_outputs, numbers WHERE run_id = 'run-1';`);
  const content = contentOf(database);
  database.close();
  return { file, version, content };
}

/** Of any version. */
export function contentOf(database: Sqlite.Database): LogContent {
  const hashed = (query: string) => {
    const hash = createHash('sha256');
    let rows = 0;
    for (const row of database.prepare(query).raw().iterate()) {
      hash.update(JSON.stringify(row));
      rows++;
    }
    return { rows, sha256: hash.digest('hex') };
  };
  const columns =
    'id, kind, state, title, created_at, started_at, finished_at, model_id, seed, parameters, versions, timings';
  return {
    runs: hashed(`SELECT ${columns} FROM runs ORDER BY id`),
    inputs: hashed('SELECT run_id, name, sha256, path FROM run_inputs ORDER BY run_id, name'),
    outputs: hashed(
      'SELECT run_id, output_index, path, sha256, seed FROM run_outputs ORDER BY run_id, output_index, path',
    ),
  };
}
