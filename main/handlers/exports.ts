import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
import { basicProfileOnly } from '../../preload/deidentify.ts';
import type { ImageSet, RunOutput } from '../../preload/domain.ts';
import { serialiseError, VerisimError } from '../../preload/errors.ts';
import { sha256Of } from '../engine/hash.ts';
import { deliverImage } from '../engine/queue-delivery.ts';
import { throttleRows } from '../engine/queue-progress.ts';
import { createPseudonyms } from '../imaging/deidentify/pseudonyms.ts';
import { pixelRisks } from '../imaging/deidentify/risks.ts';
import { exportSeries } from '../imaging/export/export-series.ts';
import { inLanes } from '../imaging/lanes.ts';
import type { Workspace } from './dependencies.ts';
import { newRunId } from './generation.ts';
import { factsOf } from './images.ts';
import { decidedOutputs } from './originality.ts';
import { versions } from './versions.ts';

type ExportInput = CallParsed<'exports.write'>;
/** Outputs that may not leave. */
type Decided = ExportInput & { excluded: ReadonlySet<number>; flat?: boolean };
type Context = { signal: AbortSignal };
type Report = (done: number, total: number) => void;

/**
 * Writes a series or the images of a run, as one run of the log; `flat` puts images of a run into the folder itself. Throws OriginalityOpen
 * where the set is synthetic and not decided on, OutputNotWritable, DiskFull, Cancelled.
 */
export async function writeExport(
  workspace: Workspace,
  input: ExportInput & { flat?: boolean },
  { signal }: Context,
): Promise<{ files: string[]; runId: string }> {
  const { log, emit } = workspace;
  const id = newRunId();
  const folder = path.resolve(input.folder);
  const { title, total } = describe(workspace, input);
  const gate = isSynthetic(workspace, input.set)
    ? decidedOutputs(workspace, input.set, input.originality)
    : { excluded: new Set<number>(), words: [] };
  log.runs.create({
    id,
    kind: 'export',
    state: 'running',
    title,
    modelId: null,
    seed: null,
    provider: null,
    progress: { done: 0, total, secondsLeft: null, phase: 'Writing' },
    parentRunId: null,
    parameters: { ...input, folder },
    versions: versions(),
    inputs: [],
    result: null,
    owner: workspace.queue.owner,
    delivery: null,
  });
  log.runs.change(id, { startedAt: new Date().toISOString() });
  const cancel = new AbortController();
  const announce = throttleRows((row) => emit('runs.changed', row));
  const report: Report = (done, all) => {
    const row = log.runs.row(id);
    if (row.state === 'cancelling') cancel.abort();
    announce({ ...row, progress: { done, total: all, secondsLeft: null, phase: 'Writing' } });
  };
  report(0, total);
  try {
    const outputs = await write(
      workspace,
      { ...input, folder, excluded: gate.excluded },
      { signal: AbortSignal.any([signal, cancel.signal]), report },
    );
    log.transaction(() => {
      for (const output of outputs) log.runs.addOutput(id, { ...output, spacingMm: null, source: null });
      const progress = { done: outputs.length, total: outputs.length, secondsLeft: null, phase: 'Done' };
      const warnings = gate.words;
      log.runs.change(id, { state: 'done', warnings, finishedAt: new Date().toISOString(), owner: null, progress });
    });
    return { files: outputs.map((output) => output.path), runId: id };
  } catch (error) {
    const { tag, message } = serialiseError(error);
    const end = { finishedAt: new Date().toISOString(), owner: null };
    const outcome = { state: 'failed' as const, error: { tag, message } };
    log.runs.change(id, { ...end, ...(tag === 'Cancelled' ? { state: 'cancelled' as const } : outcome) });
    throw error;
  } finally {
    announce(log.runs.row(id));
  }
}

/** Images of a run are; a series where its files say so. */
export function isSynthetic({ log }: Workspace, set: ImageSet): boolean {
  return set.kind === 'run' || log.series.get(set.seriesId).summary.synthetic;
}

function describe({ log }: Workspace, { set, format }: ExportInput): { title: string; total: number } {
  const name = { dicom: 'DICOM', nifti: 'NIfTI', png: 'PNG' }[format];
  if (set.kind === 'run') {
    const run = log.runs.detail(set.runId);
    factsOf(run);
    if (run.outputs.length === 0) {
      throw new VerisimError('InvalidInput', `Run ${run.id} has no finished image to export.`, { found: '0 images' });
    }
    return { title: `${run.title} as ${name}`, total: run.outputs.length };
  }
  const { summary } = log.series.get(set.seriesId);
  return { title: `${summary.description || summary.modality} as ${name}`, total: summary.slices };
}

async function write(
  workspace: Workspace,
  input: Decided,
  context: Context & { report: Report },
): Promise<RunOutput[]> {
  return input.set.kind === 'run'
    ? writeRun(workspace, { ...input, runId: input.set.runId }, context)
    : writeSeries(workspace, { ...input, seriesId: input.set.seriesId }, context);
}

/** Into a folder of its own unless `flat`, so that the images of two runs do not meet. De-identified: without the UIDs of the source. */
async function writeRun(
  { log }: Workspace,
  { runId, format, folder, deidentify, excluded, flat = false }: Decided & { runId: string },
  { signal, report }: Context & { report: Report },
): Promise<RunOutput[]> {
  const run = log.runs.detail(runId);
  const outputs = log.runs.outputs(runId).filter(({ index }) => !excluded.has(index));
  const written: RunOutput[][] = outputs.map(() => []);
  let done = 0;
  await inLanes([...outputs.entries()], imagesAtOnce, async ([place, output]) => {
    signal.throwIfAborted();
    const image = { run, output: deidentify ? { ...output, source: null } : output, format };
    written[place] = await deliverImage(image, flat ? folder : path.join(folder, runId));
    report(++done, outputs.length);
  });
  return written.flat();
}

/** While one is synced to the disk, others are made. */
const imagesAtOnce = 8;

async function writeSeries(
  { log, volumes }: Workspace,
  { seriesId, format, folder, deidentify, retain, multiFrame }: ExportInput & { seriesId: string },
  { signal, report }: Context & { report: Report },
): Promise<RunOutput[]> {
  const series = log.series.get(seriesId);
  const volume = await volumes.read(series, { signal });
  const onProgress = ({ done, total }: { done: number; total: number | null }): void => report(done, total ?? done);
  const files = await exportSeries(series, volume, {
    format,
    folder,
    deidentify: deidentify
      ? { options: retain ?? basicProfileOnly, pseudonyms: createPseudonyms(pseudonymKey(log)) }
      : null,
    multiFrame,
    signal,
    onProgress,
  });
  return Promise.all(
    files.map(async (file, index) => {
      const sha256 = sha256Of(await readFile(file));
      return { index, path: file, sha256, seed: null, format };
    }),
  );
}

/** What de-identifying a series does not take out of its pixels. Throws UnknownSeries, FileNotReadable. */
export async function exportRisks({ log }: Workspace, seriesId: string): Promise<{ risks: string[] }> {
  return { risks: await pixelRisks(log.series.get(seriesId)) };
}

/** One secret for each data folder, made at its first use: so stand-ins are the same in all runs, and nobody else can make them. */
function pseudonymKey(log: Workspace['log']): string {
  return log.transaction(() => {
    const known = log.settings.value(pseudonymSetting);
    if (typeof known === 'string') return known;
    const key = randomBytes(32).toString('hex');
    log.settings.set(pseudonymSetting, key);
    return key;
  });
}

const pseudonymSetting = 'deidentify.key';
