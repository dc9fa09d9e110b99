import type { Database } from 'better-sqlite3';
import type { Annotation } from '../../preload/annotations.ts';

export type AnnotationLog = ReturnType<typeof annotationQueries>;

/** Measurements, notes and key images of series, oldest first. They stay when a series leaves the list. */
export function annotationQueries(database: Database) {
  const select = database
    .prepare<[string], string>('SELECT content FROM annotations WHERE series_id = ? ORDER BY created_at, id')
    .pluck();
  const upsert = database.prepare<[string, string, string, string, string]>(
    `INSERT INTO annotations (id, series_id, created_at, changed_at, content) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (id) DO UPDATE SET changed_at = excluded.changed_at, content = excluded.content`,
  );
  const remove = database.prepare<[string]>('DELETE FROM annotations WHERE id = ?');
  const change = database.transaction((saved: Annotation[], removed: string[], now: string): void => {
    for (const id of removed) remove.run(id);
    for (const one of saved) upsert.run(one.id, one.seriesId, one.createdAt, now, JSON.stringify(one));
  });

  return {
    list: (seriesId: string): Annotation[] => select.all(seriesId).map((content) => JSON.parse(content) as Annotation),
    /** All or nothing. */
    change: (saved: Annotation[], removed: string[]): void =>
      change.immediate(saved, removed, new Date().toISOString()),
  };
}
