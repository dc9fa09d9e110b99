import { expect, it, vi } from 'vitest';
import { killOften } from '../../../scripts/kill/kill-often.ts';
import { smallPlace } from '../cli/verisim.ts';

vi.setConfig({ testTimeout: 240_000 });

/** A short version of `npm run test:kill`, which does this 200 times. */
it('nothing that was promised is lost by kill -9 in the middle of generation, review and migration', async () => {
  const size = { images: 10, steps: 60, migratedRuns: 200 };
  const { faults, work, total } = await killOften({ place: smallPlace(), rounds: 3, seed: 4, size });
  expect(faults).toEqual([]);
  expect(work.imagesMade.sum).toBeGreaterThan(0);
  expect(work.answersTaken.sum).toBeGreaterThan(0);
  expect(total.images).toBeGreaterThanOrEqual(work.imagesMade.sum);
});
