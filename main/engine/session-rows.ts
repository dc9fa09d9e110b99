import { gaussianNoise } from '../diffusion/noise.ts';
import type { Network } from './session-network.ts';

/**
 * Whether a row has the same bytes alone as in a full batch, with the kernels that this machine chooses and its number of
 * threads: libraries may multiply a single row, or few, in another order. Leaves zeros behind.
 */
export async function rowsStandAlone(
  network: Pick<Network, 'batch' | 'input' | 'output' | 'vectors' | 'run' | 'anyCount'>,
): Promise<boolean> {
  const { batch, input, output, vectors } = network;
  const setAll = (row: number, value: number): void => Object.values(vectors).forEach((set) => set(row, value));
  input.set(gaussianNoise(0, 0, input.length));
  for (let row = 0; row < batch; row++) setAll(row, row % 2);
  await network.run(batch);
  const together = output.slice();
  network.anyCount = true;
  let same = true;
  for (let count = 1; count < batch && same; count *= 2) {
    await network.run(count);
    const length = (count * output.length) / batch;
    for (let i = 0; i < length && same; i++) same = Object.is(output[i], together[i]);
  }
  network.anyCount = false;
  input.fill(0);
  for (let row = 0; row < batch; row++) setAll(row, 0);
  return same;
}
