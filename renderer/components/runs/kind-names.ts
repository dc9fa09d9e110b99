import type { RunKind } from '../../../preload/domain.ts';

export const kindNames: Record<RunKind, string> = {
  generation: 'Generation',
  comparison: 'Comparison',
  review: 'Review',
  export: 'Export',
  benchmark: 'Benchmark',
  evaluation: 'Evaluation',
  explanation: 'Explanation',
  map: 'Map',
  originality: 'Originality',
  probe: 'Probe',
  usefulness: 'Usefulness',
  tiling: 'Tiling',
  slide: 'Synthetic slide',
};
