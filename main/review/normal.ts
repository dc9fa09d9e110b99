/** 97.5 % point of the standard normal distribution. */
export const z975 = 1.959963984540054;

/** P(|Z| ≥ |z|) of the standard normal distribution, to about 1e-15 relative: series near 0, continued fraction beyond 3. */
export function normalTwoSided(z: number): number {
  const x = Math.abs(z);
  return x < 3 ? 1 - centralSeries(x) : 2 * density(x) * millsRatio(x);
}

const density = (x: number) => Math.exp(-0.5 * x * x) / Math.sqrt(2 * Math.PI);

/** P(|Z| < x) = 2φ(x)·(x + x³/3 + x⁵/(3·5) + …), Abramowitz and Stegun 26.2.11. */
function centralSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 3; term > sum * 1e-17; n += 2) {
    term *= (x * x) / n;
    sum += term;
  }
  return 2 * density(x) * sum;
}

/** Q(x)/φ(x) = 1/(x + 1/(x + 2/(x + 3/(x + …)))), Abramowitz and Stegun 26.2.14, from the inside out. */
function millsRatio(x: number): number {
  let value = x;
  for (let n = 200; n > 0; n--) value = x + n / value;
  return 1 / value;
}
