import { existsSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { fourDigits } from '../../main/log/data-folder.ts';
import type { Place } from '../../tests/unit/cli/verisim.ts';
import { startEngine, until } from '../../tests/unit/handlers/engine-process.ts';
import { randomOf } from '../random.ts';
import { deliveryRound, generationRound } from './generation.ts';
import { migrationRound } from './migration.ts';
import { faultsOf, nothingPromised, type Promised } from './promised.ts';
import { reviewRound } from './review.ts';
import { type Rig, type Round, type Size, workNames } from './round.ts';

type WorkName = keyof typeof workNames;

export interface Killed {
  faults: string[];
  /** Summed over all kills, and in how many kills there was any. */
  work: Record<WorkName, { sum: number; kills: number }>;
  /** When all was finished. */
  total: Record<'runs' | 'images' | 'delivered' | 'studies' | 'closed' | 'answers', number>;
}

interface Options {
  place: Place;
  rounds: number;
  seed: number;
  size: Size;
  /** Of the kinds of rounds; all by default. */
  only?: string | undefined;
  onRound?: (news: { round: number; name: string; found: string[]; faults: number }) => void;
}

const kinds: readonly (readonly [string, Round])[] = [
  ['generation', generationRound],
  ['review', reviewRound],
  ['migration', migrationRound],
  ['delivery', deliveryRound],
  ['review', reviewRound],
];

/** Kills as often as asked for, then lets an engine finish what was begun. */
export async function killOften({ place, rounds, seed, size, only, onRound }: Options): Promise<Killed> {
  const promised = nothingPromised();
  const rig: Rig = {
    place,
    promised,
    random: randomOf(seed),
    size,
    olderLogs: new Map(),
    usualMs: new Map(),
  };
  const faults: string[] = [];
  const chosen = kinds.filter(([name]) => only === undefined || name === only);
  if (chosen.length === 0) throw new RangeError(`There are no rounds named ${only}.`);
  const names = Object.keys(workNames) as WorkName[];
  const work = Object.fromEntries(names.map((name) => [name, { sum: 0, kills: 0 }])) as Killed['work'];
  for (let round = 1; round <= rounds; round++) {
    const [name, kill] = chosen[(round - 1) % chosen.length]!;
    const outcome = await kill(rig);
    faults.push(...outcome.faults);
    for (const key of names) {
      const amount = outcome.work[key] ?? 0;
      work[key].sum += amount;
      work[key].kills += amount > 0 ? 1 : 0;
    }
    onRound?.({ round, name, found: outcome.faults, faults: faults.length });
  }
  const total = await finishAll(place, promised, faults);
  return { faults, work, total };
}

/** The last engine makes every image that was asked for, with the bytes that earlier processes had begun with. */
async function finishAll(place: Place, promised: Promised, faults: string[]): Promise<Killed['total']> {
  const engine = await startEngine(place);
  const list = async (state: 'queued' | 'running' | 'failed' | 'done') =>
    engine.call('runs.list', { kind: 'generation', state, limit: 500 });
  await until(
    async () => (await list('queued')).total + (await list('running')).total,
    (waiting) => waiting === 0,
  );
  const { rows: failed } = await list('failed');
  for (const { id, error } of failed) faults.push(`Run ${id} failed: ${error?.message ?? 'without a reason'}`);
  const { rows: done } = await list('done');
  for (const { id, outputCount, progress } of done)
    if (outputCount !== progress.total)
      faults.push(`Run ${id} is done with ${outputCount} of ${progress.total} images.`);
  const { total: runs } = await engine.call('runs.list', {});
  await engine.stop();
  faults.push(...faultsOf(place.home, promised), ...undelivered(promised));
  const sizes = [...promised.answers.values()].map(({ size }) => size);
  return {
    runs,
    images: done.reduce((sum, { outputCount }) => sum + outputCount, 0),
    delivered: [...promised.deliveries.keys()].reduce((sum, folder) => sum + readdirSync(folder).length, 0),
    studies: promised.studies.size,
    closed: promised.closed.size,
    answers: sizes.reduce((sum, size) => sum + size, 0),
  };
}

function undelivered({ deliveries }: Promised): string[] {
  const faults: string[] = [];
  for (const [folder, count] of deliveries) {
    for (let index = 0; index < count; index++)
      for (const ending of ['png', 'dcm', 'nii', 'json']) {
        const file = path.join(folder, `${fourDigits(index)}.${ending}`);
        if (!existsSync(file)) faults.push(`${file} was not delivered.`);
      }
    const left = readdirSync(folder).filter((name) => name.endsWith('.part'));
    if (left.length > 0) faults.push(`A half-written file is left beside what was delivered: ${left.join(', ')}.`);
  }
  return faults;
}
