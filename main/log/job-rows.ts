import type { Database } from 'better-sqlite3';
import type { RunKind, RunState } from '../../preload/domain.ts';

/** The rows of the log as a queue: those of a higher priority first, then the older ones. */
export function jobQueries(database: Database) {
  const order = 'priority DESC, created_at, rowid';
  const claimNext = database
    .prepare<{ owner: string; shared: number; now: string }, string>(
      `UPDATE runs SET state = 'running', owner = @owner, started_at = coalesce(started_at, @now)
       WHERE id = (
         SELECT id FROM runs WHERE kind = 'generation' AND state = 'queued'
           AND (owner = @owner OR (@shared = 1 AND owner IS NULL))
         ORDER BY ${order} LIMIT 1)
       RETURNING id`,
    )
    .pluck();
  const putFirst = database.prepare<[string]>(
    `UPDATE runs SET priority = 1 + (SELECT coalesce(max(priority), 0) FROM runs WHERE state = 'queued') WHERE id = ?`,
  );
  const selectOwned = database.prepare<[], { id: string; kind: RunKind; state: RunState; owner: string }>(
    "SELECT id, kind, state, owner FROM runs WHERE owner IS NOT NULL AND state IN ('queued', 'running', 'cancelling')",
  );
  const selectWaiting = database
    .prepare<[], string>(`SELECT id FROM runs WHERE kind = 'generation' AND state = 'queued' ORDER BY ${order}`)
    .pluck();
  const setPriority = database.prepare<[number, string]>('UPDATE runs SET priority = ? WHERE id = ?');
  const reorder = database.transaction((wanted: string[]): void => {
    const waiting = selectWaiting.all();
    const named = wanted.filter((id) => waiting.includes(id));
    const all = [...named, ...waiting.filter((id) => !named.includes(id))];
    // Above 0, so that what is added later goes last.
    for (const [at, id] of all.entries()) setPriority.run(all.length - at, id);
  });

  return {
    /** Before everything that waits now. */
    putFirst: (id: string): void => {
      putFirst.run(id);
    },
    /** The jobs that wait, in the order in which they will be taken. */
    waiting: (): string[] => selectWaiting.all(),
    /** These first, in this order; then those that are not named. What no longer waits is passed over. */
    reorder: (ids: string[]): void => reorder.immediate(ids),
    /** Takes the first job that waits for this process, or, with `shared`, for any; null when there is none. */
    claim: (owner: string, shared: boolean): string | null =>
      claimNext.get({ owner, shared: shared ? 1 : 0, now: new Date().toISOString() }) ?? null,
    /** Unfinished runs that a process holds. */
    owned: () => selectOwned.all(),
  };
}
