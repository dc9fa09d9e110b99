import type { Database } from 'better-sqlite3';
import type {
  ExportFormat,
  ProviderName,
  RunDetail,
  RunKind,
  RunProgress,
  RunRow,
  RunState,
  RunTimings,
} from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { jobQueries } from './job-rows.ts';
import { runFileQueries } from './run-files.ts';
import { type RunFilter, runListQueries } from './run-list.ts';

/** Where each finished image goes besides the data folder. */
export interface Delivery {
  folder: string;
  formats: ExportFormat[];
}

export interface NewRun {
  id: string;
  kind: RunKind;
  state: RunState;
  title: string;
  modelId: string | null;
  seed: number | null;
  provider: ProviderName | null;
  progress: RunProgress;
  parentRunId: string | null;
  parameters: Record<string, unknown>;
  versions: Record<string, string>;
  inputs: RunDetail['inputs'];
  /** What is known of the result already, such as the facts of the model. */
  result: unknown;
  /** The process the run is reserved for; null = whichever engine comes first. */
  owner: string | null;
  delivery: Delivery | null;
}

/** What may change in a run; what is left out stays. */
export interface RunChanges {
  state?: RunState;
  startedAt?: string | null;
  finishedAt?: string | null;
  provider?: ProviderName | null;
  progress?: RunProgress;
  error?: RunRow['error'];
  timings?: Partial<RunTimings>;
  peakRssMb?: number | null;
  warnings?: string[];
  result?: unknown;
  owner?: string | null;
}

export type RunLog = ReturnType<typeof runQueries>;

interface RowRecord {
  id: string;
  kind: RunKind;
  state: RunState;
  title: string;
  created_at: string;
  started_at: string | null;
  finished_at: string | null;
  model_id: string | null;
  seed: number | null;
  provider: ProviderName | null;
  progress: string;
  error: string | null;
  parent_run_id: string | null;
  output_count: number;
  starred: number;
  note: string;
  tags: string;
}

interface RunRecord extends RowRecord {
  parameters: string;
  versions: string;
  timings: string;
  peak_rss_mb: number | null;
  warnings: string;
  result: string | null;
  owner: string | null;
  delivery: string | null;
}

const rowColumns = `
  runs.id, runs.kind, runs.state, runs.title, runs.created_at, runs.started_at, runs.finished_at, runs.model_id, runs.seed,
  runs.provider, progress, error, runs.parent_run_id, outputs AS output_count, starred, note,
  (SELECT json_group_array(tag) FROM run_tags WHERE run = number) AS tags`;
const fromRuns = 'FROM run_list JOIN runs ON runs.id = run_id';

/** The experiment log's rows, and the queue, whose jobs they are; `root` is the folder of the log. Statements are prepared once. */
export function runQueries(database: Database, root: string) {
  const insert = database.prepare(`
    INSERT INTO runs (id, kind, state, title, created_at, model_id, seed, provider, progress, parent_run_id, parameters, versions, result, owner, delivery)
    VALUES (@id, @kind, @state, @title, @createdAt, @modelId, @seed, @provider, @progress, @parentRunId, @parameters, @versions, @result, @owner, @delivery)`);
  const files = runFileQueries(database, root);
  const selectOne = database.prepare<[string], RunRecord>(
    `SELECT ${rowColumns}, parameters, versions, timings, peak_rss_mb, warnings, result, owner, delivery ${fromRuns} WHERE run_id = ?`,
  );
  const selectRow = database.prepare<[string], RowRecord>(`SELECT ${rowColumns} ${fromRuns} WHERE run_id = ?`);
  const selectNumbered = database.prepare<[number], RowRecord>(`SELECT ${rowColumns} ${fromRuns} WHERE number = ?`);
  const list = runListQueries(database);
  const update = database.prepare(`
    UPDATE runs SET state = @state, started_at = @startedAt, finished_at = @finishedAt, provider = @provider,
      progress = @progress, error = @error, timings = @timings, peak_rss_mb = @peakRssMb, warnings = @warnings,
      result = @result, owner = @owner WHERE id = @id`);

  const create = database.transaction((run: NewRun, createdAt: string): void => {
    const { inputs, ...row } = run;
    insert.run({
      ...row,
      createdAt,
      progress: JSON.stringify(row.progress),
      parameters: JSON.stringify(row.parameters),
      versions: JSON.stringify(row.versions),
      result: row.result === null ? null : JSON.stringify(row.result),
      delivery: row.delivery === null ? null : JSON.stringify(row.delivery),
    });
    for (const input of inputs) files.addInput(row.id, input);
  });

  const known = <Found>(id: string, found: Found | undefined): Found => {
    if (found !== undefined) return found;
    throw new VerisimError('UnknownRun', `There is no run ${id} in the log.`, { expected: 'a run id', found: id });
  };
  const record = (id: string): RunRecord => known(id, selectOne.get(id));

  const change = database.transaction((id: string, changes: RunChanges): void => {
    const before = record(id);
    const next = { ...rowOf(before), ...detailOf(before), owner: before.owner, ...changes };
    const { state, startedAt, finishedAt, provider, peakRssMb, owner } = next;
    update.run({
      id,
      state,
      startedAt,
      finishedAt,
      provider,
      peakRssMb,
      owner,
      progress: JSON.stringify(next.progress),
      error: next.error === null ? null : JSON.stringify(next.error),
      timings: JSON.stringify(next.timings),
      warnings: JSON.stringify(next.warnings),
      result: next.result === null ? null : JSON.stringify(next.result),
    });
  });

  return {
    create: (run: NewRun, createdAt: string = new Date().toISOString()): void => create.immediate(run, createdAt),
    /** Throws UnknownRun. */
    change: (id: string, changes: RunChanges): void => change.immediate(id, changes),
    exists: (id: string): boolean => selectRow.get(id) !== undefined,
    /** Throws UnknownRun. */
    row: (id: string): RunRow => rowOf(known(id, selectRow.get(id))),
    /** Throws UnknownRun. */
    detail(id: string): RunDetail {
      const found = record(id);
      const outputs = files.outputs(id);
      return {
        ...rowOf(found),
        ...detailOf(found),
        inputs: files.inputs(id),
        outputs: outputs.map(({ spacingMm: _spacing, source: _source, ...output }) => output),
      };
    },
    delivery(id: string): Delivery | null {
      const { delivery } = record(id);
      return delivery === null ? null : (JSON.parse(delivery) as Delivery);
    },
    owner: (id: string): string | null => record(id).owner,
    /** Throws InvalidInput where the filter cannot be read. */
    list(filter: RunFilter): { rows: RunRow[]; total: number } {
      const { numbers, total } = list.page(filter);
      return { rows: numbers.map((number) => rowOf(selectNumbered.get(number)!)), total };
    },
    /** Throws InvalidInput where the filter cannot be read. */
    ids: (filter: RunFilter): string[] => list.page(filter).numbers.map((number) => list.idOf(number)),
    marks: list.marks,
    mark: list.mark,
    linked: list.linked,
    targets: list.targets,
    vocabulary: list.vocabulary,
    outputs: files.outputs,
    addInput: files.addInput,
    addOutput: files.addOutput,
    removeOutput: files.removeOutput,
    ...jobQueries(database),
  };
}

function rowOf(record: RowRecord): RunRow {
  return {
    id: record.id,
    kind: record.kind,
    state: record.state,
    title: record.title,
    createdAt: record.created_at,
    startedAt: record.started_at,
    finishedAt: record.finished_at,
    modelId: record.model_id,
    seed: record.seed,
    provider: record.provider,
    progress: JSON.parse(record.progress) as RunProgress,
    error: record.error === null ? null : (JSON.parse(record.error) as RunRow['error']),
    outputCount: record.output_count,
    parentRunId: record.parent_run_id,
    starred: record.starred === 1,
    tags: JSON.parse(record.tags) as string[],
    note: record.note,
  };
}

function detailOf(record: RunRecord): Omit<RunDetail, keyof RunRow | 'inputs' | 'outputs'> {
  return {
    parameters: JSON.parse(record.parameters) as Record<string, unknown>,
    versions: JSON.parse(record.versions) as Record<string, string>,
    timings: JSON.parse(record.timings) as Partial<RunTimings>,
    peakRssMb: record.peak_rss_mb,
    warnings: JSON.parse(record.warnings) as string[],
    result: record.result === null ? null : (JSON.parse(record.result) as unknown),
  };
}
