import type { Decomposition } from './multi-level.ts';
import type { BandKey } from './transform.ts';

export interface BandEnergy {
  /** 1 = finest. */
  level: number;
  key: BandKey;
  /** Sum of the squared coefficients. */
  energy: number;
  /** Of all bands together; with an orthogonal wavelet and periodization that is the energy of the image. */
  share: number;
}

/** Where the energy of an image lies: the low band first, then the levels from coarse to fine. */
export function bandEnergies({ approximation, details }: Decomposition): BandEnergy[] {
  const levels = details.length;
  const bands = [
    { level: levels, key: 'a'.repeat(approximation.shape.length), energy: energyOf(approximation.values) },
    ...details.flatMap((level, i) =>
      [...level].map(([key, band]) => ({ level: levels - i, key, energy: energyOf(band.values) })),
    ),
  ];
  const total = bands.reduce((sum, { energy }) => sum + energy, 0);
  return bands.map((band) => ({ ...band, share: total === 0 ? 0 : band.energy / total }));
}

function energyOf(values: Float64Array): number {
  let sum = 0;
  for (const value of values) sum += value * value;
  return sum;
}
