import type { Database } from 'better-sqlite3';
import type { SeriesSummary } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';

/** What the index of a series holds at least; it is kept whole, as JSON. */
interface Indexed {
  summary: SeriesSummary;
}

export type SeriesLog<Series extends Indexed> = ReturnType<typeof seriesQueries<Series>>;

/** The series that the person has opened, newest first. Their files stay where they are. */
export function seriesQueries<Series extends Indexed>(database: Database) {
  const upsert = database.prepare<[string, string, string]>(
    `INSERT INTO series (id, opened_at, indexed) VALUES (?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET opened_at = excluded.opened_at, indexed = excluded.indexed`,
  );
  const selectOne = database.prepare<[string], string>('SELECT indexed FROM series WHERE id = ?').pluck();
  const selectAll = database.prepare<[], string>('SELECT indexed FROM series ORDER BY opened_at DESC, rowid').pluck();
  const remove = database.prepare<[string]>('DELETE FROM series WHERE id = ?');
  const save = database.transaction((series: Series[], openedAt: string): void => {
    for (const one of series) upsert.run(one.summary.id, openedAt, JSON.stringify(one));
  });

  return {
    save: (series: Series[]): void => save.immediate(series, new Date().toISOString()),
    list: (): Series[] => selectAll.all().map((indexed) => JSON.parse(indexed) as Series),
    /** Throws UnknownSeries. */
    get(id: string): Series {
      const indexed = selectOne.get(id);
      if (indexed !== undefined) return JSON.parse(indexed) as Series;
      throw new VerisimError('UnknownSeries', `There is no series ${id}. Open its files again.`, {
        expected: 'a series id',
        found: id,
      });
    },
    forget: (id: string): void => {
      remove.run(id);
    },
  };
}
