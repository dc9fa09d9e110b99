import { type Field, listCondition, type Names, otherLeaf, type Selection, wordsLeaf } from './leaf.ts';
import type { Condition } from './parse.ts';

interface Matching extends Names {
  /** One more than the largest number of a run. */
  size: number;
  select(selection: Selection): Iterable<number>;
}

/**
 * Which runs a condition holds for: 1 at their numbers. What stands in `run_list` alone is one scan of that narrow table; every
 * other leaf is a scan of one index. Each takes SQLite a few milliseconds for 100,000 runs; put together in one statement the same
 * leaves are looked up run by run, which takes ten times as long. Throws InvalidInput.
 */
export function matchRuns(condition: Condition, matching: Matching): Uint8Array {
  const { size, select, now } = matching;
  const ofList = listSql(condition, now);
  if (ofList !== null) {
    return marked(size, select({ ...ofList, sql: `SELECT number FROM run_list WHERE ${ofList.sql}` }));
  }
  switch (condition.kind) {
    case 'all':
      return combine(gathered(condition, now), matching, (a, b) => a & b);
    case 'any':
      return combine(gathered(condition, now), matching, (a, b) => a | b);
    case 'not':
      return matchRuns(condition.of, matching).map((one) => 1 - one);
    case 'words':
      return marked(size, select(wordsLeaf(condition.words)));
    case 'field':
      return matchField(condition, matching);
  }
}

function matchField({ name, operator, values }: Field, matching: Matching): Uint8Array {
  if (operator === '!=') {
    return matchField({ kind: 'field', name, operator: '=', values }, matching).map((one) => 1 - one);
  }
  const mask = new Uint8Array(matching.size);
  for (const value of values) {
    for (const number of matching.select(otherLeaf({ name, operator, value }, matching))) mask[number] = 1;
  }
  return mask;
}

/** The condition as one on `run_list`, or null where something else has to be asked. What is not known (NULL) is not so. */
function listSql(condition: Condition, now: Date): Selection | null {
  switch (condition.kind) {
    case 'all':
      return joined(
        condition.of.map((one) => listSql(one, now)),
        { word: ' AND ', none: '1' },
      );
    case 'any':
      return joined(
        condition.of.map((one) => listSql(one, now)),
        { word: ' OR ', none: '0' },
      );
    case 'not':
      return negated(listSql(condition.of, now));
    case 'words':
      return null;
    case 'field': {
      const { name, operator, values } = condition;
      if (operator === '!=') return negated(listSql({ ...condition, operator: '=' }, now));
      const parts = values.map((value) => listCondition({ name, operator, value }, now));
      return joined(parts, { word: ' OR ', none: '0' });
    }
  }
}

function negated(selection: Selection | null): Selection | null {
  return selection === null ? null : { ...selection, sql: `NOT coalesce(${selection.sql}, 0)` };
}

function joined(parts: (Selection | null)[], { word, none }: { word: string; none: string }): Selection | null {
  const known = parts.filter((part) => part !== null);
  if (known.length < parts.length) return null;
  const sql = known.length === 0 ? none : `(${known.map((part) => part.sql).join(word)})`;
  return { sql, values: known.flatMap(({ values }) => values) };
}

/** The parts with those of `run_list` as one, and words that all have to be there as one search. */
function gathered({ kind, of }: Extract<Condition, { kind: 'all' | 'any' }>, now: Date): Condition[] {
  const inList = of.filter((one) => listSql(one, now) !== null);
  const searched = kind === 'all' ? of.filter((one) => one.kind === 'words') : [];
  const others = of.filter((one) => !inList.includes(one) && !searched.some((words) => words === one));
  const search: Condition = { kind: 'words', words: searched.flatMap(({ words }) => words) };
  return [...(inList.length > 0 ? [{ kind, of: inList }] : []), ...(searched.length > 0 ? [search] : []), ...others];
}

function combine(of: Condition[], matching: Matching, join: (a: number, b: number) => number): Uint8Array {
  const [first, ...others] = of.map((one) => matchRuns(one, matching));
  const mask = first ?? new Uint8Array(matching.size);
  for (const other of others) for (let at = 0; at < mask.length; at++) mask[at] = join(mask[at]!, other[at]!);
  return mask;
}

function marked(size: number, numbers: Iterable<number>): Uint8Array {
  const mask = new Uint8Array(size);
  for (const number of numbers) mask[number] = 1;
  return mask;
}
