import { listSchema } from './list-schema.ts';

/**
 * The shape of verisim.sqlite, one step per version: entry n takes a file of `user_version` n to n + 1. An entry that
 * was released is never changed; a change is a further entry.
 */
export const migrations: readonly string[] = [
  `
  CREATE TABLE runs (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    model_id TEXT,
    seed INTEGER,
    provider TEXT,
    progress TEXT NOT NULL,
    error TEXT,
    parent_run_id TEXT,
    parameters TEXT NOT NULL,
    versions TEXT NOT NULL,
    timings TEXT NOT NULL DEFAULT '{}',
    peak_rss_mb REAL,
    warnings TEXT NOT NULL DEFAULT '[]',
    result TEXT,
    owner TEXT
  ) STRICT;
  CREATE INDEX runs_by_time ON runs (created_at DESC, id DESC);
  CREATE INDEX runs_by_state ON runs (state);

  CREATE TABLE run_inputs (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    name TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    path TEXT NOT NULL,
    PRIMARY KEY (run_id, name)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE run_outputs (
    run_id TEXT NOT NULL REFERENCES runs (id) ON DELETE CASCADE,
    output_index INTEGER NOT NULL,
    format TEXT NOT NULL,
    path TEXT NOT NULL,
    sha256 TEXT NOT NULL,
    seed INTEGER,
    spacing_mm TEXT,
    source TEXT,
    PRIMARY KEY (run_id, output_index, format, path)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE series (
    id TEXT PRIMARY KEY,
    opened_at TEXT NOT NULL,
    indexed TEXT NOT NULL
  ) STRICT;

  CREATE TABLE reviews (
    run_id TEXT PRIMARY KEY REFERENCES runs (id) ON DELETE CASCADE,
    design TEXT NOT NULL,
    design_sha256 TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE review_cases (
    review_id TEXT NOT NULL REFERENCES reviews (run_id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    truth TEXT NOT NULL,
    title TEXT NOT NULL,
    PRIMARY KEY (review_id, position)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE review_answers (
    review_id TEXT NOT NULL,
    position INTEGER NOT NULL,
    answer TEXT NOT NULL,
    confidence INTEGER NOT NULL,
    elapsed_ms REAL NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (review_id, position),
    FOREIGN KEY (review_id, position) REFERENCES review_cases (review_id, position) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE settings (
    name TEXT PRIMARY KEY,
    value TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  // Where the command line wants each finished image as well, so that a run that is resumed still delivers.
  'ALTER TABLE runs ADD COLUMN delivery TEXT;',
  // What readers drew. No reference to the series: a series taken off the list and opened again finds its marks.
  `
  CREATE TABLE annotations (
    id TEXT PRIMARY KEY,
    series_id TEXT NOT NULL,
    created_at TEXT NOT NULL,
    changed_at TEXT NOT NULL,
    content TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX annotations_by_series ON annotations (series_id, created_at, id);
  `,
  // Waiting jobs of a higher priority go first.
  'ALTER TABLE runs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;',
  // Several readers and sessions of one study; a review of before becomes the one reading of its study.
  `
  ALTER TABLE reviews ADD COLUMN origin TEXT NOT NULL DEFAULT 'own';
  ALTER TABLE reviews ADD COLUMN sealed_key TEXT;
  ALTER TABLE reviews ADD COLUMN closed_at TEXT;
  CREATE TABLE review_readings (
    id TEXT PRIMARY KEY,
    review_id TEXT NOT NULL REFERENCES reviews (run_id) ON DELETE CASCADE,
    reader TEXT NOT NULL,
    session INTEGER NOT NULL,
    started_at TEXT NOT NULL,
    finished_at TEXT,
    machine TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX readings_by_review ON review_readings (review_id, started_at, id);
  CREATE TABLE reading_answers (
    reading_id TEXT NOT NULL REFERENCES review_readings (id) ON DELETE CASCADE,
    position INTEGER NOT NULL,
    answer TEXT NOT NULL,
    elapsed_ms REAL NOT NULL,
    answered_at TEXT NOT NULL,
    PRIMARY KEY (reading_id, position)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO review_readings (id, review_id, reader, session, started_at, finished_at, machine)
    SELECT run_id, run_id, '{"pseudonym":"Reader 1","yearsOfExperience":null,"specialty":""}', 1,
      coalesce(runs.started_at, runs.created_at), runs.finished_at, NULL
    FROM reviews JOIN runs ON runs.id = run_id;
  INSERT INTO reading_answers (reading_id, position, answer, elapsed_ms, answered_at)
    SELECT review_id, position,
      json_object('choice', answer = 'synthetic', 'confidence', confidence, 'mark', NULL, 'comment', ''), elapsed_ms, answered_at
    FROM review_answers;
  UPDATE reviews SET closed_at = (SELECT finished_at FROM runs WHERE runs.id = run_id);
  DROP TABLE review_answers;
  `,
  // List, filters and search over very many runs; stars, tags and notes.
  listSchema,
];
