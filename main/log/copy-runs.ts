import type { Database } from 'better-sqlite3';

/** What of a log belongs to runs; in the order in which rows may refer to each other. */
const parts: readonly { table: string; columns: string; of: string }[] = [
  {
    table: 'run_inputs',
    columns: 'run_id, name, sha256, path',
    of: 'run_id IN (SELECT id FROM temp.chosen)',
  },
  {
    table: 'reviews',
    columns: 'run_id, design, design_sha256, origin, sealed_key, closed_at',
    of: 'run_id IN (SELECT id FROM temp.chosen)',
  },
  {
    table: 'review_cases',
    columns: 'review_id, position, truth, title',
    of: 'review_id IN (SELECT id FROM temp.chosen)',
  },
  {
    table: 'review_readings',
    columns: 'id, review_id, reader, session, started_at, finished_at, machine',
    of: 'review_id IN (SELECT id FROM temp.chosen)',
  },
  {
    table: 'reading_answers',
    columns: 'reading_id, position, answer, elapsed_ms, answered_at',
    of: 'reading_id IN (SELECT id FROM other.review_readings WHERE review_id IN (SELECT id FROM temp.chosen))',
  },
  {
    table: 'series',
    columns: 'id, opened_at, indexed',
    of: 'id IN (SELECT target FROM other.run_links JOIN other.run_list ON number = run WHERE run_id IN (SELECT id FROM temp.chosen))',
  },
  {
    table: 'annotations',
    columns: 'id, series_id, created_at, changed_at, content',
    of: 'series_id IN (SELECT target FROM other.run_links JOIN other.run_list ON number = run WHERE run_id IN (SELECT id FROM temp.chosen))',
  },
];

const runColumns = `id, kind, state, title, created_at, started_at, finished_at, model_id, seed, provider, progress, error,
  parent_run_id, parameters, versions, timings, peak_rss_mb, warnings, result`;

/**
 * Brings runs of another log file, of the same version, into this one: rows, files by their place below that log's folder, stars,
 * tags, notes, studies with their readings, and the series that they name. What is there already stays as it is. All or nothing.
 */
export function copyRuns(database: Database, { file, root, ids }: { file: string; root: string; ids: string[] }): void {
  database.prepare('ATTACH DATABASE ? AS other').run(file);
  try {
    database
      .transaction(() => {
        database.exec('CREATE TEMP TABLE chosen (id TEXT PRIMARY KEY) WITHOUT ROWID');
        const choose = database.prepare(
          'INSERT OR IGNORE INTO temp.chosen SELECT ? WHERE NOT EXISTS (SELECT 1 FROM main.runs WHERE id = ?)',
        );
        for (const id of ids) choose.run(id, id);
        database.exec(
          `INSERT INTO main.runs (${runColumns}) SELECT ${runColumns} FROM other.runs
           WHERE id IN (SELECT id FROM temp.chosen) ORDER BY created_at, rowid`,
        );
        for (const { table, columns, of } of parts) {
          database.exec(
            `INSERT OR IGNORE INTO main.${table} (${columns}) SELECT ${columns} FROM other.${table} WHERE ${of}`,
          );
        }
        copyOutputs(database, root);
        copyMarks(database);
        database.exec('DROP TABLE temp.chosen');
      })
      .immediate();
  } finally {
    database.exec('DETACH DATABASE other');
  }
}

/** Logs of before kept absolute paths; below their folder they become relative, so that they hold in the new one. */
function copyOutputs(database: Database, root: string): void {
  const within = "replace(substr(path, length(@root) + 2), '\\', '/')";
  const below = "substr(path, 1, length(@root) + 1) IN (@root || '/', @root || '\\')";
  const insert = database.prepare(
    `INSERT OR IGNORE INTO main.run_outputs (run_id, output_index, format, path, sha256, seed, spacing_mm, source)
     SELECT run_id, output_index, format, CASE WHEN ${below} THEN ${within} ELSE path END, sha256, seed, spacing_mm, source
     FROM other.run_outputs WHERE run_id IN (SELECT id FROM temp.chosen)`,
  );
  insert.run({ root });
}

function copyMarks(database: Database): void {
  database.exec(`
    UPDATE main.run_list SET starred = theirs.starred, note = theirs.note
      FROM other.run_list AS theirs
      WHERE theirs.run_id = main.run_list.run_id AND main.run_list.run_id IN (SELECT id FROM temp.chosen);
    INSERT OR IGNORE INTO main.run_tags (tag, run)
      SELECT tag, mine.number FROM other.run_tags JOIN other.run_list AS theirs ON theirs.number = run
        JOIN main.run_list AS mine ON mine.run_id = theirs.run_id
      WHERE mine.run_id IN (SELECT id FROM temp.chosen);
    DELETE FROM main.run_texts
      WHERE rowid IN (SELECT number FROM main.run_list WHERE run_id IN (SELECT id FROM temp.chosen));
    INSERT INTO main.run_texts (rowid, title, words, parameters, failures, hashes)
      SELECT * FROM main.run_words WHERE number IN (SELECT number FROM main.run_list WHERE run_id IN (SELECT id FROM temp.chosen));
  `);
}
