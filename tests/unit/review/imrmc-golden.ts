import type { Estimator, VarianceComponents } from '../../../main/review/moments.ts';

type Columns = Record<string, (number | string | null)[]>;
type Decomposition = Record<'MLE' | 'Ustat', { comp: Columns }>;

interface Golden {
  Ustat: Columns;
  MLEstat: Columns;
  varDecomp: { BCK: Decomposition; BDG: Decomposition };
}

const estimatorOf = (name: 'MLE' | 'Ustat'): Estimator => (name === 'MLE' ? 'MLE' : 'U-statistic');

/** The rows of the iMRMC R package's summary tables: one for each modality and one for their difference. */
export function severalReaderRows(golden: unknown) {
  const { Ustat, MLEstat } = golden as Golden;
  return (['Ustat', 'MLE'] as const).flatMap((name) => {
    const table = name === 'MLE' ? MLEstat : Ustat;
    return table['modalityA']!.map((first, row) => {
      const number = (column: string) => table[column]![row] as number;
      const single = table['modalityB']![row] === 'NO_MOD';
      return {
        estimator: estimatorOf(name),
        first: String(first),
        second: String(table['modalityB']![row]),
        value: number(single ? 'AUCA' : 'AUCAminusAUCB'),
        variance: number(single ? 'varAUCA' : 'varAUCAminusAUCB'),
        pNormal: number('pValueNormal'),
        normalLow: number('botCInormal'),
        normalHigh: number('topCInormal'),
        degrees: number('dfBDG'),
        pBdg: number('pValueBDG'),
        bdgLow: number('botCIBDG'),
        bdgHigh: number('topCIBDG'),
        readers: number('NR'),
        real: number('N0'),
        synthetic: number('N1'),
      };
    });
  });
}

/** The package's product moments (BDG) and components of variance (BCK) for every pair of modalities. */
export function momentRows(golden: unknown) {
  const { varDecomp } = golden as Golden;
  return (['Ustat', 'MLE'] as const).flatMap((name) => {
    const { BDG, BCK } = { BDG: varDecomp.BDG[name].comp, BCK: varDecomp.BCK[name].comp };
    return BDG['modalityID.1']!.map((first, row) => ({
      estimator: estimatorOf(name),
      first: String(first),
      second: String(BDG['modalityID.2']![row]),
      moments: [1, 2, 3, 4, 5, 6, 7, 8].map((k) => BDG[`M${k}`]![row] as number),
      components: Object.fromEntries(
        ['N', 'D', 'ND', 'R', 'NR', 'DR', 'RND'].map((part) => [part, BCK[part]![row] as number]),
      ) as unknown as VarianceComponents,
    }));
  });
}
