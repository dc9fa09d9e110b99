import type { Database, Statement } from 'better-sqlite3';
import type { RunKind, RunSort, RunState } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { matchRuns } from './filter/match.ts';
import { type Condition, parseFilter } from './filter/parse.ts';

export interface RunFilter {
  /** In the filter language of filter/parse.ts; plain words are searched in full text. */
  text: string;
  kind: RunKind | null;
  state: RunState | null;
  limit: number;
  offset: number;
  /** Newest first where it is left out. */
  sort?: RunSort | undefined;
}

/** What a person adds to a run. */
export interface RunMarks {
  starred: boolean;
  note: string;
  tags: string[];
}

export type RunListLog = ReturnType<typeof runListQueries>;

const sortColumns: Record<RunSort['by'], string> = {
  created: 'created_at',
  kind: 'kind',
  state: 'state',
  title: 'title',
  model: 'model_id',
  seed: 'seed',
  provider: 'provider',
  outputs: 'outputs',
  seconds: 'seconds',
  starred: 'starred',
};

const newestFirst: RunSort = { by: 'created', descending: true };

/** The list of runs: filtered, searched, sorted; and the stars, tags and notes that are given to them. */
export function runListQueries(database: Database) {
  const statements = new Map<string, Statement>();
  const prepared = (sql: string): Statement => {
    const known = statements.get(sql);
    if (known !== undefined) return known;
    // Filters are typed, so their number is bounded here.
    if (statements.size > 200) statements.clear();
    const statement = database.prepare(sql).pluck();
    statements.set(sql, statement);
    return statement;
  };
  const valueName = database.prepare<[string], number>('SELECT id FROM value_names WHERE name = ?').pluck();
  const allNames = database.prepare<[], string>('SELECT name FROM value_names ORDER BY name').pluck();
  const allTags = database.prepare<[], string>('SELECT DISTINCT tag FROM run_tags ORDER BY tag').pluck();
  const idOf = database.prepare<[number], string>('SELECT run_id FROM run_list WHERE number = ?').pluck();
  const countAll = database.prepare<[], number>('SELECT count(*) FROM run_list').pluck();
  const largest = database.prepare<[], number>('SELECT coalesce(max(number), 0) FROM run_list').pluck();
  const numberOf = database.prepare<[string], number>('SELECT number FROM run_list WHERE run_id = ?').pluck();
  const selectMarks = database.prepare<[number], { starred: number; note: string }>(
    'SELECT starred, note FROM run_list WHERE number = ?',
  );
  const tagsOf = database.prepare<[number], string>('SELECT tag FROM run_tags WHERE run = ? ORDER BY tag').pluck();
  const updateMarks = database.prepare<[number, string, number]>(
    'UPDATE run_list SET starred = ?, note = ? WHERE number = ?',
  );
  const removeTags = database.prepare<[number]>('DELETE FROM run_tags WHERE run = ?');
  const addTag = database.prepare<[string, number]>('INSERT OR IGNORE INTO run_tags (tag, run) VALUES (?, ?)');
  const dropWords = database.prepare<[number]>('DELETE FROM run_texts WHERE rowid = ?');
  const addWords = database.prepare<[number]>(
    `INSERT INTO run_texts (rowid, title, words, parameters, failures, hashes) SELECT * FROM run_words WHERE number = ?`,
  );
  const linked = database
    .prepare<[string], string>(
      'SELECT run_id FROM run_links JOIN run_list ON number = run WHERE target = ? ORDER BY number LIMIT 1000',
    )
    .pluck();

  const targets = database
    .prepare<[string], string>('SELECT target FROM run_links JOIN run_list ON number = run WHERE run_id = ?')
    .pluck();

  const numberOfRun = (id: string): number => {
    const number = numberOf.get(id);
    if (number !== undefined) return number;
    throw new VerisimError('UnknownRun', `There is no run ${id} in the log.`, { expected: 'a run id', found: id });
  };

  const marks = (id: string): RunMarks => {
    const number = numberOfRun(id);
    const found = selectMarks.get(number);
    return { starred: found?.starred === 1, note: found?.note ?? '', tags: tagsOf.all(number) };
  };

  const mark = database.transaction((id: string, changes: Partial<RunMarks>): void => {
    const number = numberOfRun(id);
    const next = { ...marks(id), ...changes };
    updateMarks.run(next.starred ? 1 : 0, next.note, number);
    if (changes.tags !== undefined) {
      removeTags.run(number);
      for (const tag of changes.tags) addTag.run(tag, number);
    }
    dropWords.run(number);
    addWords.run(number);
  });

  const matching = (condition: Condition): Uint8Array => {
    const select = (sql: string, values: (string | number)[] = []): number[] =>
      prepared(sql).all(...values) as number[];
    const size = largest.get()! + 1;
    const mask = matchRuns(condition, {
      size,
      select: ({ sql, values }) => select(sql, values),
      valueName: (name) => valueName.get(name),
      now: new Date(),
    });
    // No run has the number 0. Other gaps come from runs that were taken out, which is rare.
    mask[0] = 0;
    if (countAll.get() === size - 1) return mask;
    const existing = new Uint8Array(size);
    for (const number of select('SELECT number FROM run_list')) existing[number] = mask[number]!;
    return existing;
  };

  /**
   * The index that has the right order is gone along until the page is full: a little further than the matching runs would fill it if they
   * lay evenly, then twice as far at every turn.
   */
  const pageOf = (mask: Uint8Array, total: number, { sort = newestFirst, limit, offset }: RunFilter): number[] => {
    const wanted = Math.min(offset + limit, total);
    const block = prepared(`SELECT number FROM run_list ${orderOf(sort)} LIMIT ? OFFSET ?`);
    const found: number[] = [];
    let size = Math.ceil((1.5 * wanted * mask.length) / total) + 100;
    for (let from = 0; found.length < wanted && from < mask.length; from += size, size *= 2)
      for (const number of block.all(size, from) as number[])
        if (mask[number] === 1 && found.length < wanted) found.push(number);
    return found.slice(offset);
  };

  return {
    /**
     * The numbers of one page, and how many runs match in all. Throws InvalidInput where the filter cannot be read. All of it
     * comes from one moment: a writer between two statements would let rows appear twice or never.
     */
    page: (filter: RunFilter): { numbers: number[]; total: number } =>
      database.transaction(() => {
        const condition = conditionOf(filter);
        const all = countAll.get()!;
        if (condition === null) {
          const page = prepared(`SELECT number FROM run_list ${orderOf(filter.sort ?? newestFirst)} LIMIT ? OFFSET ?`);
          return { numbers: page.all(filter.limit, filter.offset) as number[], total: all };
        }
        const mask = matching(condition);
        let total = 0;
        for (const one of mask) total += one;
        return { numbers: total <= filter.offset ? [] : pageOf(mask, total, filter), total };
      })(),
    idOf: (number: number): string => idOf.get(number)!,
    marks,
    /** What is left out stays. Throws UnknownRun. */
    mark: (id: string, changes: Partial<RunMarks>): void => mark.immediate(id, changes),
    /** The runs whose parameters or parent name this run or series, oldest first, 1,000 at most. */
    linked: (target: string): string[] => linked.all(target),
    /** The runs and series that the run's parameters or parent name. */
    targets: (id: string): string[] => targets.all(id),
    /** What a filter may name: parameters, metrics and timings that some run has, and the tags in use. */
    vocabulary: (): { names: string[]; tags: string[] } => ({ names: allNames.all(), tags: allTags.all() }),
  };
}

/** Null where every run is asked for. */
function conditionOf({ text, kind, state }: RunFilter): Condition | null {
  const is = (name: string, value: string): Condition => ({ kind: 'field', name, operator: '=', values: [value] });
  const of = [
    ...(kind === null ? [] : [is('kind', kind)]),
    ...(state === null ? [] : [is('state', state)]),
    ...(text.trim() === '' ? [] : [parseFilter(text)]),
  ];
  return of.length === 0 ? null : { kind: 'all', of };
}

function orderOf({ by, descending }: RunSort): string {
  const direction = descending ? 'DESC' : 'ASC';
  return `ORDER BY ${sortColumns[by]} ${direction}, number ${direction}`;
}
