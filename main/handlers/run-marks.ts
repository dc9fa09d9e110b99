import type { CallParsed } from '../../preload/contract.ts';
import type { RunRow } from '../../preload/domain.ts';
import { filterFields } from '../log/filter/leaf.ts';
import type { Workspace } from './dependencies.ts';

/** Stars, notes and tags, on one run or many at once: all or none. Throws UnknownRun. */
export function markRuns(
  { log, emit }: Workspace,
  { runIds, starred, note, addTags = [], removeTags = [] }: CallParsed<'runs.mark'>,
): { rows: RunRow[] } {
  log.transaction(() => {
    for (const id of runIds) {
      const kept = log.runs.marks(id).tags.filter((tag) => !removeTags.includes(tag));
      const tags = [...new Set([...kept, ...addTags])];
      log.runs.mark(id, {
        tags,
        ...(starred === undefined ? {} : { starred }),
        ...(note === undefined ? {} : { note }),
      });
    }
  });
  const rows = runIds.map((id) => log.runs.row(id));
  for (const row of rows) emit('runs.changed', row);
  return { rows };
}

export function filterVocabulary({ log }: Workspace): { fields: readonly string[]; names: string[]; tags: string[] } {
  return { fields: filterFields, ...log.runs.vocabulary() };
}
