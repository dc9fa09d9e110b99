import path from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ListedModel, PackReport } from '../../preload/models.ts';
import { checkCandidate, readCandidate } from '../engine/pack-import.ts';
import { installPack, uninstallPack } from '../engine/pack-install.ts';
import { summarisePack } from '../engine/packs.ts';
import { dataFolder } from '../log/data-folder.ts';
import type { Workspace } from './dependencies.ts';
import { rememberDryRun } from './dry-runs.ts';
import { createPackStore, type PackStore, type StoredPack } from './pack-store.ts';

/** The packs that come with an installation. */
export function builtInPacks(applicationRoot: string): string {
  return path.join(applicationRoot, 'models');
}

export async function listModels(packs: PackStore): Promise<{ models: ListedModel[]; refused: SkippedFile[] }> {
  const { packs: found, refused } = await packs.list();
  return { models: found.map(listed), refused };
}

/** Everything that an import checks, on a folder that stays as it is. Needs no data folder. */
export async function checkModel(folder: string, { signal }: { signal: AbortSignal }): Promise<PackReport> {
  const { report } = await checkCandidate(await readCandidate(path.resolve(folder)), { signal });
  return report;
}

/**
 * Checks a person's own pack and keeps a copy in the data folder. An id belongs to one pack: the log names a model by its id,
 * so a pack may not take the place of a built-in one, whatever its version, and that of another imported one only when
 * told to. Throws what `checkCandidate` throws, ModelExists, ModelInUse, DiskFull, OutputNotWritable.
 */
export async function importModel(
  workspace: Workspace,
  { folder, replace }: { folder: string; replace: boolean },
  { signal }: { signal: AbortSignal },
): Promise<{ model: ListedModel; report: PackReport }> {
  const candidate = await readCandidate(path.resolve(folder));
  const { id, version } = candidate.manifest;
  const twin = await twinOf(workspace.packs, id);
  if (twin !== undefined) {
    const { manifest, origin } = twin;
    const remedy =
      origin === 'built-in'
        ? `It came with the application and cannot be replaced. Give the pack in ${folder} another id in its model.json.`
        : `Replace it (--replace on the command line), or give the pack in ${folder} another id in its model.json.`;
    if (origin === 'built-in' || !replace || manifest.id !== id) {
      throw new VerisimError(
        origin === 'built-in' ? 'InvalidInput' : 'ModelExists',
        `There is a model ${manifest.id} already, version ${manifest.version}; the pack to import has version ${version}. ${remedy}`,
        { path: folder, expected: 'an id that is not taken', found: id },
      );
    }
    refuseInUse(workspace, id, 'replaced');
  }
  const { report, dryRun } = await checkCandidate(candidate, { signal, host: workspace.dryRunHost });
  const pack = await installPack(candidate, workspace.folder.packs);
  rememberDryRun(workspace, pack, { ...dryRun, difference: 0 });
  return { model: listed({ ...pack, origin: 'imported' }), report };
}

/** Throws UnknownModel, InvalidInput for a built-in pack, ModelInUse, OutputNotWritable. */
export async function removeModel(workspace: Workspace, id: string): Promise<Record<string, never>> {
  const { origin } = await workspace.packs.find(id);
  if (origin === 'built-in') {
    throw new VerisimError('InvalidInput', `The model ${id} came with the application and cannot be removed.`, {
      expected: 'an imported model',
      found: id,
    });
  }
  refuseInUse(workspace, id, 'removed');
  await uninstallPack(id, workspace.folder.packs);
  return {};
}

/** What is installed and imported, read without opening the data folder; none of it need be there. */
export function installedPacks(applicationRoot: string, dataFolderRoot: string): PackStore {
  return createPackStore({ builtIn: builtInPacks(applicationRoot), imported: dataFolder(dataFolderRoot).packs.packs });
}

function listed(pack: StoredPack): ListedModel {
  return { ...summarisePack(pack), origin: pack.origin };
}

/** Some file systems take two ids that differ in capitals only for one. */
async function twinOf(packs: PackStore, id: string): Promise<StoredPack | undefined> {
  const { packs: all } = await packs.list();
  return all.find(({ manifest }) => manifest.id.toLowerCase() === id.toLowerCase());
}

function refuseInUse({ log }: Workspace, id: string, action: string): void {
  for (const state of ['running', 'cancelling', 'queued'] as const) {
    const { rows } = log.runs.list({ text: '', kind: 'generation', state, limit: 1000, offset: 0 });
    const run = rows.find(({ modelId }) => modelId === id);
    if (run === undefined) continue;
    throw new VerisimError(
      'ModelInUse',
      `The model ${id} cannot be ${action} while run ${run.id} (${state}) needs it. Wait for its end or cancel it.`,
      { expected: 'no run of this model that is not finished', found: run.id },
    );
  }
}
