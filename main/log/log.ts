import path from 'node:path';
import type { Database } from 'better-sqlite3';
import type { SeriesSummary } from '../../preload/domain.ts';
import { type AnnotationLog, annotationQueries } from './annotations.ts';
import { type Backup, backupOnline } from './backup.ts';
import { copyRuns } from './copy-runs.ts';
import { databaseError, openDatabase } from './database.ts';
import { reviewQueries, type ReviewLog } from './reviews.ts';
import { runQueries, type RunLog } from './runs.ts';
import { seriesQueries, type SeriesLog } from './series.ts';
import { settingsQueries, type SettingsLog } from './settings.ts';

export interface Log<Series extends { summary: SeriesSummary }> {
  readonly path: string;
  readonly runs: RunLog;
  readonly series: SeriesLog<Series>;
  readonly reviews: ReviewLog;
  readonly annotations: AnnotationLog;
  readonly settings: SettingsLog;
  /** All or nothing: what `work` writes is committed at its end, or not at all when it throws. */
  transaction<Result>(work: () => Result): Result;
  /** Whether another connection, such as that of another process, has written since this was asked last. */
  changedElsewhere(): boolean;
  /** A copy while others work with the log. Rejects with DatabaseUnusable, DiskFull. */
  backup(why: 'hours' | 'asked'): Promise<Backup>;
  /** Brings runs of another log file of this version; those that are here already stay. */
  copyRuns(from: { file: string; root: string; ids: string[] }): void;
  /** What SQLite finds wrong in the file; empty when it is whole. */
  damage(): string[];
  /** One file without companions, which opens from a medium that cannot be written. */
  leaveWriteAheadLog(): void;
  close(): void;
}

/** Opens the log. Every query may throw DatabaseUnusable or DiskFull; opening it throws the same. */
export function openLog<Series extends { summary: SeriesSummary }>(file: string): Log<Series> {
  const database = openDatabase(file);
  try {
    return {
      path: file,
      runs: guarded(runQueries(database, path.dirname(path.resolve(file))), file),
      series: guarded(seriesQueries<Series>(database), file),
      reviews: guarded(reviewQueries(database), file),
      annotations: guarded(annotationQueries(database), file),
      settings: guarded(settingsQueries(database), file),
      changedElsewhere: changesElsewhere(database, file),
      transaction: (work) => tagged(() => database.transaction(work).immediate(), file),
      backup: (why) =>
        backupOnline(database, why).catch((error: unknown) => Promise.reject(databaseError(error, file))),
      copyRuns: (from) => tagged(() => copyRuns(database, from), file),
      damage: () =>
        tagged(() => database.prepare<[], string>('PRAGMA quick_check').pluck().all(), file).filter(
          (one) => one !== 'ok',
        ),
      leaveWriteAheadLog: () => tagged(() => void database.pragma('journal_mode = DELETE'), file),
      close: () => close(database),
    };
  } catch (error) {
    database.close();
    throw databaseError(error, file);
  }
}

/** The same functions, with SQLite's errors in our vocabulary. */
function guarded<Queries extends Record<string, (...input: never[]) => unknown>>(
  queries: Queries,
  file: string,
): Queries {
  const entries = Object.entries(queries).map(([name, query]) => [
    name,
    (...input: never[]): unknown => tagged(() => query(...input), file),
  ]);
  return Object.fromEntries(entries) as Queries;
}

function tagged<Result>(work: () => Result, file: string): Result {
  try {
    return work();
  } catch (error) {
    throw databaseError(error, file);
  }
}

/** SQLite's data_version grows with every commit of others and costs no read of the file's pages. */
function changesElsewhere(database: Database, file: string): () => boolean {
  const version = (): unknown => tagged(() => database.pragma('data_version', { simple: true }), file);
  let known = version();
  return () => known !== (known = version());
}

function close(database: Database): void {
  if (database.open) database.close();
}
