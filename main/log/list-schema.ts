/**
 * What the list of runs, its filters and the full-text search stand on. `run_list` is a narrow copy of what a list shows and sorts
 * by, since a scan of `runs` itself would read every parameter; triggers keep it, so that no writer can forget to. Its `number` is a
 * declared key, which unlike a bare rowid survives VACUUM. `run_values` holds single parameters, metrics and timings by name;
 * `run_links` the runs and series that parameters name, so that it is found what came of one.
 * The full-text table holds no text of its own (fts5, contentless_delete); of hashes it knows the first 16 digits.
 */
export const listSchema = `
  CREATE TABLE run_list (
    number INTEGER PRIMARY KEY,
    run_id TEXT NOT NULL UNIQUE REFERENCES runs (id) ON DELETE CASCADE,
    kind TEXT NOT NULL,
    state TEXT NOT NULL,
    title TEXT NOT NULL,
    created_at TEXT NOT NULL,
    started_at TEXT,
    finished_at TEXT,
    seconds REAL,
    model_id TEXT,
    seed INTEGER,
    provider TEXT,
    parent_run_id TEXT,
    failure TEXT,
    outputs INTEGER NOT NULL DEFAULT 0,
    starred INTEGER NOT NULL DEFAULT 0,
    note TEXT NOT NULL DEFAULT ''
  ) STRICT;
  CREATE TABLE run_tags (
    tag TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run_list (number) ON DELETE CASCADE,
    PRIMARY KEY (tag, run)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX tags_of_run ON run_tags (run);
  CREATE TABLE value_names (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE run_values (
    name_id INTEGER NOT NULL REFERENCES value_names (id),
    run INTEGER NOT NULL REFERENCES run_list (number) ON DELETE CASCADE,
    value ANY NOT NULL,
    PRIMARY KEY (name_id, run)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX values_by_value ON run_values (name_id, value);
  CREATE INDEX values_of_run ON run_values (run);
  CREATE TABLE run_links (
    target TEXT NOT NULL,
    run INTEGER NOT NULL REFERENCES run_list (number) ON DELETE CASCADE,
    PRIMARY KEY (target, run)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX links_of_run ON run_links (run);
  CREATE VIRTUAL TABLE run_texts USING fts5(
    title, words, parameters, failures, hashes,
    content = '', contentless_delete = 1, prefix = '2 3', tokenize = 'unicode61 remove_diacritics 2'
  );

  CREATE VIEW run_words (number, title, words, parameters, failures, hashes) AS
    SELECT number, runs.title || ' ' || runs.id || ' ' || coalesce(runs.model_id, '') || ' ' || coalesce(runs.seed, ''),
      note || ' ' || coalesce((SELECT group_concat(tag, ' ') FROM run_tags WHERE run = number), ''),
      (SELECT group_concat(atom, ' ') FROM json_tree(runs.parameters) WHERE type = 'text' AND length(atom) <= 200),
      coalesce(runs.error ->> '$.tag', '') || ' ' || coalesce(runs.error ->> '$.message', '') || ' ' || runs.warnings,
      (SELECT group_concat(substr(sha256, 1, 16), ' ') FROM (
        SELECT sha256 FROM run_inputs WHERE run_id = runs.id UNION SELECT sha256 FROM run_outputs WHERE run_id = runs.id))
    FROM run_list JOIN runs ON runs.id = run_id;
  CREATE VIEW run_facts (number, name, value) AS
    SELECT number, substr(fullkey, 3), atom FROM run_list JOIN runs ON runs.id = run_id, json_tree(runs.parameters)
    WHERE atom IS NOT NULL AND fullkey NOT LIKE '%[%' AND fullkey NOT IN ('$.modelId', '$.seed', '$.provider')
      AND (type IN ('integer', 'real', 'true', 'false') OR type = 'text' AND length(atom) <= 200)
    UNION ALL
    SELECT number, 'result' || substr(fullkey, 2), atom FROM run_list JOIN runs ON runs.id = run_id, json_tree(runs.result)
    WHERE runs.result IS NOT NULL AND type IN ('integer', 'real') AND fullkey NOT LIKE '%[%' AND fullkey NOT LIKE '$.model.%'
    UNION ALL
    SELECT number, 'timings' || substr(fullkey, 2), atom FROM run_list JOIN runs ON runs.id = run_id, json_tree(runs.timings)
    WHERE type IN ('integer', 'real')
    UNION ALL
    SELECT number, 'peakRssMb', peak_rss_mb FROM run_list JOIN runs ON runs.id = run_id WHERE peak_rss_mb IS NOT NULL;
  CREATE VIEW run_targets (number, target) AS
    SELECT number, atom FROM run_list JOIN runs ON runs.id = run_id, json_tree(runs.parameters)
    WHERE key IN ('runId', 'seriesId') AND type = 'text'
    UNION
    SELECT number, runs.parent_run_id FROM run_list JOIN runs ON runs.id = run_id WHERE runs.parent_run_id IS NOT NULL;

  INSERT INTO run_list (run_id, kind, state, title, created_at, started_at, finished_at, seconds, model_id, seed, provider,
      parent_run_id, failure, outputs)
    SELECT id, kind, state, title, created_at, started_at, finished_at,
      (julianday(finished_at) - julianday(started_at)) * 86400, model_id, seed, provider, parent_run_id, error ->> '$.tag',
      (SELECT count(*) FROM run_outputs WHERE run_id = runs.id)
    FROM runs ORDER BY created_at, rowid;
  INSERT OR IGNORE INTO value_names (name) SELECT DISTINCT name FROM run_facts;
  INSERT OR REPLACE INTO run_values (name_id, run, value)
    SELECT id, number, value FROM run_facts JOIN value_names USING (name);
  INSERT INTO run_links (target, run) SELECT target, number FROM run_targets;
  INSERT INTO run_texts (rowid, title, words, parameters, failures, hashes) SELECT * FROM run_words;

  CREATE INDEX list_by_kind ON run_list (kind);
  CREATE INDEX list_by_state ON run_list (state);
  CREATE INDEX list_by_title ON run_list (title);
  CREATE INDEX list_by_time ON run_list (created_at);
  CREATE INDEX list_by_duration ON run_list (seconds);
  CREATE INDEX list_by_model ON run_list (model_id);
  CREATE INDEX list_by_seed ON run_list (seed);
  CREATE INDEX list_by_provider ON run_list (provider);
  CREATE INDEX list_by_outputs ON run_list (outputs);
  CREATE INDEX list_by_star ON run_list (starred);
  DROP INDEX runs_by_time;

  CREATE TRIGGER run_listed AFTER INSERT ON runs BEGIN
    INSERT INTO run_list (run_id, kind, state, title, created_at, started_at, finished_at, seconds, model_id, seed, provider,
        parent_run_id, failure)
      VALUES (NEW.id, NEW.kind, NEW.state, NEW.title, NEW.created_at, NEW.started_at, NEW.finished_at,
        (julianday(NEW.finished_at) - julianday(NEW.started_at)) * 86400, NEW.model_id, NEW.seed, NEW.provider,
        NEW.parent_run_id, NEW.error ->> '$.tag');
    INSERT OR IGNORE INTO value_names (name)
      SELECT name FROM run_facts WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
    INSERT OR REPLACE INTO run_values (name_id, run, value)
      SELECT id, number, value FROM run_facts JOIN value_names USING (name)
      WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
    INSERT INTO run_links (target, run)
      SELECT target, number FROM run_targets WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
    INSERT INTO run_texts (rowid, title, words, parameters, failures, hashes)
      SELECT * FROM run_words WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
  END;
  CREATE TRIGGER run_relisted AFTER UPDATE ON runs
    WHEN OLD.state IS NOT NEW.state OR OLD.title IS NOT NEW.title OR OLD.started_at IS NOT NEW.started_at
      OR OLD.finished_at IS NOT NEW.finished_at OR OLD.provider IS NOT NEW.provider OR OLD.error IS NOT NEW.error
  BEGIN
    UPDATE run_list SET state = NEW.state, title = NEW.title, started_at = NEW.started_at, finished_at = NEW.finished_at,
      seconds = (julianday(NEW.finished_at) - julianday(NEW.started_at)) * 86400, provider = NEW.provider,
      failure = NEW.error ->> '$.tag'
      WHERE run_id = NEW.id;
  END;
  CREATE TRIGGER run_ended AFTER UPDATE ON runs
    WHEN NEW.state IN ('done', 'failed', 'cancelled') AND (OLD.state IS NOT NEW.state OR OLD.result IS NOT NEW.result)
  BEGIN
    INSERT OR IGNORE INTO value_names (name)
      SELECT name FROM run_facts WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
    INSERT OR REPLACE INTO run_values (name_id, run, value)
      SELECT id, number, value FROM run_facts JOIN value_names USING (name)
      WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
    DELETE FROM run_texts WHERE rowid = (SELECT number FROM run_list WHERE run_id = NEW.id);
    INSERT INTO run_texts (rowid, title, words, parameters, failures, hashes)
      SELECT * FROM run_words WHERE number = (SELECT number FROM run_list WHERE run_id = NEW.id);
  END;
  CREATE TRIGGER run_unlisted AFTER DELETE ON run_list BEGIN
    DELETE FROM run_texts WHERE rowid = OLD.number;
  END;
  CREATE TRIGGER output_counted AFTER INSERT ON run_outputs BEGIN
    UPDATE run_list SET outputs = outputs + 1 WHERE run_id = NEW.run_id;
  END;
  CREATE TRIGGER output_uncounted AFTER DELETE ON run_outputs BEGIN
    UPDATE run_list SET outputs = outputs - 1 WHERE run_id = OLD.run_id;
  END;
`;
