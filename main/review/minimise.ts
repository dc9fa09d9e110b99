/**
 * The simplex method of Nelder and Mead (1965), begun again from its end until that brings nothing: no derivatives, a
 * handful of parameters.
 */
export function minimise(
  value: (at: readonly number[]) => number,
  from: readonly number[],
): { at: number[]; value: number } {
  let best = { at: [...from], value: value(from) };
  for (let round = 0; round < 20; round++) {
    const next = descend(value, best.at, round === 0 ? 0.5 : 0.1);
    const gain = best.value - next.value;
    if (gain > 0) best = next;
    if (gain < 1e-9) break;
  }
  return best;
}

interface Vertex {
  at: number[];
  value: number;
}

function descend(value: (at: readonly number[]) => number, from: readonly number[], size: number): Vertex {
  const vertex = (at: number[]): Vertex => ({ at, value: value(at) });
  const simplex = [vertex([...from]), ...from.map((_, k) => vertex(from.map((x, i) => (i === k ? x + size : x))))];
  for (let step = 0; step < 400 * from.length; step++) {
    simplex.sort((a, b) => a.value - b.value);
    const [first, worst] = [simplex[0]!, simplex.at(-1)!];
    const wide = simplex.some(({ at }) => at.some((x, k) => Math.abs(x - first.at[k]!) > 1e-7));
    if (!wide || worst.value - first.value < 1e-13) break;
    const rest = simplex.slice(0, -1);
    const centre = from.map((_, k) => rest.reduce((sum, { at }) => sum + at[k]!, 0) / rest.length);
    const along = (factor: number) => vertex(centre.map((c, k) => c + factor * (c - worst.at[k]!)));
    const reflected = along(1);
    let replacement: Vertex | null = reflected;
    if (reflected.value < first.value) {
      const expanded = along(2);
      if (expanded.value < reflected.value) replacement = expanded;
    } else if (reflected.value >= simplex.at(-2)!.value) {
      const contracted = along(reflected.value < worst.value ? 0.5 : -0.5);
      replacement = contracted.value < Math.min(worst.value, reflected.value) ? contracted : null;
    }
    if (replacement !== null) simplex[simplex.length - 1] = replacement;
    else
      for (let k = 1; k < simplex.length; k++)
        simplex[k] = vertex(simplex[k]!.at.map((x, i) => (x + first.at[i]!) / 2));
  }
  return simplex.sort((a, b) => a.value - b.value)[0]!;
}
