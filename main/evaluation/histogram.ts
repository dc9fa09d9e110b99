/**
 * Counts of both images over the same equal bins, from the smallest to the largest finite value of either; the last
 * bin includes its right edge. `edges` has bins + 1 values; a span of zero is widened by 0.5 to each side.
 * Throws RangeError when there is no finite value or `bins` is not a positive whole number.
 */
export function histogramPair(
  left: ArrayLike<number>,
  right: ArrayLike<number>,
  bins = 64,
): { edges: number[]; left: number[]; right: number[] } {
  if (!Number.isInteger(bins) || bins < 1) throw new RangeError(`A histogram needs at least one bin, not ${bins}.`);
  const [low, high] = sharedRange([left, right]);
  const edges = Array.from({ length: bins + 1 }, (_, index) =>
    index === bins ? high : low + ((high - low) * index) / bins,
  );
  return { edges, left: countPerBin(left, edges), right: countPerBin(right, edges) };
}

function sharedRange(images: ArrayLike<number>[]): [number, number] {
  let low = Infinity;
  let high = -Infinity;
  for (const image of images)
    for (let index = 0; index < image.length; index++) {
      const value = image[index]!;
      if (!Number.isFinite(value)) continue;
      if (value < low) low = value;
      if (value > high) high = value;
    }
  if (low > high) throw new RangeError('Neither image holds a finite value, so there is no histogram.');
  return low === high ? [low - 0.5, high + 0.5] : [low, high];
}

function countPerBin(image: ArrayLike<number>, edges: number[]): number[] {
  const bins = edges.length - 1;
  const low = edges[0]!;
  const scale = bins / (edges[bins]! - low);
  const counts = new Array<number>(bins).fill(0);
  for (let index = 0; index < image.length; index++) {
    const value = image[index]!;
    if (!Number.isFinite(value)) continue;
    let bin = Math.min(bins - 1, Math.floor((value - low) * scale));
    // Rounding of the product can put a value that lies on an edge into its neighbour.
    if (value < edges[bin]!) bin--;
    else if (bin < bins - 1 && value >= edges[bin + 1]!) bin++;
    counts[bin]!++;
  }
  return counts;
}
