/**
 * One text for one value, to be hashed: RFC 8785 (JSON Canonicalization Scheme) — no white space, keys sorted by UTF-16
 * code units, numbers as ECMAScript writes them. Throws TypeError for what JSON cannot hold (NaN, undefined, functions).
 */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value === 'object' && value !== null) {
    const members = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${members.map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`).join(',')}}`;
  }
  if (value === null || typeof value === 'boolean' || typeof value === 'string' || Number.isFinite(value))
    return JSON.stringify(value);
  throw new TypeError(`${String(value)} has no place in JSON.`);
}
