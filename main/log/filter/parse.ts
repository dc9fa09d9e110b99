import { VerisimError } from '../../../preload/errors.ts';

/**
 * The filter language of the list of runs.
 *
 *   brain "two words"          words of titles, notes, tags, parameters, failures; the first digits of a file's hash
 *   kind:generation,review     a field contains one of the values; = is exact, != < <= > >= compare
 *   steps>=20 -state:failed    several conditions hold together; - or NOT turns one round
 *   (tag:pilot OR is:starred)  OR and brackets
 */
export type Condition =
  | { kind: 'all'; of: Condition[] }
  | { kind: 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  /** All of them. */
  | { kind: 'words'; words: Word[] }
  | { kind: 'field'; name: string; operator: Operator; values: string[] };

export interface Word {
  text: string;
  /** Put in quotation marks: not the beginning of a longer word. */
  whole: boolean;
}

export type Operator = ':' | '=' | '!=' | '<' | '<=' | '>' | '>=';

interface Token {
  kind: 'open' | 'close' | 'or' | 'not' | 'words' | 'field';
  at: number;
  text: string;
  whole: boolean;
  operator: Operator;
  values: string[];
}

const name = '[A-Za-z_][A-Za-z0-9_.-]*';
const quoted = '"(?:[^"\\\\]|\\\\.)*"';
const pattern = new RegExp(
  `\\s+|(?<open>\\()|(?<close>\\))|(?<or>OR(?=[\\s(]|$))|(?<not>NOT(?=[\\s(])|-(?=[^\\s-]))` +
    `|(?<field>${name})(?<operator>!=|>=|<=|[:=<>])(?<values>(?:${quoted}|[^\\s()",]+)(?:,(?:${quoted}|[^\\s()",]+))*)` +
    `|(?<quoted>${quoted})|(?<word>[^\\s()"]+)`,
  'y',
);

/** Throws InvalidInput with the place where the text stops to be a filter. */
export function parseFilter(text: string): Condition {
  const tokens = tokensOf(text);
  let next = 0;
  const condition = any();
  const left = tokens[next];
  if (left !== undefined) throw wrong(text, left.at, 'a closing bracket without an opening one');
  return condition;

  function any(): Condition {
    const of = [all()];
    while (tokens[next]?.kind === 'or') {
      next += 1;
      of.push(all());
    }
    return of.length === 1 ? of[0]! : { kind: 'any', of };
  }

  function all(): Condition {
    const of: Condition[] = [];
    for (let token = tokens[next]; token !== undefined; token = tokens[next]) {
      if (token.kind === 'or' || token.kind === 'close') break;
      of.push(one(token));
    }
    if (of.length === 0 && tokens.length > 0) {
      const found = tokens[next];
      throw wrong(text, found?.at ?? text.length, found === undefined ? 'the end' : `“${found.text}”`);
    }
    return of.length === 1 ? of[0]! : { kind: 'all', of };
  }

  function one(token: Token): Condition {
    next += 1;
    if (token.kind === 'words') return { kind: 'words', words: [{ text: token.text, whole: token.whole }] };
    if (token.kind === 'field') {
      return { kind: 'field', name: token.text, operator: token.operator, values: token.values };
    }
    if (token.kind === 'open') {
      const inner = any();
      if (tokens[next]?.kind !== 'close') throw wrong(text, token.at, 'a bracket that is not closed');
      next += 1;
      return inner;
    }
    const of = tokens[next];
    if (of === undefined || of.kind === 'or' || of.kind === 'close')
      throw wrong(text, token.at, 'nothing to turn round');
    return { kind: 'not', of: one(of) };
  }
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = [];
  pattern.lastIndex = 0;
  while (pattern.lastIndex < text.length) {
    const at = pattern.lastIndex;
    const match = pattern.exec(text);
    if (match === null) throw wrong(text, at, 'a quotation mark that is not closed');
    const { open, close, or, not, field, operator, values, quoted: whole, word } = match.groups ?? {};
    const token = { at, text: match[0], whole: false, operator: ':' as Operator, values: [] as string[] };
    if (open !== undefined) tokens.push({ ...token, kind: 'open' });
    else if (close !== undefined) tokens.push({ ...token, kind: 'close' });
    else if (or !== undefined) tokens.push({ ...token, kind: 'or' });
    else if (not !== undefined) tokens.push({ ...token, kind: 'not' });
    else if (field !== undefined) {
      const parts = [...(values ?? '').matchAll(new RegExp(`${quoted}|[^,]+`, 'g'))].map(([part]) => unquote(part));
      tokens.push({ ...token, kind: 'field', text: field, operator: operator as Operator, values: parts });
    } else if (whole !== undefined) tokens.push({ ...token, kind: 'words', text: unquote(whole), whole: true });
    else if (word !== undefined) tokens.push({ ...token, kind: 'words', text: word });
  }
  return tokens;
}

function unquote(text: string): string {
  return text.startsWith('"') ? text.slice(1, -1).replace(/\\(.)/g, '$1') : text;
}

function wrong(text: string, at: number, found: string): VerisimError {
  return new VerisimError('InvalidInput', `The filter cannot be read at character ${at + 1}: ${found}.`, {
    expected: 'words, field:value, OR, NOT and brackets',
    found: text,
  });
}
