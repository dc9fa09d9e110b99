import path from 'node:path';
import type { ExportFormat, RunDetail, RunOutput } from '../../preload/domain.ts';
import { deserialiseError, type ErrorTag, VerisimError } from '../../preload/errors.ts';
import type { Workspace, WorkspaceOptions } from '../handlers/dependencies.ts';
import { deliverGated } from '../handlers/gate.ts';
import { filesOfRun } from '../handlers/runs.ts';
import { wordOption } from './command.ts';
import { gateSummary, type PlannedDelivery } from './gate-options.ts';
import { clearProgress, printJson, showProgress } from './output.ts';

/** The progress line of whatever runs in this process. */
export const progressOf: NonNullable<WorkspaceOptions['emit']> = (event, payload) => {
  if (event === 'runs.changed' && 'progress' in payload) showProgress(payload.progress);
};

/** `--out DIR --format LIST`. Throws WrongUse. */
export function deliveryOf(folder: string, list: string): { folder: string; formats: ExportFormat[] } {
  const names = list.split(',').map((name) => name.trim());
  const formats = names.map((name) => wordOption(name, 'format', ['png', 'dicom', 'nifti'] as const));
  return { folder: path.resolve(folder), formats: [...new Set(formats)] };
}

interface RunEnd {
  runId: string;
  json: boolean;
  signal: AbortSignal;
  planned: Omit<PlannedDelivery, 'now'>;
}

/** Waits for the end of a run, cancelling it on an interrupt, and prints what it made. Throws what the run failed with. */
export async function finishRun(
  workspace: Workspace,
  { runId, json, signal, planned: { gated, unchecked } }: RunEnd,
): Promise<number> {
  const { log, queue } = workspace;
  const cancel = (): void => queue.cancel(runId);
  signal.addEventListener('abort', cancel, { once: true });
  if (signal.aborted) cancel();
  const { state, error } = await queue.finished(runId).finally(() => signal.removeEventListener('abort', cancel));
  clearProgress();
  if (unchecked !== null) {
    const warning = `The images left without a search for copies: ${unchecked}.`;
    log.runs.change(runId, { warnings: [...log.runs.detail(runId).warnings, warning] });
  }
  const run = log.runs.detail(runId);
  if (state === 'failed') {
    const { tag, message } = error ?? { tag: 'Internal', message: `Run ${runId} failed.` };
    throw deserialiseError({ tag: tag as ErrorTag, message, details: {} });
  }
  if (state !== 'done' && gated !== null)
    throw new VerisimError(
      'Cancelled',
      `Run ${runId} was cancelled; ${run.outputCount} finished images are kept in the data folder, and leave with: verisim export --run ${runId}.`,
    );
  const past = gated === null ? null : await deliverGated(workspace, { runId, ...gated }, { signal });
  clearProgress();
  const files = past?.files ?? (await filesOfRun(workspace, runId));
  if (json) printJson({ ...summaryOf(run, files), ...(past === null ? {} : { originality: gateSummary(past) }) });
  else print(run, files, past?.words ?? []);
  if (state === 'done') return 0;
  throw new VerisimError('Cancelled', `Run ${runId} was cancelled; ${run.outputCount} finished images are kept.`);
}

function summaryOf(run: RunDetail, files: RunOutput[]): object {
  const { load = 0, encode = 0, denoise = 0, decode = 0, write = 0, total = 0 } = run.timings;
  return {
    runId: run.id,
    provider: run.provider,
    outputs: files.map(({ path: file, sha256, seed, index, format }) => ({ path: file, sha256, seed, index, format })),
    seconds: { load, encode, denoise, decode, write, total },
    peakRssMb: run.peakRssMb,
    warnings: run.warnings,
  };
}

function print(run: RunDetail, files: RunOutput[], decisions: string[]): void {
  for (const warning of [...run.warnings, ...decisions]) process.stderr.write(`note: ${warning}\n`);
  const seconds = (run.timings.total ?? 0).toFixed(1);
  process.stdout.write(
    `${run.title}\n${run.outputCount} images in ${seconds} s on ${run.provider ?? 'cpu'}, run ${run.id}\n`,
  );
  for (const { path: file, seed } of files) process.stdout.write(`  ${file}  seed ${seed ?? ''}\n`);
}
