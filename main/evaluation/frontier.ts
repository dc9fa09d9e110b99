/**
 * Which points no other point beats: `costs` holds for each point what is to be small, the same things in the same order. A point is
 * beaten where another is at most as large in everything and smaller in something (Pareto). Equal points stay together.
 */
export function onParetoFrontier(costs: readonly (readonly number[])[]): boolean[] {
  return costs.map((own) => !costs.some((other) => beats(other, own)));
}

function beats(one: readonly number[], other: readonly number[]): boolean {
  let smaller = false;
  for (let i = 0; i < other.length; i++) {
    if (one[i]! > other[i]!) return false;
    if (one[i]! < other[i]!) smaller = true;
  }
  return smaller;
}
