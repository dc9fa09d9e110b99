import { expect, it, vi } from 'vitest';
import { generationRound, migrationRound, reviewRound, type Round } from '../../../scripts/kill/rounds.ts';
import { nothingPromised } from '../../../scripts/kill/verify.ts';
import { randomOf } from '../../../scripts/random.ts';
import { smallPlace } from '../cli/verisim.ts';
import { startEngine } from '../handlers/engine-process.ts';

vi.setConfig({ testTimeout: 240_000 });

/** A short version of `npm run test:kill`, which does this 200 times. */
it('nothing that was promised is lost by kill -9 in the middle of generation, review and migration', async () => {
  const random = randomOf(6);
  const place = smallPlace();
  const promised = nothingPromised();
  const rounds: Round[] = [generationRound, reviewRound, migrationRound];
  for (const round of [...rounds, ...rounds]) expect(await round(place, promised, random)).toEqual([]);
  expect(promised.images.size).toBeGreaterThan(0);
  const engine = await startEngine(place);
  expect((await engine.call('runs.list', {})).total).toBeGreaterThanOrEqual(promised.images.size);
  await engine.stop();
});
