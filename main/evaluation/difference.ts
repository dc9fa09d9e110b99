/** right − left, pixel by pixel. Throws RangeError when the lengths differ. */
export function differenceMap(left: ArrayLike<number>, right: ArrayLike<number>): Float32Array {
  if (left.length !== right.length)
    throw new RangeError(
      `The images must have the same number of pixels; they have ${left.length} and ${right.length}.`,
    );
  const difference = new Float32Array(left.length);
  for (let index = 0; index < left.length; index++) difference[index] = right[index]! - left[index]!;
  return difference;
}
