import { dictionary } from 'dcmjs/dictionary';

/** Keyword and VR of a standard tag given as eight hexadecimal digits (PS3.6); group lengths and repeating groups included. */
export function lookUpTag(tag: string): { keyword: string; vr: string } | null {
  const upper = tag.toUpperCase();
  if (upper.endsWith('0000')) return { keyword: 'GroupLength', vr: 'UL' };
  const isRepeating = /^(50|60)[0-9A-F][02468ACE]/.test(upper) && !upper.startsWith('5400');
  const entry =
    dictionary[`(${upper.slice(0, 4)},${upper.slice(4)})`] ??
    (isRepeating ? dictionary[`(${upper.slice(0, 2)}xx,${upper.slice(4)})`] : undefined);
  return entry === undefined ? null : { keyword: entry.name, vr: entry.vr };
}

const tagsByKeyword = new Map<string, { tag: string; vr: string }>();

/** Tag (eight hexadecimal digits) and VR of a standard keyword. */
export function lookUpKeyword(keyword: string): { tag: string; vr: string } | null {
  if (tagsByKeyword.size === 0) {
    for (const entry of Object.values(dictionary)) {
      const match = /^\(([0-9A-F]{4}),([0-9A-F]{4})\)$/.exec(entry?.tag ?? '');
      if (entry !== undefined && match !== null) {
        tagsByKeyword.set(entry.name, { tag: `${match[1]}${match[2]}`, vr: entry.vr });
      }
    }
  }
  return tagsByKeyword.get(keyword) ?? null;
}
