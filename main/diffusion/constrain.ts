/** Ways to bring a predicted clean sample back into the range of images, in place. */

/** Values beyond the range are set to its ends. */
export function clip(clean: Float64Array, low: number, high: number): void {
  for (let i = 0; i < clean.length; i++) clean[i] = Math.min(high, Math.max(low, clean[i] ?? 0));
}

/**
 * Dynamic thresholding (Saharia et al. 2022, section 2.3) of a sample that should lie in −1 … 1: s is a percentile of the
 * absolute values, at least 1 and at most `largest`; values are clipped to −s … s and divided by s. The percentile is a
 * share from 0 to 1, interpolated linearly between the ranked values.
 */
export function thresholdDynamically(
  clean: Float64Array,
  { percentile, largest }: { percentile: number; largest: number },
): void {
  const ranked = clean.map(Math.abs).sort();
  const place = percentile * (ranked.length - 1);
  const below = ranked[Math.floor(place)] ?? 0;
  const above = ranked[Math.ceil(place)] ?? below;
  const quantile = below + (place - Math.floor(place)) * (above - below);
  const reach = Math.min(Math.max(quantile, 1), Math.max(largest, 1));
  clip(clean, -reach, reach);
  for (let i = 0; i < clean.length; i++) clean[i] = (clean[i] ?? 0) / reach;
}

/** The same for samples that should lie in `low` … `high`. */
export function thresholdBetween(
  clean: Float64Array,
  { low, high, ...threshold }: { low: number; high: number; percentile: number; largest: number },
): void {
  const centre = (low + high) / 2;
  const reach = (high - low) / 2;
  for (let i = 0; i < clean.length; i++) clean[i] = ((clean[i] ?? 0) - centre) / reach;
  thresholdDynamically(clean, threshold);
  for (let i = 0; i < clean.length; i++) clean[i] = centre + reach * (clean[i] ?? 0);
}
