import type { Database } from 'better-sqlite3';
import { VerisimError } from '../../preload/errors.ts';
import type { CaseAnswer, Reader, ReaderAnswer } from '../../preload/review.ts';

/** Of reviews made before studies had several readers: their truth, by position. */
export interface StoredCase {
  position: number;
  truth: ReaderAnswer;
  title: string;
}

export interface StoredReview {
  id: string;
  title: string;
  createdAt: string;
  design: string;
  designSha256: string;
  origin: 'own' | 'imported';
  /** The encrypted key, base64; null for an imported study and for reviews of earlier versions. */
  sealedKey: string | null;
  closedAt: string | null;
}

export interface StoredReading {
  id: string;
  reviewId: string;
  reader: Reader;
  session: number;
  startedAt: string;
  finishedAt: string | null;
  /** Public key of the machine it was read on (base64 SPKI); null = here. */
  machine: string | null;
  answered: number;
}

export type StoredAnswer = CaseAnswer & { position: number };

export type ReviewLog = ReturnType<typeof reviewQueries>;

interface ReadingRecord extends Omit<StoredReading, 'reader'> {
  reader: string;
}

interface AnswerRecord {
  position: number;
  answer: string;
  elapsedMs: number;
}

/** Blind reviews with their readings. A review belongs to a run of kind 'review' with the same id. */
export function reviewQueries(database: Database) {
  const insert = database.prepare<[string, string, string, string, string | null]>(
    'INSERT INTO reviews (run_id, design, design_sha256, origin, sealed_key) VALUES (?, ?, ?, ?, ?)',
  );
  const summary = `
    SELECT runs.id, runs.title, runs.created_at AS createdAt, design, design_sha256 AS designSha256, origin,
      sealed_key AS sealedKey, closed_at AS closedAt
    FROM reviews JOIN runs ON runs.id = run_id`;
  const selectAll = database.prepare<[], StoredReview>(`${summary} ORDER BY runs.created_at DESC, runs.rowid DESC`);
  const selectOne = database.prepare<[string], StoredReview>(`${summary} WHERE run_id = ?`);
  const selectByDesign = database.prepare<[string], StoredReview>(`${summary} WHERE design_sha256 = ?`);
  const closeReview = database.prepare<[string, string]>('UPDATE reviews SET closed_at = ? WHERE run_id = ?');
  const selectCases = database.prepare<[string], StoredCase>(
    'SELECT position, truth, title FROM review_cases WHERE review_id = ? ORDER BY position',
  );
  const insertReading = database.prepare<[string, string, string, number, string, string | null, string | null]>(
    `INSERT INTO review_readings (id, review_id, reader, session, started_at, finished_at, machine) VALUES (?, ?, ?, ?, ?, ?, ?)`,
  );
  const finishReading = database.prepare<[string, string]>('UPDATE review_readings SET finished_at = ? WHERE id = ?');
  const reading = `
    SELECT id, review_id AS reviewId, reader, session, started_at AS startedAt, finished_at AS finishedAt, machine,
      (SELECT count(*) FROM reading_answers WHERE reading_id = id) AS answered
    FROM review_readings`;
  const selectReadings = database.prepare<[string], ReadingRecord>(
    `${reading} WHERE review_id = ? ORDER BY started_at, id`,
  );
  const selectReading = database.prepare<[string], ReadingRecord>(`${reading} WHERE id = ?`);
  const upsertAnswer = database.prepare<[string, number, string, number, string]>(
    `INSERT INTO reading_answers (reading_id, position, answer, elapsed_ms, answered_at) VALUES (?, ?, ?, ?, ?)
     ON CONFLICT (reading_id, position) DO UPDATE SET answer = excluded.answer, elapsed_ms = excluded.elapsed_ms,
       answered_at = excluded.answered_at`,
  );
  const selectAnswers = database.prepare<[string], AnswerRecord>(
    'SELECT position, answer, elapsed_ms AS elapsedMs FROM reading_answers WHERE reading_id = ? ORDER BY position',
  );
  const parseReading = (record: ReadingRecord): StoredReading => ({
    ...record,
    reader: JSON.parse(record.reader) as Reader,
  });

  return {
    /** The run row must exist. */
    create({
      id,
      design,
      designSha256,
      origin,
      sealedKey,
    }: Omit<StoredReview, 'title' | 'createdAt' | 'closedAt'>): void {
      insert.run(id, design, designSha256, origin, sealedKey);
    },
    list: (): StoredReview[] => selectAll.all(),
    /** Throws UnknownReview. */
    get(id: string): StoredReview {
      const found = selectOne.get(id);
      if (found !== undefined) return found;
      throw new VerisimError('UnknownReview', `There is no review ${id} in the log.`, {
        expected: 'a review id',
        found: id,
      });
    },
    byDesign: (designSha256: string): StoredReview | null => selectByDesign.get(designSha256) ?? null,
    close: (id: string, at: string): void => void closeReview.run(at, id),
    cases: (id: string): StoredCase[] => selectCases.all(id),

    begin({ id, reviewId, reader, session, startedAt, finishedAt, machine }: Omit<StoredReading, 'answered'>): void {
      insertReading.run(id, reviewId, JSON.stringify(reader), session, startedAt, finishedAt, machine);
    },
    finish: (readingId: string, at: string): void => void finishReading.run(at, readingId),
    readings: (reviewId: string): StoredReading[] => selectReadings.all(reviewId).map(parseReading),
    findReading(id: string): StoredReading | null {
      const found = selectReading.get(id);
      return found === undefined ? null : parseReading(found);
    },
    /** Throws UnknownReview. */
    reading(id: string): StoredReading {
      const found = selectReading.get(id);
      if (found !== undefined) return parseReading(found);
      throw new VerisimError('UnknownReview', `There is no reading ${id} in the log.`, {
        expected: 'a reading id',
        found: id,
      });
    },
    answers: (readingId: string): StoredAnswer[] =>
      selectAnswers.all(readingId).map(({ position, answer, elapsedMs }) => ({
        ...(JSON.parse(answer) as Omit<StoredAnswer, 'position' | 'elapsedMs'>),
        position,
        elapsedMs,
      })),
    saveAnswer(readingId: string, { position, elapsedMs, choice, confidence, mark, comment }: StoredAnswer): void {
      const answer = JSON.stringify({ choice, confidence, mark, comment });
      upsertAnswer.run(readingId, position, answer, elapsedMs, new Date().toISOString());
    },
  };
}
