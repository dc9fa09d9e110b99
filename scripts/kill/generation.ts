import { readdirSync } from 'node:fs';
import path from 'node:path';
import { openLog } from '../../main/log/log.ts';
import { startVerisim, temporaryFolder } from '../../tests/unit/cli/verisim.ts';
import { type Engine, startEngine } from '../../tests/unit/handlers/engine-process.ts';
import { smallRequest } from '../../tests/unit/handlers/requests.ts';
import { faultsOf, takeImages } from './promised.ts';
import type { Outcome, Rig, Round } from './round.ts';

const formats = ['png', 'dicom', 'nifti'];
/** Images come in batches of four. */
const batch = 4;

/** While an engine makes the images of a queue, what the killed process of the round before left first. */
export const generationRound: Round = async (rig) => {
  const { place, promised, random } = rig;
  const engine = await startEngine(place);
  const before = imagesOf(place.home);
  const queueing = fillQueue(engine, rig).catch(() => undefined);
  // Now and then in the middle of queueing.
  if (random() > 0.1) {
    await queueing;
    await momentOfGeneration(rig, { folders: unfinishedFolders(rig), ended: engine.exited });
  }
  await engine.kill();
  takeImages(promised, engine.events);
  return outcomeOf(rig, { pid: engine.child.pid ?? 0, made: imagesOf(place.home) - before });
};

/** While the command line makes images and delivers each in three formats. */
export const deliveryRound: Round = async (rig) => {
  const { place, promised, random, size } = rig;
  const folder = temporaryFolder();
  const before = imagesOf(place.home);
  const seed = String(Math.floor(random() * 1e9));
  const wanted = ['--model', 'small', '--count', String(size.images), '--seed', seed, '--steps', String(stepsOf(rig))];
  const { child, finished } = startVerisim(
    ['generate', ...wanted, '--format', formats.join(','), '--out', folder],
    place,
  );
  await momentOfGeneration(rig, { folders: [folder], ended: finished });
  child.kill('SIGKILL');
  await finished;
  // Killed before its first image, the run may not have come into the log.
  if (imagesOf(place.home) > before) promised.deliveries.set(folder, size.images);
  return outcomeOf(rig, { pid: child.pid ?? 0, made: imagesOf(place.home) - before, folder });
};

/** Of the runs that an engine still works for. */
function unfinishedFolders({ place, promised, size }: Rig): string[] {
  const folders = [...promised.images.keys()].map((id) => path.join(place.home, 'runs', id));
  return folders.filter((folder) => pngsBelow(folder) < size.images);
}

const stepsOf = ({ random, size }: Rig): number => Math.ceil(size.steps * (0.1 + 0.9 * random()));

async function fillQueue(engine: Engine, rig: Rig): Promise<void> {
  const { promised, random, size } = rig;
  const { waiting } = await engine.call('queue.state', {});
  for (let more = waiting.length; more < 2; more++) {
    const request = smallRequest({ count: size.images, steps: stepsOf(rig), seed: Math.floor(random() * 1e9) });
    const { runId } = await engine.call('runs.generate', request);
    promised.images.set(runId, 0);
  }
}

/** Half of the moments lie anywhere between one image and the next, half where a file is being written. */
async function momentOfGeneration(
  { random, size }: Rig,
  { folders, ended }: { folders: string[]; ended: Promise<unknown> },
): Promise<void> {
  const pngs = (): number => folders.reduce((sum, folder) => sum + pngsBelow(folder), 0);
  const before = pngs();
  const image = Math.floor(random() * size.images);
  const writing = random() < 0.5;
  const began = performance.now();
  let over = false;
  void ended.then(() => (over = true));
  const giveUp = began + 60_000;
  const turn = async (): Promise<boolean> => {
    await new Promise(setImmediate);
    return !over && performance.now() < giveUp;
  };
  while ((await turn()) && pngs() < before + image);
  if (writing) {
    while ((await turn()) && folders.every((folder) => partsBelow(folder).length === 0));
    return;
  }
  const batchMs = ((performance.now() - began) / Math.max(1, image)) * batch;
  const until = performance.now() + random() * Math.min(batchMs, 1_000);
  while (performance.now() < until && (await turn()));
}

function outcomeOf(rig: Rig, { pid, made, folder }: { pid: number; made: number; folder?: string }): Outcome {
  const { place, promised } = rig;
  const folders = [path.join(place.home, 'runs'), ...(folder === undefined ? [] : [folder])];
  const half = folders.flatMap(partsBelow).filter((name) => name.includes(`.${pid}-`)).length;
  return {
    faults: faultsOf(place.home, promised),
    work: { imagesMade: made, imagesUnderWay: unfinishedImages(place.home), filesHalfWritten: half },
  };
}

/** Of the runs that no longer have a process. */
function unfinishedImages(home: string): number {
  const log = openLog(path.join(home, 'verisim.sqlite'));
  try {
    const { rows } = log.runs.list({ text: '', kind: 'generation', state: 'running', limit: 100, offset: 0 });
    return rows.reduce((sum, row) => sum + row.progress.total - row.outputCount, 0);
  } finally {
    log.close();
  }
}

const imagesOf = (home: string): number => pngsBelow(path.join(home, 'runs'));

/** Finished images: their number is their name, unlike previews. */
function pngsBelow(folder: string): number {
  return namesBelow(folder).filter((name) => /(^|\/)\d{4}\.png$/.test(name)).length;
}

function partsBelow(folder: string): string[] {
  return namesBelow(folder).filter((name) => name.endsWith('.part'));
}

/** Folders come and go while they are read. */
function namesBelow(folder: string): string[] {
  try {
    return readdirSync(folder, { recursive: true, encoding: 'utf8' });
  } catch {
    return [];
  }
}
