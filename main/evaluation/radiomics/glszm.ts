import { allNeighbours, type Region } from './region.ts';
import { sizeFeatures, SizeMatrix } from './size-matrix.ts';

/** The 16 features of zones of one level, eight neighbours joined (IBSI, PyRadiomics). */
export function glszm(region: Region): Record<string, number> {
  const found = sizeFeatures(zonesOf(region), region.size);
  return {
    GrayLevelNonUniformity: found.levelNonUniformity,
    GrayLevelNonUniformityNormalized: found.levelNonUniformityNormalised,
    GrayLevelVariance: found.levelVariance,
    HighGrayLevelZoneEmphasis: found.high,
    LargeAreaEmphasis: found.large,
    LargeAreaHighGrayLevelEmphasis: found.largeHigh,
    LargeAreaLowGrayLevelEmphasis: found.largeLow,
    LowGrayLevelZoneEmphasis: found.low,
    SizeZoneNonUniformity: found.sizeNonUniformity,
    SizeZoneNonUniformityNormalized: found.sizeNonUniformityNormalised,
    SmallAreaEmphasis: found.small,
    SmallAreaHighGrayLevelEmphasis: found.smallHigh,
    SmallAreaLowGrayLevelEmphasis: found.smallLow,
    ZoneEntropy: found.entropy,
    ZonePercentage: found.percentage,
    ZoneVariance: found.sizeVariance,
  };
}

function zonesOf(region: Region): SizeMatrix {
  const { levels } = region;
  const steps = allNeighbours(region);
  const zones = new SizeMatrix();
  const seen = new Uint8Array(levels.length);
  const open: number[] = [];
  for (let start = 0; start < levels.length; start++) {
    const level = levels[start]!;
    if (level === 0 || seen[start]) continue;
    let size = 0;
    seen[start] = 1;
    open.push(start);
    for (let place = open.pop(); place !== undefined; place = open.pop()) {
      size++;
      for (let k = 0; k < steps.length; k++) {
        const next = place + steps[k]!;
        if (levels[next] !== level || seen[next]) continue;
        seen[next] = 1;
        open.push(next);
      }
    }
    zones.add(level, size);
  }
  return zones;
}
