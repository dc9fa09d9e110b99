import path from 'node:path';
import type { Database } from 'better-sqlite3';
import type { RunDetail, RunOutput } from '../../preload/domain.ts';

/** An output with what measuring and export need. */
export interface StoredOutput extends RunOutput {
  spacingMm: readonly [number, number] | null;
  /** Image to image: the DICOM image it started from and its plane, as JSON; null otherwise. */
  source: object | null;
}

interface OutputRecord {
  output_index: number;
  format: RunOutput['format'];
  path: string;
  sha256: string;
  seed: number | null;
  spacing_mm: string | null;
  source: string | null;
}

/** What went into runs and what came out. A file below the folder of the log is kept by its place in it, so that the folder may move. */
export function runFileQueries(database: Database, root: string) {
  const insertInput = database.prepare<[string, string, string, string]>(
    'INSERT OR REPLACE INTO run_inputs (run_id, name, sha256, path) VALUES (?, ?, ?, ?)',
  );
  const insertOutput = database.prepare(`
    INSERT INTO run_outputs (run_id, output_index, format, path, sha256, seed, spacing_mm, source)
    VALUES (@runId, @index, @format, @path, @sha256, @seed, @spacingMm, @source)
    ON CONFLICT (run_id, output_index, format, path) DO UPDATE SET sha256 = excluded.sha256, seed = excluded.seed,
      spacing_mm = excluded.spacing_mm, source = excluded.source`);
  const removeOutput = database.prepare<[string, number]>(
    'DELETE FROM run_outputs WHERE run_id = ? AND output_index = ?',
  );
  const selectInputs = database.prepare<[string], RunDetail['inputs'][number]>(
    'SELECT name, sha256, path FROM run_inputs WHERE run_id = ? ORDER BY name',
  );
  const selectOutputs = database.prepare<[string], OutputRecord>(
    'SELECT * FROM run_outputs WHERE run_id = ? ORDER BY output_index, format, path',
  );
  const json = (value: object | null): string | null => (value === null ? null : JSON.stringify(value));

  return {
    inputs: (id: string): RunDetail['inputs'] => selectInputs.all(id),
    outputs: (id: string): StoredOutput[] => selectOutputs.all(id).map((record) => outputOf(record, root)),
    addInput: (id: string, { name, sha256, path: file }: RunDetail['inputs'][number]): void => {
      insertInput.run(id, name, sha256, file);
    },
    addOutput: (id: string, { spacingMm, source, path: file, ...output }: StoredOutput): void => {
      const stored = storedPath(root, file);
      insertOutput.run({ runId: id, ...output, path: stored, spacingMm: json(spacingMm), source: json(source) });
    },
    removeOutput: (id: string, index: number): void => {
      removeOutput.run(id, index);
    },
  };
}

/** Relative, with slashes, where it lies below the root. */
function storedPath(root: string, file: string): string {
  const within = path.relative(root, path.resolve(file));
  const outside = within === '' || within.startsWith('..') || path.isAbsolute(within);
  return outside ? path.resolve(file) : within.split(path.sep).join('/');
}

function outputOf(record: OutputRecord, root: string): StoredOutput {
  const { output_index: index, format, path: stored, sha256, seed, spacing_mm, source } = record;
  return {
    index,
    format,
    path: path.resolve(root, stored),
    sha256,
    seed,
    spacingMm: spacing_mm === null ? null : (JSON.parse(spacing_mm) as readonly [number, number]),
    source: source === null ? null : (JSON.parse(source) as object),
  };
}
