import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { isSigned, signBody } from '../../../main/handlers/review-keys.ts';
import { dataFolder } from '../../../main/log/data-folder.ts';
import { openLog } from '../../../main/log/log.ts';
import { smallPlace, temporaryFolder } from '../cli/verisim.ts';
import { newRun } from '../log/new-run.ts';
import { type Bench, openBench } from './workspace.ts';

/** No process has it: above the largest number that Linux gives. */
const dead = 2 ** 22 + 1;
let bench: Bench | undefined;
afterEach(() => bench?.workspace.close());

describe('what a dead process half wrote', () => {
  it('is taken away at the next start: images, copies of the log, keys, masks and delivered files', async () => {
    const place = smallPlace();
    const [folder, out] = [dataFolder(place.home), temporaryFolder()];
    for (const at of [folder.run('a'), folder.backups, folder.reviewSecrets, folder.masks, path.join(out, 'own')])
      mkdirSync(at, { recursive: true });
    const log = openLog(folder.database);
    const delivery = { folder: out, formats: ['png' as const] };
    log.runs.create(newRun('a', { state: 'cancelling', owner: `${dead}/another boot/1`, delivery }));
    log.close();
    const part = (at: string, pid = dead): string => path.join(at, `file.png.${pid}-00ff00ff.part`);
    const gone = [folder.run('a'), folder.backups, folder.reviewSecrets, folder.masks, out].map((at) => part(at));
    // The process that runs this test lives; a folder below the one that was chosen is nobody's business.
    const kept = [part(out, process.ppid), part(path.join(out, 'own')), path.join(out, 'thesis.part')];
    for (const file of [...gone, ...kept]) writeFileSync(file, 'half');
    bench = await openBench(place);
    expect(gone.filter(existsSync)).toEqual([]);
    expect(kept.filter((file) => !existsSync(file))).toEqual([]);
  });
});

describe('the key that answers are signed with', () => {
  it('is one, whole, and for this user only, also when two processes make it at once', async () => {
    const home = temporaryFolder();
    const signed = await Promise.all([1, 2, 3].map((body) => signBody(dataFolder(home), { body })));
    expect(new Set(signed.map(({ machine }) => machine)).size).toBe(1);
    expect(signed.every(isSigned)).toBe(true);
    const { reviewSecrets, signingKey } = dataFolder(home);
    expect(readdirSync(reviewSecrets)).toEqual([path.basename(signingKey)]);
    expect(statSync(signingKey).mode & 0o777).toBe(0o600);
  });
});
