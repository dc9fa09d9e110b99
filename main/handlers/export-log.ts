import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
import type { RunDetail } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { Workspace } from './dependencies.ts';
import { writeMlflow } from './export-mlflow.ts';
import { flatParameters, flatResults } from './flat-run.ts';

type Chosen = Omit<CallParsed<'log.export'>, 'path'>;

/**
 * The runs that the filter leaves, oldest first, into one file, or for MLflow into one folder. Throws OutputNotWritable, DiskFull,
 * and InvalidInput for a filter that cannot be read.
 */
export async function exportLog(
  workspace: Workspace,
  { path: target, ...chosen }: CallParsed<'log.export'>,
): Promise<{ path: string; runs: number }> {
  const file = path.resolve(target);
  const ids = chosenIds(workspace, chosen);
  if (chosen.format === 'mlflow') {
    const runs = await writeMlflow(workspace, detailsOf(workspace, ids), file);
    return { path: file, runs };
  }
  await writeFileAtomic(file, textOf(workspace, ids, chosen.format));
  return { path: file, runs: ids.length };
}

/** The same text piece by piece, so that a log of any length can be written. */
export function logText(workspace: Workspace, chosen: Chosen): Iterable<string> {
  if (chosen.format === 'mlflow')
    throw new VerisimError('WrongUse', 'MLflow takes a folder: name one with --out.', { expected: '--out FOLDER' });
  return textOf(workspace, chosenIds(workspace, chosen), chosen.format);
}

function chosenIds({ log }: Workspace, { text, kind, state }: Chosen): string[] {
  const sort = { by: 'created', descending: false } as const;
  return log.runs.ids({ text, kind, state, limit: Number.MAX_SAFE_INTEGER, offset: 0, sort });
}

function* detailsOf({ log }: Workspace, ids: string[]): Iterable<RunDetail> {
  for (const id of ids) yield log.runs.detail(id);
}

function* textOf(workspace: Workspace, ids: string[], format: 'csv' | 'json' | 'jsonl'): Iterable<string> {
  if (format === 'csv') return yield* csv(workspace, ids);
  if (format === 'jsonl') return yield* lines(workspace, ids);
  let before = '[\n';
  for (const run of detailsOf(workspace, ids)) {
    yield `${before}${JSON.stringify(run, null, 2)}`;
    before = ',\n';
  }
  yield before === '[\n' ? '[]\n' : '\n]\n';
}

const columns: readonly [name: string, value: (run: RunDetail) => unknown][] = [
  ['id', (run) => run.id],
  ['kind', (run) => run.kind],
  ['state', (run) => run.state],
  ['title', (run) => run.title],
  ['created_at', (run) => run.createdAt],
  ['started_at', (run) => run.startedAt],
  ['finished_at', (run) => run.finishedAt],
  ['model', (run) => run.modelId],
  ['seed', (run) => run.seed],
  ['provider', (run) => run.provider],
  ['outputs', (run) => run.outputCount],
  ['seconds_total', (run) => run.timings.total],
  ['peak_rss_mb', (run) => run.peakRssMb],
  ['error', (run) => run.error?.tag],
  ['parent_run', (run) => run.parentRunId],
  ['starred', (run) => run.starred],
  ['tags', (run) => run.tags.join(' ')],
  ['note', (run) => run.note],
  ['parameters', (run) => JSON.stringify(run.parameters)],
  ['versions', (run) => JSON.stringify(run.versions)],
];

/** RFC 4180. One column for every parameter and every single number of a result besides those of every run. */
function* csv(workspace: Workspace, ids: string[]): Iterable<string> {
  const names = { parameter: new Set<string>(), result: new Set<string>() };
  for (const run of detailsOf(workspace, ids)) {
    for (const name of Object.keys(flatParameters(run))) names.parameter.add(name);
    for (const name of Object.keys(flatResults(run))) names.result.add(name);
  }
  const [parameters, results] = [[...names.parameter], [...names.result]];
  yield row([
    ...columns.map(([name]) => name),
    ...parameters.map((name) => `parameter.${name}`),
    ...results.map((name) => `result.${name}`),
  ]);
  for (const run of detailsOf(workspace, ids)) {
    const own = { parameters: flatParameters(run), results: flatResults(run) };
    yield row([
      ...columns.map(([, value]) => value(run)),
      ...parameters.map((name) => own.parameters[name]),
      ...results.map((name) => own.results[name]),
    ]);
  }
}

/**
 * One flat object a line, with the same fields and types in every line, as DuckDB, Arrow and pandas read it on the way to Parquet
 * (`COPY (SELECT * FROM read_json_auto('log.jsonl')) TO 'log.parquet'`).
 */
function* lines(workspace: Workspace, ids: string[]): Iterable<string> {
  for (const run of detailsOf(workspace, ids)) {
    const own = Object.fromEntries(columns.map(([name, value]) => [name, value(run) ?? null]));
    const { inputs, outputs } = run;
    yield `${JSON.stringify({ ...own, parameter: flatParameters(run), result: flatResults(run), inputs, output_files: outputs })}\n`;
  }
}

function row(values: unknown[]): string {
  return `${values.map(cell).join(',')}\r\n`;
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
