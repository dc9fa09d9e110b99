import type { RunRow, RunSort } from '../../../preload/domain.ts';

/** What the list of runs can be sorted by, its heading, and whether its values are numbers. */
export const columns: [RunSort['by'], string, boolean][] = [
  ['kind', 'Kind', false],
  ['title', 'Title', false],
  ['state', 'State', false],
  ['model', 'Model', false],
  ['seed', 'Seed', true],
  ['provider', 'Runs on', false],
  ['outputs', 'Outputs', true],
  ['created', 'Started', false],
  ['seconds', 'Duration', true],
];

/** Of a run that goes on, until now; null before it starts. */
export function durationSeconds({ startedAt, finishedAt }: RunRow, nowMs: number): number | null {
  if (startedAt === null) return null;
  const end = finishedAt === null ? nowMs : Date.parse(finishedAt);
  return Math.max(0, (end - Date.parse(startedAt)) / 1000);
}
