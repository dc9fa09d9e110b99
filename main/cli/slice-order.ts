/**
 * The first `count` slices in an order that is evenly spread for every count and begins in the middle (the van der Corput
 * sequence in base 2), so that image i starts from the same slice however many images are asked for.
 */
export function slicesInSpreadOrder(sliceCount: number, count: number): number[] {
  const order = new Set<number>();
  for (let position = 1; order.size < Math.min(count, sliceCount); position++) {
    order.add(Math.floor(radicalInverse(position) * sliceCount));
  }
  return [...order];
}

/** The binary digits of a whole number mirrored at the point: 1 → 0.1, 2 → 0.01, 3 → 0.11. */
function radicalInverse(position: number): number {
  let value = 0;
  let weight = 0.5;
  for (let rest = position; rest > 0; rest = Math.floor(rest / 2), weight /= 2) value += (rest % 2) * weight;
  return value;
}
