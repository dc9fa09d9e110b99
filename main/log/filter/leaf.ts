import { VerisimError } from '../../../preload/errors.ts';
import type { Condition, Operator, Word } from './parse.ts';

/** SQL with the values that its question marks stand for: a statement that gives numbers of runs, or a condition on `run_list`. */
export interface Selection {
  sql: string;
  values: (string | number)[];
}

export interface Names {
  /** The id of a parameter, metric or timing that some run has; undefined for an unknown name. */
  valueName(name: string): number | undefined;
  now: Date;
}

type Comparison = Exclude<Operator, '!='>;
export type Field = Extract<Condition, { kind: 'field' }>;

const texts: Record<string, string> = {
  id: 'run_id',
  kind: 'kind',
  state: 'state',
  title: 'title',
  model: 'model_id',
  provider: 'provider',
  note: 'note',
  parent: 'parent_run_id',
  failure: 'failure',
};
const numbers: Record<string, string> = { seed: 'seed', outputs: 'outputs', seconds: 'seconds' };
const times: Record<string, string> = { created: 'created_at', started: 'started_at', finished: 'finished_at' };
const presence: Record<string, string> = {
  'is:starred': 'starred = 1',
  'has:note': "note <> ''",
  'has:tag': 'number IN (SELECT run FROM run_tags)',
  'has:parent': 'parent_run_id IS NOT NULL',
  'has:failure': 'failure IS NOT NULL',
};

/** The names that a condition may begin with, besides parameters, metrics and timings. */
export const filterFields: readonly string[] = [
  ...Object.keys(texts),
  ...Object.keys(numbers),
  ...Object.keys(times),
  ...['age', 'tag', 'hash', 'is', 'has'],
];

/** A word may be the beginning of a longer one, unless it was put in quotation marks. A hash is known by its beginning. */
export function wordsLeaf(words: readonly Word[]): Selection {
  const searched = words.map(({ text, whole }) => ({ whole, text: isHash.test(text) ? text.slice(0, 16) : text }));
  if (searched.some(({ text }) => !/[\p{L}\p{N}]/u.test(text))) {
    return { sql: 'SELECT number FROM run_list WHERE 0', values: [] };
  }
  const query = searched.map(({ text, whole }) => `"${text.replaceAll('"', '""')}"${whole ? '' : '*'}`).join(' ');
  return { sql: 'SELECT rowid FROM run_texts WHERE run_texts MATCH ?', values: [query] };
}

const isHash = /^[0-9a-f]{17,64}$/i;

interface Compared {
  name: string;
  operator: Comparison;
  value: string;
}

/** The condition on `run_list` that a field stands so to one value; null where the field is not in it. Throws InvalidInput. */
export function listCondition({ name, operator, value }: Compared, now: Date): Selection | null {
  const field = name.toLowerCase();
  if (field === 'is' || field === 'has') return present(`${field}:${value.toLowerCase()}`);
  if (field === 'age') return compareAge(value, operator, now);
  const text = texts[field];
  if (text !== undefined) return compareText(text, value, operator);
  const number = numbers[field];
  if (number !== undefined) return compareNumber(number, numberOf(name, value), operator);
  const time = times[field];
  return time === undefined ? null : compareTime(time, value, operator);
}

/** The runs with such a tag, hash, parameter, metric or timing. Throws InvalidInput for a name that no run has. */
export function otherLeaf({ name, operator, value }: Compared, names: Names): Selection {
  const field = name.toLowerCase();
  if (field === 'hash') return wordsLeaf([{ text: value, whole: false }]);
  if (field === 'tag') return tagged(value, operator);
  const id = names.valueName(name);
  if (id !== undefined) return ofValues(id, value, operator);
  throw new VerisimError('InvalidInput', `No run has anything called “${name}” (looked for with ${value}).`, {
    expected: `${filterFields.join(', ')}, or the name of a parameter`,
    found: name,
  });
}

/** Any number sorts before any text. */
function ofValues(id: number, value: string, operator: Comparison): Selection {
  const numeric = Number.isFinite(Number(value)) && value.trim() !== '';
  if (operator === ':' && !numeric) return containing(id, value);
  const { sql, values } = numeric
    ? compareNumber('value', Number(value), operator)
    : compareText('value', value, operator);
  const kind = numeric ? "value < ''" : "value >= ''";
  return { sql: `SELECT run FROM run_values WHERE name_id = ${id} AND ${kind} AND ${sql}`, values };
}

/**
 * A parameter of words has few different values (samplers, formats, models): the first 200 are looked up one after the other in the
 * index and compared once each; only what comes after them is compared run by run.
 */
function containing(id: number, value: string): Selection {
  const texts = `SELECT min(value) FROM run_values WHERE name_id = ${id} AND value`;
  const contains = "LIKE ? ESCAPE '\\'";
  const pattern = `%${like(value)}%`;
  return {
    sql: `
      WITH RECURSIVE known (text) AS (
        SELECT (${texts} >= '')
        UNION ALL SELECT (${texts} > known.text) FROM known WHERE known.text IS NOT NULL LIMIT 200
      )
      SELECT run FROM run_values WHERE name_id = ${id} AND value IN (SELECT text FROM known WHERE text ${contains})
      UNION ALL
      SELECT run FROM run_values WHERE name_id = ${id} AND value > (SELECT max(text) FROM known) AND value ${contains}`,
    values: [pattern, pattern],
  };
}

function present(name: string): Selection {
  const sql = presence[name];
  if (sql !== undefined) return { sql, values: [] };
  const expected = Object.keys(presence).join(', ');
  throw new VerisimError('InvalidInput', `“${name}” is no filter; there are ${expected}.`, { expected, found: name });
}

function tagged(tag: string, operator: Comparison): Selection {
  if (operator === '=') return { sql: 'SELECT run FROM run_tags WHERE tag = ?', values: [tag] };
  return { sql: "SELECT run FROM run_tags WHERE tag LIKE ? ESCAPE '\\'", values: [`${like(tag)}%`] };
}

/** `age<7d`: made less than seven days ago. */
function compareAge(age: string, operator: Comparison, now: Date): Selection {
  const match = /^(\d+(?:\.\d+)?)(min|h|d|w)$/.exec(age);
  const turned: Partial<Record<Comparison, string>> = { '<': '>', '<=': '>=', '>': '<', '>=': '<=' };
  const comparison = turned[operator];
  if (match === null || comparison === undefined) {
    const found = `age${operator}${age}`;
    throw new VerisimError('InvalidInput', `“${found}” is no filter. Write age<7d, with min, h, d or w.`, {
      expected: 'age<7d',
      found,
    });
  }
  const minutes = { min: 1, h: 60, d: 1440, w: 10_080 }[match[2] as 'min'];
  const limit = new Date(now.getTime() - Number(match[1]) * minutes * 60_000).toISOString();
  return { sql: `created_at ${comparison} ?`, values: [limit] };
}

function compareText(column: string, value: string, operator: Comparison): Selection {
  if (operator === ':') return { sql: `${column} LIKE ? ESCAPE '\\'`, values: [`%${like(value)}%`] };
  return { sql: `${column} ${operator} ?`, values: [value] };
}

function compareNumber(column: string, value: number, operator: Comparison): Selection {
  return { sql: `${column} ${operator === ':' ? '=' : operator} ?`, values: [value] };
}

/** A day or month stands for all of it: `created:2026-11`, `created<=2026-11-26`. */
function compareTime(column: string, value: string, operator: Comparison): Selection {
  if (!/^\d{4}(-\d{2}(-\d{2}(T[\d:.]+Z?)?)?)?$/.test(value)) {
    throw new VerisimError('InvalidInput', `“${value}” is no date. Write 2026-11-26, 2026-11 or 2026.`, {
      expected: 'YYYY-MM-DD',
      found: value,
    });
  }
  if (operator === ':' || operator === '=') return { sql: `${column} GLOB ?`, values: [`${value}*`] };
  // U+FFFF sorts after all that a longer time may go on with.
  const end = operator === '>' || operator === '<=' ? `${value}\uffff` : value;
  return { sql: `${column} ${operator} ?`, values: [end] };
}

function numberOf(name: string, value: string): number {
  const number = Number(value);
  if (value.trim() !== '' && Number.isFinite(number)) return number;
  throw new VerisimError('InvalidInput', `“${name}” is a number; “${value}” is none.`, {
    expected: 'a number',
    found: value,
  });
}

function like(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}
