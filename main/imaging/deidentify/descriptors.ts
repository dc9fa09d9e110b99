import words from './descriptor-words.json' with { type: 'json' };

const known = new Set(Object.values(words).flatMap((list) => list.split(' ')));
/** Weightings, echo and phase numbers, thicknesses: up to three digits with a unit, or a letter or two before them. */
const measure = /^([a-z]{1,2})?\d{1,3}([.,]\d{1,2})?(mm|cm|mg|ml|ms|s|t|kv|ma|mas|x|d|w)?$/i;

/**
 * A description reduced to words that are known to tell nothing about a person (PS3.15 E.3.5): terms of anatomy, modality,
 * sequence, plane and contrast, and short measures. Everything else is left out, so that a name never passes.
 */
export function cleanDescription(text: string): string {
  return text
    .split(/[\s_,;:/\\()[\]{}^"']+/)
    .flatMap((word) => word.split(/(?<=[a-z])(?=[A-Z])|[-+.&](?![0-9])/))
    .filter((word) => known.has(word.toLowerCase()) || measure.test(word))
    .join(' ');
}
