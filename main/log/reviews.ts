import type { Database } from 'better-sqlite3';
import type { ReaderAnswer, ReviewCase } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';

export interface StoredCase {
  position: number;
  truth: ReaderAnswer;
  /** Where the image came from, for the report. */
  title: string;
}

export interface StoredAnswer {
  position: number;
  answer: ReaderAnswer;
  confidence: 1 | 2 | 3 | 4;
  elapsedMs: number;
}

export interface StoredReview {
  id: string;
  title: string;
  createdAt: string;
  designSha256: string;
  total: number;
  answered: number;
}

export type ReviewLog = ReturnType<typeof reviewQueries>;

/** Blind reviews. A review belongs to a run of kind 'review' with the same id. */
export function reviewQueries(database: Database) {
  const insert = database.prepare<[string, string, string]>(
    'INSERT INTO reviews (run_id, design, design_sha256) VALUES (?, ?, ?)',
  );
  const insertCase = database.prepare<[string, number, string, string]>(
    'INSERT INTO review_cases (review_id, position, truth, title) VALUES (?, ?, ?, ?)',
  );
  const upsertAnswer = database.prepare<[string, number, string, number, number, string]>(
    `INSERT INTO review_answers (review_id, position, answer, confidence, elapsed_ms, answered_at) VALUES (?, ?, ?, ?, ?, ?)
     ON CONFLICT (review_id, position) DO UPDATE SET answer = excluded.answer, confidence = excluded.confidence,
       elapsed_ms = excluded.elapsed_ms, answered_at = excluded.answered_at`,
  );
  const summary = `
    SELECT runs.id, runs.title, runs.created_at AS createdAt, design_sha256 AS designSha256,
      (SELECT count(*) FROM review_cases WHERE review_id = runs.id) AS total,
      (SELECT count(*) FROM review_answers WHERE review_id = runs.id) AS answered
    FROM reviews JOIN runs ON runs.id = run_id`;
  const selectAll = database.prepare<[], StoredReview>(`${summary} ORDER BY runs.created_at DESC, runs.rowid DESC`);
  const selectOne = database.prepare<[string], StoredReview>(`${summary} WHERE run_id = ?`);
  const selectDesign = database.prepare<[string], string>('SELECT design FROM reviews WHERE run_id = ?').pluck();
  const selectCases = database.prepare<[string], StoredCase>(
    'SELECT position, truth, title FROM review_cases WHERE review_id = ? ORDER BY position',
  );
  const selectAnswers = database.prepare<[string], StoredAnswer>(
    `SELECT position, answer, confidence, elapsed_ms AS elapsedMs FROM review_answers WHERE review_id = ? ORDER BY position`,
  );
  const selectAnswer = database.prepare<[string, number], NonNullable<ReviewCase['answer']>>(
    'SELECT answer, confidence, elapsed_ms AS elapsedMs FROM review_answers WHERE review_id = ? AND position = ?',
  );
  const create = database.transaction((id: string, design: { json: string; sha256: string }, cases: StoredCase[]) => {
    insert.run(id, design.json, design.sha256);
    for (const { position, truth, title } of cases) insertCase.run(id, position, truth, title);
  });

  return {
    /** The run row must exist. */
    create: (id: string, design: { json: string; sha256: string }, cases: StoredCase[]): void =>
      create.immediate(id, design, cases),
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
    design: (id: string): string | null => selectDesign.get(id) ?? null,
    cases: (id: string): StoredCase[] => selectCases.all(id),
    answers: (id: string): StoredAnswer[] => selectAnswers.all(id),
    answer: (id: string, position: number): ReviewCase['answer'] => selectAnswer.get(id, position) ?? null,
    saveAnswer: (id: string, { position, answer, confidence, elapsedMs }: StoredAnswer): void => {
      upsertAnswer.run(id, position, answer, confidence, elapsedMs, new Date().toISOString());
    },
  };
}
