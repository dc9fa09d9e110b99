import type { GenerationRequest, RunDetail, RunProgress, RunRow, Volume } from '../../preload/domain.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import type { DataFolder } from '../log/data-folder.ts';
import type { Log } from '../log/log.ts';
import type { RunChanges } from '../log/runs.ts';
import type { RunPreview } from '../../preload/run-preview.ts';
import { encodePreview } from './canonical-png.ts';
import type { BatchPreview } from './generate-batch.ts';
import { generateImages } from './generate.ts';
import type { GeneratedImage, GenerationSummary } from './generate.ts';
import type { ModelPack } from './packs.ts';
import { checkWeights } from './packs.ts';
import { missingOutputs, writeOutput } from './queue-outputs.ts';
import { createSource } from './queue-source.ts';

export interface QueueDependencies {
  log: Log<IndexedSeries>;
  folder: DataFolder;
  /** Throws UnknownModel, PackInvalid. */
  findPack(id: string): Promise<ModelPack>;
  readVolume(series: IndexedSeries, signal: AbortSignal): Promise<Volume>;
  onRow(row: RunRow): void;
  /** Absent where nobody can look, as on the command line: then previews are not made. */
  onPreview?: ((preview: RunPreview) => void) | undefined;
}

interface RunContext {
  signal: AbortSignal;
  onRow(row: RunRow): void;
}

/** Progress is kept in memory and written to the log this often, besides at every finished image. */
const logEveryMs = 1_000;

/**
 * Makes the images that a run still lacks. Each is on disk before its row is written, so a process that dies at any moment
 * leaves whole images only. Returns what the end of the run adds to its row. Throws what the run fails with.
 */
export async function runGeneration(
  runId: string,
  dependencies: QueueDependencies,
  { signal, onRow }: RunContext,
): Promise<RunChanges> {
  const { log, folder } = dependencies;
  const started = performance.now();
  const run = log.runs.detail(runId);
  const request = run.parameters as unknown as GenerationRequest;
  const pack = await dependencies.findPack(request.modelId);
  checkWeights(pack, run);
  const indices = await missingOutputs(run, log, folder);
  const source = request.source === null ? null : await createSource({ run, request, pack, dependencies, signal });
  let row: RunRow = { ...log.runs.row(runId), state: 'running', startedAt: run.startedAt ?? new Date().toISOString() };
  let loggedAtMs = 0;
  let writeSeconds = 0;

  const report = (progress: RunProgress): void => {
    row = { ...row, progress };
    // Another process asks for the end through the log.
    if (log.runs.row(runId).state === 'cancelling') row = { ...row, state: 'cancelling' };
    const now = performance.now();
    if (now - loggedAtMs >= logEveryMs) {
      log.runs.change(runId, { progress });
      loggedAtMs = now;
    }
    onRow(row);
  };

  const { onPreview } = dependencies;
  const sendPreview = ({ step, steps, images: shown }: BatchPreview): void => {
    for (const { index, pixels } of shown) {
      const png = Buffer.from(encodePreview(pixels, pack.manifest)).toString('base64');
      onPreview?.({ runId, index, step, steps, png });
    }
  };

  const images = generateImages({
    pack,
    request,
    indices,
    sourceImage: source?.image,
    unknownPixels: source?.unknownPixels,
    signal,
    onProgress: report,
    onPreview: onPreview && sendPreview,
  });
  const summary = await forEachImage(images, async (image) => {
    const writeStarted = performance.now();
    const output = await writeOutput({ run, request, pack, image, source, dependencies });
    writeSeconds += (performance.now() - writeStarted) / 1000;
    row = { ...row, outputCount: row.outputCount + 1, progress: { ...row.progress, done: row.outputCount + 1 } };
    log.transaction(() => {
      log.runs.addOutput(runId, output);
      log.runs.change(runId, { progress: row.progress });
    });
    onRow(row);
  });
  const total = (performance.now() - started) / 1000;
  return changesAtEnd(run, summary, { write: writeSeconds, total });
}

async function forEachImage(
  images: AsyncGenerator<GeneratedImage, GenerationSummary>,
  use: (image: GeneratedImage) => Promise<void>,
): Promise<GenerationSummary> {
  try {
    for (let next = await images.next(); ; next = await images.next()) {
      if (next.done === true) return next.value;
      await use(next.value);
    }
  } finally {
    // Gives the inference thread back also when a file could not be written.
    await images.return({ seconds: {}, peakRssMb: 0, provider: 'cpu', warnings: [] });
  }
}

/** A resumed run adds to what was measured before. */
function changesAtEnd(run: RunDetail, summary: GenerationSummary, own: { write: number; total: number }): RunChanges {
  const seconds = { ...summary.seconds, ...own };
  const keys = ['load', 'encode', 'denoise', 'decode', 'write', 'total'] as const;
  const timings = Object.fromEntries(keys.map((key) => [key, (run.timings[key] ?? 0) + (seconds[key] ?? 0)]));
  return {
    provider: summary.provider,
    timings,
    peakRssMb: Math.max(run.peakRssMb ?? 0, summary.peakRssMb),
    warnings: [...new Set([...run.warnings, ...summary.warnings])],
  };
}
