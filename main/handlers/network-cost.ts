import path from 'node:path';
import { countGraphCost, countParameters, operationsPerMultiplyAdd } from '../engine/graph-cost.ts';
import { liveBytes } from '../engine/memory-estimate.ts';
import { readNetworkFile } from '../engine/network-file.ts';
import type { PackFile } from '../engine/pack-schema.ts';
import { type ModelPack, readWeights } from '../engine/packs.ts';

/** Of one network: parameters, 10⁹ operations per image, values that live at one time in a call; null where its file states no shapes. */
export async function costOf(
  pack: ModelPack,
  file: PackFile,
): Promise<{ parameters: number; gflops: number | null; activationMb: number | null }> {
  const graph = readNetworkFile(path.join(pack.folder, file.path), await readWeights(pack, file), file.batch);
  const { multiplyAdds } = countGraphCost(graph);
  return {
    parameters: countParameters(graph),
    gflops: multiplyAdds === null ? null : (multiplyAdds * operationsPerMultiplyAdd) / file.batch / 1e9,
    activationMb: multiplyAdds === null ? null : liveBytes(graph) / 2 ** 20,
  };
}
