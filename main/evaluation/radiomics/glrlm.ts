import { halfNeighbours, type Region } from './region.ts';
import { sizeFeatures, SizeMatrix } from './size-matrix.ts';

/** The 16 features of run lengths, averaged over the four directions (IBSI, PyRadiomics). */
export function glrlm(region: Region): Record<string, number> {
  const found = [...halfNeighbours(region)].map((step) => sizeFeatures(runsAlong(region, step), region.size));
  const mean = (name: keyof (typeof found)[number]): number =>
    found.reduce((sum, features) => sum + features[name], 0) / found.length;
  return {
    GrayLevelNonUniformity: mean('levelNonUniformity'),
    GrayLevelNonUniformityNormalized: mean('levelNonUniformityNormalised'),
    GrayLevelVariance: mean('levelVariance'),
    HighGrayLevelRunEmphasis: mean('high'),
    LongRunEmphasis: mean('large'),
    LongRunHighGrayLevelEmphasis: mean('largeHigh'),
    LongRunLowGrayLevelEmphasis: mean('largeLow'),
    LowGrayLevelRunEmphasis: mean('low'),
    RunEntropy: mean('entropy'),
    RunLengthNonUniformity: mean('sizeNonUniformity'),
    RunLengthNonUniformityNormalized: mean('sizeNonUniformityNormalised'),
    RunPercentage: mean('percentage'),
    RunVariance: mean('sizeVariance'),
    ShortRunEmphasis: mean('small'),
    ShortRunHighGrayLevelEmphasis: mean('smallHigh'),
    ShortRunLowGrayLevelEmphasis: mean('smallLow'),
  };
}

/** A run begins where the pixel before it has another level or lies outside. */
function runsAlong({ levels }: Region, step: number): SizeMatrix {
  const runs = new SizeMatrix();
  for (let place = 0; place < levels.length; place++) {
    const level = levels[place]!;
    if (level === 0 || levels[place - step] === level) continue;
    let length = 1;
    while (levels[place + length * step] === level) length++;
    runs.add(level, length);
  }
  return runs;
}
