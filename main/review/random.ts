/**
 * SplitMix64 (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014): draw k is a fixed mixing of
 * seed + (k + 1)·γ modulo 2^64, so the k-th draw depends on the seed and k alone, on every machine.
 */
export interface RandomSource {
  /** The next unsigned 64-bit word. */
  word: () => bigint;
  /** A whole number from 0 to below − 1, every one equally likely (words that would favour some are drawn again). */
  below: (below: number) => number;
}

export const randomSourceName = 'splitmix64';

const mask = (1n << 64n) - 1n;

export function randomSource(seed: number): RandomSource {
  let state = BigInt(seed);
  const word = () => {
    state = (state + 0x9e3779b97f4a7c15n) & mask;
    let mixed = state;
    mixed = ((mixed ^ (mixed >> 30n)) * 0xbf58476d1ce4e5b9n) & mask;
    mixed = ((mixed ^ (mixed >> 27n)) * 0x94d049bb133111ebn) & mask;
    return mixed ^ (mixed >> 31n);
  };
  const below = (count: number) => {
    const span = BigInt(count);
    const fair = ((mask + 1n) / span) * span;
    for (;;) {
      const drawn = word();
      if (drawn < fair) return Number(drawn % span);
    }
  };
  return { word, below };
}

/** `count` of the items without replacement, in random order (Fisher–Yates from the front). */
export function sampleInOrder<Item>(items: readonly Item[], count: number, random: RandomSource): Item[] {
  const pool = [...items];
  for (let place = 0; place < count; place++) {
    const chosen = place + random.below(pool.length - place);
    [pool[place], pool[chosen]] = [pool[chosen]!, pool[place]!];
  }
  return pool.slice(0, count);
}
