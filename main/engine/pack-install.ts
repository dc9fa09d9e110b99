import { randomBytes } from 'node:crypto';
import { access, lstat, mkdir, readdir, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { type ModelPack, packFiles, readWeights } from './packs.ts';

/** Where a person's own packs live. Both folders lie in the data folder, so that a rename moves a whole pack at once. */
export interface PackPlace {
  /** One folder for each pack, named by its id. */
  packs: string;
  /** Packs on their way in or out: `<id>.<process>-<random>.in` and `.out`. */
  transit: string;
}

/** What else of a pack's folder is kept. */
const companions = /^(README(\.md)?|LICEN[CS]E(\.(md|txt))?|sheet\.png)$/;
const largestCompanionBytes = 16 * 2 ** 20;

/**
 * Copies a checked pack into its place, whole or not at all, in the place of a pack of the same id. The hashes are checked as the
 * files are read, so what is installed is what was checked. Throws HashMismatch, DiskFull, OutputNotWritable.
 */
export async function installPack(pack: ModelPack, place: PackPlace): Promise<ModelPack> {
  const { id } = pack.manifest;
  const arriving = transitFolder(place, id, 'in');
  const home = path.join(place.packs, id);
  try {
    for (const { file } of packFiles(pack)) {
      await writeFileAtomic(path.join(arriving, file.path), await readWeights(pack, file));
    }
    for (const name of await companionsOf(pack.folder)) {
      await writeFileAtomic(path.join(arriving, name), await readFile(path.join(pack.folder, name)));
    }
    await writeFileAtomic(path.join(arriving, 'model.json'), `${JSON.stringify(pack.manifest, null, 2)}\n`);
    await mkdir(place.packs, { recursive: true });
    const leaving = await moveAway(place, id);
    await rename(arriving, home).catch(async (cause: unknown) => {
      if (leaving !== null) await rename(leaving, home);
      throw cause;
    });
    if (leaving !== null) await rm(leaving, { recursive: true, force: true });
  } catch (error) {
    await rm(arriving, { recursive: true, force: true }).catch(() => undefined);
    throw error instanceof VerisimError ? error : notWritable(home, error);
  }
  return { manifest: pack.manifest, folder: home };
}

/** Gone from the list at once, then from the disk. Throws OutputNotWritable. */
export async function uninstallPack(id: string, place: PackPlace): Promise<void> {
  try {
    const leaving = await moveAway(place, id, 'in');
    if (leaving !== null) await rm(leaving, { recursive: true, force: true });
  } catch (error) {
    throw notWritable(path.join(place.packs, id), error);
  }
}

/** What processes that died in the middle left: a pack that was to be replaced comes back, the rest goes. */
export async function recoverPacks(place: PackPlace, isRunning: (processId: number) => boolean): Promise<void> {
  for (const name of await readdir(place.transit).catch(() => [])) {
    const [, id, processId, direction] = /^(.+)\.(\d+)-[0-9a-f]+\.(in|out)$/.exec(name) ?? [];
    if (id === undefined || isRunning(Number(processId))) continue;
    const [left, home] = [path.join(place.transit, name), path.join(place.packs, id)];
    if (direction === 'out' && !(await exists(home))) await rename(left, home);
    else await rm(left, { recursive: true, force: true });
  }
}

/** Null where there is no such pack. As `out` it comes back after a crash. */
async function moveAway(place: PackPlace, id: string, direction: 'in' | 'out' = 'out'): Promise<string | null> {
  const home = path.join(place.packs, id);
  if (!(await exists(home))) return null;
  await mkdir(place.transit, { recursive: true });
  const leaving = transitFolder(place, id, direction);
  await rename(home, leaving);
  return leaving;
}

function transitFolder({ transit }: PackPlace, id: string, direction: 'in' | 'out'): string {
  return path.join(transit, `${id}.${process.pid}-${randomBytes(4).toString('hex')}.${direction}`);
}

async function companionsOf(folder: string): Promise<string[]> {
  const kept: string[] = [];
  for (const name of (await readdir(folder)).filter((name) => companions.test(name))) {
    const found = await lstat(path.join(folder, name));
    if (found.isFile() && found.size <= largestCompanionBytes) kept.push(name);
  }
  return kept;
}

function exists(place: string): Promise<boolean> {
  return access(place).then(
    () => true,
    () => false,
  );
}

function notWritable(folder: string, cause: unknown): VerisimError {
  const found = cause instanceof Error ? cause.message : String(cause);
  return new VerisimError('OutputNotWritable', `The model in ${folder} could not be changed: ${found}.`, {
    path: folder,
    expected: 'a folder that can be written to',
    found,
    cause,
  });
}
