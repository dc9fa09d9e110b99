import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { gzipSync } from 'node:zlib';
import Sqlite from 'better-sqlite3';
import { migrate } from '../main/log/database.ts';
import { migrations } from '../main/log/migrations.ts';
import { repositoryRoot } from './repository.ts';

/**
 * `node scripts/make-log-fixture.ts VERSION`: writes tests/unit/log/fixtures/version-N.sqlite.gz, a log as the Verisim of that version left
 * it. It is made once, when the version is released, and never again: the tests open it with every later Verisim.
 */
const version = Number(process.argv[2]);
if (!Number.isInteger(version) || version < 1 || version > migrations.length)
  throw new Error(`Name a version from 1 to ${migrations.length}.`);
const file = path.join(os.tmpdir(), `verisim-fixture-${process.pid}.sqlite`);
const database = new Sqlite(file);
migrate(database, file, version);

const progress = '{"done":2,"total":2,"secondsLeft":null,"phase":"Done"}';
const parameters = JSON.stringify({
  modelId: 'small',
  count: 2,
  seed: 5,
  steps: 20,
  sampler: 'ddim',
  source: { seriesId: 'series-1', sliceIndices: [3], strength: 0.4 },
});
const run = database.prepare(
  `INSERT INTO runs (id, kind, state, title, created_at, started_at, finished_at, model_id, seed, provider, progress, error,
     parent_run_id, parameters, versions, timings, peak_rss_mb, warnings, result)
   VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, '{"verisim":"0.1.0"}', ?, ?, ?, ?)`,
);
run.run(
  'run-1',
  'generation',
  'done',
  '2 images · Kleine Köpfe',
  '2026-03-01T10:00:00.000Z',
  '2026-03-01T10:00:01.000Z',
  '2026-03-01T10:00:31.000Z',
  'small',
  5,
  'cpu',
  progress,
  null,
  null,
  parameters,
  '{"total":30}',
  321.5,
  '["Slow disk"]',
  '{"model":{"id":"small"}}',
);
run.run(
  'run-2',
  'generation',
  'failed',
  'Again',
  '2026-03-02T10:00:00.000Z',
  '2026-03-02T10:00:01.000Z',
  '2026-03-02T10:00:02.000Z',
  'small',
  5,
  'cpu',
  progress,
  '{"tag":"DiskFull","message":"No space was left."}',
  'run-1',
  parameters,
  '{}',
  null,
  '[]',
  null,
);
run.run(
  'review-1',
  'review',
  'running',
  'Turing',
  '2026-03-03T10:00:00.000Z',
  '2026-03-03T10:00:00.000Z',
  null,
  null,
  7,
  null,
  progress,
  null,
  null,
  '{"reviewId":"review-1","synthetic":[{"kind":"run","runId":"run-1"}]}',
  '{}',
  null,
  '[]',
  null,
);
database.exec(`
  INSERT INTO run_inputs VALUES ('run-1', 'denoiser.onnx', '${'ab'.repeat(32)}', '/models/small/denoiser.onnx');
  INSERT INTO run_outputs (run_id, output_index, format, path, sha256, seed, spacing_mm)
    VALUES ('run-1', 0, 'png', '/data/runs/run-1/0000.png', '${'cd'.repeat(32)}', 5, '[1,1]'),
           ('run-1', 1, 'png', '/data/runs/run-1/0001.png', '${'ef'.repeat(32)}', 6, '[1,1]');
  INSERT INTO series VALUES ('series-1', '2026-03-01T09:00:00.000Z', '{"summary":{"id":"series-1","description":"T1"}}');
  INSERT INTO settings VALUES ('volumeCacheBytes', '1000');
  INSERT INTO reviews (run_id, design, design_sha256) VALUES ('review-1', '{"schema":1,"title":"Turing"}', '${'09'.repeat(32)}');
  INSERT INTO review_cases VALUES ('review-1', 0, 'real', 'Slice 1'), ('review-1', 1, 'synthetic', 'Image 1');
`);
if (version <= 4)
  database.exec(`INSERT INTO review_answers VALUES ('review-1', 0, 'synthetic', 3, 1500, '2026-03-03T10:01:00.000Z');`);
else {
  database.exec(`
    INSERT INTO review_readings VALUES ('reading-1', 'review-1', '{"pseudonym":"Ada","yearsOfExperience":8,"specialty":""}', 1, '2026-03-03T10:00:00.000Z', NULL, NULL);
    INSERT INTO reading_answers VALUES ('reading-1', 0, '{"choice":1,"confidence":3,"mark":null,"comment":""}', 1500, '2026-03-03T10:01:00.000Z');
  `);
}
if (version >= 3)
  database.exec(
    `INSERT INTO annotations VALUES ('note-1', 'series-1', '2026-03-01T09:30:00.000Z', '2026-03-01T09:30:00.000Z', '{"id":"note-1"}');`,
  );
if (version >= 6) {
  database.exec(`
    UPDATE run_list SET starred = 1, note = 'first of all' WHERE run_id = 'run-1';
    INSERT INTO run_tags SELECT 'pilot', number FROM run_list WHERE run_id = 'run-1';
    DELETE FROM run_texts;
    INSERT INTO run_texts (rowid, title, words, parameters, failures, hashes) SELECT * FROM run_words;
  `);
}
database.close();
const folder = path.join(repositoryRoot, 'tests', 'unit', 'log', 'fixtures');
mkdirSync(folder, { recursive: true });
writeFileSync(path.join(folder, `version-${version}.sqlite.gz`), gzipSync(readFileSync(file), { level: 9 }));
rmSync(file);
