/** Filters of the wavelets on offer, as PyWavelets names and orders them (`dec_lo`, `rec_lo`); they have even length. */
export type WaveletName = 'haar' | 'db2' | 'db4' | 'bior2.2';

export interface WaveletFilters {
  analysisLow: readonly number[];
  analysisHigh: readonly number[];
  synthesisLow: readonly number[];
  synthesisHigh: readonly number[];
}

const half = Math.SQRT1_2;
const root3 = Math.sqrt(3);

/** Daubechies 1988: the minimum-phase orthogonal filters with one, two and four vanishing moments. */
const orthogonal = {
  haar: [half, half],
  db2: [1 - root3, 3 - root3, 3 + root3, 1 + root3].map((value) => (value * half) / 4),
  db4: [
    -0.010597401785069032, 0.0328830116668852, 0.030841381835560764, -0.18703481171909309, -0.027983769416859854,
    0.6308807679298589, 0.7148465705529157, 0.2303778133088965,
  ],
} as const;

/** Cohen, Daubechies & Feauveau 1992, the spline pair of two and two vanishing moments (LeGall 5/3). */
const spline = {
  analysis: [0, -1, 2, 6, 2, -1].map((value) => (value * half) / 4),
  synthesis: [0, 1, 2, 1, 0, 0].map((value) => (value * half) / 2),
};

export const waveletFilters: Readonly<Record<WaveletName, WaveletFilters>> = {
  haar: orthogonalFilters(orthogonal.haar),
  db2: orthogonalFilters(orthogonal.db2),
  db4: orthogonalFilters(orthogonal.db4),
  'bior2.2': filterBank(spline.analysis, spline.synthesis),
};

function orthogonalFilters(low: readonly number[]): WaveletFilters {
  return filterBank(low, low.toReversed());
}

/** The high filters are the other side's low ones with alternating signs, so that what is split comes back. */
function filterBank(analysisLow: readonly number[], synthesisLow: readonly number[]): WaveletFilters {
  return {
    analysisLow,
    synthesisLow,
    analysisHigh: synthesisLow.map((value, i) => (i % 2 === 0 ? -value : value)),
    synthesisHigh: analysisLow.map((value, i) => (i % 2 === 0 ? value : -value)),
  };
}
