import { createHash } from 'node:crypto';
import { copyFile, mkdir, readdir } from 'node:fs/promises';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { RunDetail, RunState } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { Workspace } from './dependencies.ts';
import { flatParameters, flatResults } from './flat-run.ts';
import { applicationVersion } from './versions.ts';

/** mlflow.entities.RunStatus. */
const statuses: Record<RunState, number> = { running: 1, cancelling: 1, queued: 2, done: 3, failed: 4, cancelled: 5 };
const experimentId = '1';
/** MLflow refuses longer values of parameters. */
const longestParameter = 6000;

/**
 * A folder that MLflow opens (`mlflow ui --backend-store-uri FOLDER`), laid out as its file store (mlflow/store/tracking/file_store.py):
 * one experiment, each run with meta.yaml, params, metrics, tags and its images as artifacts. Returns the number of runs. Throws
 * InvalidInput for a folder that is not empty, OutputNotWritable, DiskFull.
 */
export async function writeMlflow(workspace: Workspace, runs: Iterable<RunDetail>, folder: string): Promise<number> {
  if ((await readdir(folder).catch(() => [])).length > 0) {
    throw new VerisimError('InvalidInput', `The folder ${folder} is not empty. Choose a new one.`, {
      path: folder,
      expected: 'an empty folder',
    });
  }
  const experiment = path.join(folder, experimentId);
  let count = 0;
  for (const run of runs) {
    await writeRun(workspace, run, experiment);
    count += 1;
  }
  const now = Date.now();
  await writeFileAtomic(
    path.join(experiment, 'meta.yaml'),
    yaml({
      artifact_location: pathToFileURL(experiment).href,
      creation_time: now,
      experiment_id: experimentId,
      last_update_time: now,
      lifecycle_stage: 'active',
      name: 'Verisim',
    }),
  );
  return count;
}

async function writeRun({ log, folder }: Workspace, run: RunDetail, experiment: string): Promise<void> {
  // MLflow's ids are 32 hexadecimal digits.
  const id = mlflowId(run.id);
  const root = path.join(experiment, id);
  const artifacts = path.join(root, 'artifacts');
  const startMs = Date.parse(run.startedAt ?? run.createdAt);
  await writeFileAtomic(
    path.join(root, 'meta.yaml'),
    yaml({
      artifact_uri: pathToFileURL(artifacts).href,
      end_time: run.finishedAt === null ? null : Date.parse(run.finishedAt),
      entry_point_name: '',
      experiment_id: experimentId,
      lifecycle_stage: 'active',
      run_id: id,
      run_name: run.title,
      run_uuid: id,
      source_name: '',
      source_type: 4,
      source_version: '',
      start_time: startMs,
      status: statuses[run.state],
      tags: [],
      user_id: '',
    }),
  );
  for (const part of ['params', 'metrics', 'tags', 'artifacts'])
    await mkdir(path.join(root, part), { recursive: true });
  for (const [name, value] of Object.entries(flatParameters(run)))
    await writeFileAtomic(path.join(root, 'params', safe(name)), String(value).slice(0, longestParameter));
  const at = run.finishedAt === null ? startMs : Date.parse(run.finishedAt);
  for (const [name, value] of Object.entries(flatResults(run)))
    await writeFileAtomic(path.join(root, 'metrics', safe(name)), `${at} ${value} 0\n`);
  for (const [name, value] of Object.entries(tagsOf(run)))
    await writeFileAtomic(path.join(root, 'tags', safe(name)), value);
  for (const { path: file } of log.runs.outputs(run.id)) {
    if (path.dirname(file) !== folder.run(run.id)) continue;
    // An image that is gone is told by the check of the log.
    await copyFile(file, path.join(artifacts, path.basename(file))).catch(() => undefined);
  }
}

function tagsOf(run: RunDetail): Record<string, string> {
  return {
    'mlflow.runName': run.title,
    'mlflow.source.name': `Verisim ${applicationVersion}`,
    'mlflow.source.type': 'LOCAL',
    'verisim.run': run.id,
    'verisim.kind': run.kind,
    'verisim.starred': String(run.starred),
    ...(run.note === '' ? {} : { 'mlflow.note.content': run.note }),
    ...(run.parentRunId === null ? {} : { 'mlflow.parentRunId': mlflowId(run.parentRunId) }),
    ...(run.error === null ? {} : { 'verisim.error': `${run.error.tag}: ${run.error.message}` }),
    ...Object.fromEntries(run.tags.map((tag) => [`tag.${tag}`, 'true'])),
    ...Object.fromEntries(Object.entries(run.versions).map(([name, version]) => [`version.${name}`, version])),
    ...Object.fromEntries(run.inputs.map(({ name, sha256 }) => [`input.${name}`, sha256])),
  };
}

function mlflowId(runId: string): string {
  return createHash('sha256').update(runId).digest('hex').slice(0, 32);
}

/** Letters, digits, underscores, dashes, dots and spaces are what MLflow allows in a key; a slash would be a folder. */
function safe(name: string): string {
  return name.replace(/[^\w. -]/g, '_');
}

/** JSON strings are YAML strings; keys are plain words. */
function yaml(fields: Record<string, string | number | null | []>): string {
  return Object.entries(fields)
    .map(([name, value]) => `${name}: ${value === null ? 'null' : JSON.stringify(value)}\n`)
    .join('');
}
