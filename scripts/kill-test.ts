import { parseArgs } from 'node:util';
import { smallPlace } from '../tests/unit/cli/verisim.ts';
import { startEngine } from '../tests/unit/handlers/engine-process.ts';
import { generationRound, migrationRound, reviewRound } from './kill/rounds.ts';
import { nothingPromised } from './kill/verify.ts';
import { randomOf } from './random.ts';

/**
 * `npm run test:kill -- [--rounds N] [--seed S]`: kill -9 at random moments of generation, review and migration, in turn, on one data
 * folder. After each kill everything that had been promised must be there and whole, and the engine must start again. Exit status 1
 * where anything was lost.
 */
const { values } = parseArgs({
  options: { rounds: { type: 'string', default: '200' }, seed: { type: 'string', default: '1' } },
});
const rounds = { generation: generationRound, review: reviewRound, migration: migrationRound };
const names = Object.keys(rounds) as (keyof typeof rounds)[];
const random = randomOf(Number(values.seed));
const place = smallPlace();
const promised = nothingPromised();
let faults = 0;
const count = Number(values.rounds);
for (let round = 0; round < count; round++) {
  const name = names[round % names.length]!;
  const found = await rounds[name](place, promised, random);
  for (const fault of found) console.log(`round ${round + 1} (${name}): ${fault}`);
  faults += found.length;
  process.stderr.write(`\r${round + 1} of ${count} kills, ${faults} faults`);
}
const last = await startEngine(place);
const { total } = await last.call('runs.list', {});
await last.stop();
const answers = [...promised.answers.values()].reduce((sum, one) => sum + one.size, 0);
const images = [...promised.images.values()].reduce((sum, one) => sum + one, 0);
console.log(
  `\n${count} kills, seed ${values.seed}: ${faults} faults; ${total} runs, ${images} images, ${promised.studies.size} studies and ${answers} answers had been promised.`,
);
process.exitCode = faults > 0 ? 1 : 0;
