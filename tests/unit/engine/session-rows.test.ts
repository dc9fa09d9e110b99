import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { gaussianNoise } from '../../../main/diffusion/noise.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { createSession } from '../../../main/engine/session.ts';
import { rowsStandAlone } from '../../../main/engine/session-rows.ts';
import { temporaryFolder, writeSmallPack } from './small-pack.ts';

const models = path.join(import.meta.dirname, '..', '..', '..', 'models');
const { packs } = await readPacks([models]);
const brain = packs.find(({ manifest }) => manifest.id === 'brain-mri-wdm-128');

describe('fewer rows than a batch', () => {
  it.skipIf(brain === undefined)(
    'have the bytes that they have in a full batch (skipped where models/brain-mri-wdm-128 is absent)',
    { timeout: 120_000 },
    async () => {
      if (brain === undefined) return;
      const session = await createSession(brain, 'cpu');
      expect(session.anyCount).toBe(true);
      session.sample.set(gaussianNoise(3, 0, session.sample.length));
      session.setTimestep(321);
      for (let row = 0; row < session.batch; row++) session.setLabel(row, row);
      const together = (await session.run()).slice();
      const length = together.length / session.batch;
      for (const count of [1, 2, 3]) {
        const rows = (await session.run(count)).slice(0, count * length);
        expect(Buffer.from(rows.buffer).equals(Buffer.from(together.buffer, 0, count * length * 4))).toBe(true);
      }
      await session.release();
    },
  );

  it('are not run on a network that fixes its batch', async () => {
    const { packs: own } = await readPacks([writeSmallPack(temporaryFolder(), 'whole-timesteps')]);
    const [pack] = own;
    if (pack === undefined) throw new Error('the small pack was refused');
    const session = await createSession(pack, 'cpu');
    expect(session.anyCount).toBe(false);
    await session.release();
  });

  it.each([
    ['not run where the last row takes part in all others', true],
    ['run where each row stands alone', false],
  ])('are %s', async (_, mixed) => {
    const [batch, length] = [4, 6];
    const input = new Float32Array(batch * length);
    const output = new Float32Array(batch * length);
    const run = (count = batch): Promise<void> => {
      for (let i = 0; i < count * length; i++) {
        const last = mixed ? (input[(count - 1) * length + (i % length)] ?? 0) : 0;
        output[i] = 2 * (input[i] ?? 0) + last;
      }
      return Promise.resolve();
    };
    expect(await rowsStandAlone({ batch, input, output, vectors: {}, run, anyCount: false })).toBe(!mixed);
  });
});
