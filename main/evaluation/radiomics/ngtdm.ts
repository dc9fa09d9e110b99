import { allNeighbours, type Region } from './region.ts';

/** PyRadiomics' value where nothing differs from its neighbours. */
const endlessCoarseness = 1e6;

/** The 5 features of the difference between a pixel and the mean of its neighbours (IBSI, PyRadiomics). */
export function ngtdm(region: Region): Record<string, number> {
  const { levels, count } = region;
  const steps = allNeighbours(region);
  const numbers = new Float64Array(count + 1);
  const differences = new Float64Array(count + 1);
  let pixels = 0;
  for (let place = 0; place < levels.length; place++) {
    const level = levels[place]!;
    if (level === 0) continue;
    let [sum, neighbours] = [0, 0];
    for (let k = 0; k < steps.length; k++) {
      const other = levels[place + steps[k]!]!;
      if (other === 0) continue;
      sum += other;
      neighbours++;
    }
    if (neighbours === 0) continue;
    pixels++;
    numbers[level]!++;
    differences[level]! += Math.abs(level - sum / neighbours);
  }
  const used = Array.from({ length: count }, (_, i) => i + 1)
    .filter((level) => numbers[level]! > 0)
    .map((level) => ({ level, share: numbers[level]! / pixels, difference: differences[level]! }));
  const weighted = used.reduce((sum, { share, difference }) => sum + share * difference, 0);
  const allDifferences = used.reduce((sum, { difference }) => sum + difference, 0);
  const total = { contrast: 0, busyness: 0, complexity: 0, strength: 0 };
  for (const a of used)
    for (const b of used) {
      const apart = a.level - b.level;
      total.contrast += a.share * b.share * apart ** 2;
      total.busyness += Math.abs(a.level * a.share - b.level * b.share);
      total.complexity += (Math.abs(apart) * (a.share * a.difference + b.share * b.difference)) / (a.share + b.share);
      total.strength += (a.share + b.share) * apart ** 2;
    }
  const kinds = used.length;
  return {
    Busyness: total.busyness === 0 ? 0 : weighted / total.busyness,
    Coarseness: weighted === 0 ? endlessCoarseness : 1 / weighted,
    Complexity: total.complexity / pixels,
    Contrast: kinds < 2 ? 0 : (total.contrast / (kinds * (kinds - 1))) * (allDifferences / pixels),
    Strength: allDifferences === 0 ? 0 : total.strength / allDifferences,
  };
}
