import type { Database } from 'better-sqlite3';

export type SettingsLog = ReturnType<typeof settingsQueries>;

/** Small named values that outlive a process, as JSON. */
export function settingsQueries(database: Database) {
  const select = database.prepare<[string], string>('SELECT value FROM settings WHERE name = ?').pluck();
  const upsert = database.prepare<[string, string]>(
    'INSERT INTO settings (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value',
  );
  return {
    /** A finite number, or the given one where none is set. */
    number(name: string, otherwise: number): number {
      const text = select.get(name);
      const value: unknown = text === undefined ? null : JSON.parse(text);
      return typeof value === 'number' && Number.isFinite(value) ? value : otherwise;
    },
    /** What `set` was given under this name, or null. */
    value(name: string): unknown {
      const text = select.get(name);
      return text === undefined ? null : JSON.parse(text);
    },
    set: (name: string, value: number | string | boolean | Record<string, unknown>): void => {
      upsert.run(name, JSON.stringify(value));
    },
  };
}
