import { parseArgs } from 'node:util';
import { smallPlace } from '../tests/unit/cli/verisim.ts';
import { killOften } from './kill/kill-often.ts';
import { workNames } from './kill/round.ts';

/**
 * `npm run test:kill -- [--rounds N] [--seed S] [--only generation|delivery|review|migration]`: kill -9 in the middle of generation (by an engine and by the
 * command line), review and migration, in turn, on one data folder. After each kill everything that had been promised must be there
 * and whole, and the next process must start and go on; at the end everything that was begun is finished. Exit status 1 where
 * anything was lost.
 */
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '200' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const place = smallPlace();
const { faults, work, total } = await killOften({
  place,
  rounds: Number(values.rounds),
  seed: Number(values.seed),
  only: values.only,
  size: { images: 24, steps: 200, migratedRuns: 8_000 },
  onRound: ({ round, name, found, faults: sum }) => {
    for (const fault of found) console.log(`\nround ${round} (${name}): ${fault}`);
    process.stderr.write(`\r${round} of ${values.rounds} kills, ${sum} faults`);
  },
});
console.log(`\n${values.rounds} kills, seed ${values.seed}: ${faults.length} faults. When they hit there were`);
for (const [key, words] of Object.entries(workNames)) {
  const { sum, kills } = work[key as keyof typeof workNames];
  console.log(`  ${String(sum).padStart(6)} ${words} (in ${kills} kills)`);
}
console.log(
  `At the end: ${total.runs} runs, ${total.images} images, ${total.delivered} delivered files, ${total.studies} studies (${total.closed} closed), ${total.answers} answers.`,
);
for (const fault of faults.slice(-20)) console.log(fault);
console.log(`The data folder is ${place.home}.`);
process.exitCode = faults.length > 0 ? 1 : 0;
