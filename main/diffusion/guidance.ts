/**
 * Classifier-free guidance (Ho & Salimans 2022): output = unconditional + weight · (conditional − unconditional).
 * `rescale` φ pulls the standard deviation back towards the conditional output's (Lin et al. 2024, eq. 15–16);
 * the arrays hold one image. Writes `guided`, which may be one of the inputs.
 */
export function applyGuidance(
  { weight, rescale = 0 }: { weight: number; rescale?: number },
  unconditional: Float32Array,
  conditional: Float32Array,
  guided: Float32Array,
): void {
  const target = rescale === 0 ? 0 : standardDeviation(conditional);
  for (let i = 0; i < guided.length; i++) {
    const u = unconditional[i] ?? 0;
    guided[i] = u + weight * ((conditional[i] ?? 0) - u);
  }
  if (rescale === 0) return;
  const factor = rescale * (target / standardDeviation(guided)) + (1 - rescale);
  for (let i = 0; i < guided.length; i++) guided[i] = (guided[i] ?? 0) * factor;
}

/** Unbiased (n − 1). */
function standardDeviation(values: Float32Array): number {
  let sum = 0;
  for (const value of values) sum += value;
  const mean = sum / values.length;
  let squares = 0;
  for (const value of values) squares += (value - mean) ** 2;
  return Math.sqrt(squares / (values.length - 1));
}
