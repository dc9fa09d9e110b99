import type { CallInput } from '../../preload/contract.ts';

export type GridRequest = CallInput<'runs.grid'>;

/** "10, 20, 50", "1..8", "10..50/10" → the numbers, each once; null where a part cannot be read or lies outside. */
export function numbersOf(
  text: string,
  { min, max, whole }: { min: number; max: number; whole: boolean },
): number[] | null {
  const numbers: number[] = [];
  for (const part of text.split(',').map((one) => one.trim())) {
    const range = /^(-?[\d.]+)\s*\.\.\s*(-?[\d.]+)(?:\s*\/\s*([\d.]+))?$/.exec(part);
    if (range === null) numbers.push(part === '' ? Number.NaN : Number(part));
    else {
      const [from, to, step] = [Number(range[1]), Number(range[2]), Number(range[3] ?? 1)];
      if (!(step > 0) || !(to >= from) || (to - from) / step > 10_000) return null;
      const count = Math.floor((to - from) / step + 1e-9) + 1;
      // Twelve digits: 0.1 + 2 × 0.1 is 0.3.
      for (let at = 0; at < count; at++) numbers.push(Number((from + at * step).toPrecision(12)));
    }
  }
  const fits = (one: number): boolean =>
    Number.isFinite(one) && one >= min && one <= max && (!whole || Number.isInteger(one));
  return numbers.every(fits) ? [...new Set(numbers)] : null;
}

/** How many runs these lists make; an empty one leaves its parameter as it is. */
export function combinationsOf(lists: readonly (readonly unknown[] | null)[]): number {
  return lists.reduce((product, list) => product * Math.max(1, list?.length ?? 0), 1);
}
