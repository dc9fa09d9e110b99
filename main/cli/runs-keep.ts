import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import type { ProjectReceipt } from '../../preload/run-log.ts';
import { checkLog, mendLog } from '../handlers/check-log.ts';
import { defaultDataFolder } from '../handlers/default-folder.ts';
import { archiveProject, openProject } from '../handlers/project-archive.ts';
import { listLogBackups, restoreLog } from '../handlers/upkeep.ts';
import { type CommandContext, withWorkspace } from './command.ts';
import { printJson, printTable } from './output.ts';

/** `runs archive`, `import`, `check`, `backup` and `restore`: the log as files. */
export async function archive(
  { text, out }: { text: string; out: string },
  { json, signal }: CommandContext,
): Promise<number> {
  const receipt = await withWorkspace(async (workspace) => {
    const runIds = workspace.log.runs.ids({ text, kind: null, state: null, limit: 10_000, offset: 0 });
    if (runIds.length === 0) throw new VerisimError('InvalidInput', 'No run matches the filter.', { found: text });
    return archiveProject(workspace, { runIds, folder: out }, { signal });
  });
  return tell(receipt, json, 'archived');
}

export async function openArchive(folder: string, { json, signal }: CommandContext): Promise<number> {
  return tell(await withWorkspace((workspace) => openProject(workspace, { folder }, { signal })), json, 'added');
}

function tell(receipt: ProjectReceipt, json: boolean, done: string): number {
  if (json) printJson(receipt);
  else {
    const known = receipt.known > 0 ? `, ${receipt.known} were there already` : '';
    process.stdout.write(`${receipt.runs} runs ${done}${known}, ${receipt.files} files: ${receipt.folder}\n`);
    for (const note of receipt.notes) process.stdout.write(`note: ${note}\n`);
  }
  return 0;
}

/** Exit status 1 where something does not fit and was not mended. */
export async function check(
  { thorough, mend }: { thorough: boolean; mend: boolean },
  { json, signal }: CommandContext,
): Promise<number> {
  return withWorkspace(async (workspace) => {
    const found = await checkLog(workspace, { thorough, signal });
    const mended = mend ? await mendLog(workspace, { remake: true, setAside: true, signal }) : null;
    for (const runId of mended?.remade ?? []) await workspace.queue.finished(runId);
    const after = mend ? await checkLog(workspace, { thorough, signal }) : found;
    if (json) printJson({ ...found, mended });
    else {
      process.stdout.write(`${found.runs} runs with ${found.files} images were looked at.\n`);
      for (const { runId, title, indices } of found.missing)
        process.stdout.write(`missing: ${indices.length} images of ${runId} (${title})\n`);
      for (const place of found.orphans) process.stdout.write(`not in the log: ${place}\n`);
      for (const line of found.damage) process.stdout.write(`damage: ${line}\n`);
      if (mended !== null) {
        process.stdout.write(`${mended.remade.length} runs made their missing images again.\n`);
        if (mended.folder !== null) process.stdout.write(`Taken aside to ${mended.folder}\n`);
      }
    }
    return after.missing.length + after.orphans.length + after.damage.length > 0 ? 1 : 0;
  });
}

export async function backUp({ json }: CommandContext): Promise<number> {
  const backup = await withWorkspace((workspace) => workspace.log.backup('asked'));
  if (json) printJson(backup);
  else process.stdout.write(`${backup.file}\n`);
  return 0;
}

export async function listAllBackups({ json }: CommandContext): Promise<number> {
  const { backups, hours } = await withWorkspace(async (workspace) => listLogBackups(workspace));
  if (json) printJson({ backups, hours });
  else {
    const rows = backups.map(({ at, why, bytes, file }) => [at, why, `${(bytes / 1e6).toFixed(1)} MB`, file]);
    printTable(['made (UTC)', 'why', 'size', 'file'], rows);
  }
  return 0;
}

/** Without opening the log first: it may be damaged. */
export async function restore(file: string, { json }: CommandContext): Promise<number> {
  const { setAside } = restoreLog(defaultDataFolder(), path.resolve(file));
  if (json) printJson({ restored: file, setAside });
  else process.stdout.write(`Restored.${setAside === null ? '' : ` The log of before is kept as ${setAside}`}\n`);
  return 0;
}
