import path from 'node:path';
import type { RunDetail } from '../../preload/domain.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { Workspace } from './dependencies.ts';

/** The whole log, oldest run first, as one text: JSON with everything, or CSV with one line a run. Throws OutputNotWritable. */
export async function exportLog(
  { log }: Workspace,
  { format, file }: { format: 'json' | 'csv'; file: string | null },
): Promise<string> {
  const everything = { text: '', kind: null, state: null, limit: Number.MAX_SAFE_INTEGER, offset: 0 };
  const runs = log.runs
    .list(everything)
    .rows.reverse()
    .map(({ id }) => log.runs.detail(id));
  const text = format === 'json' ? `${JSON.stringify(runs, null, 2)}\n` : csv(runs);
  if (file !== null) await writeFileAtomic(path.resolve(file), text);
  return text;
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
  ['parameters', (run) => JSON.stringify(run.parameters)],
  ['versions', (run) => JSON.stringify(run.versions)],
];

/** RFC 4180. */
function csv(runs: RunDetail[]): string {
  const lines = [columns.map(([name]) => name), ...runs.map((run) => columns.map(([, value]) => cell(value(run))))];
  return lines.map((line) => `${line.join(',')}\r\n`).join('');
}

function cell(value: unknown): string {
  const text = value === null || value === undefined ? '' : String(value);
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}
