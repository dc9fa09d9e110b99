import path from 'node:path';
import { Worker } from 'node:worker_threads';
import { deserialiseError, serialiseError, VerisimError } from '../../preload/errors.ts';
import type { TilingEstimate, TilingResult, TilingSettings } from '../../preload/slides.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { openSlide } from '../imaging/slide/open.ts';
import { estimateTiling, slideName, type SlideTiling, type TilingWork } from '../imaging/slide/tiling/tile-slide.ts';
import type { Workspace } from './dependencies.ts';
import { loggedRun, type LoggedRunContext } from './logged-run.ts';
import { headHash } from './slide-source.ts';
import type { TileWorkerReply, TileWorkerSetup } from './slide-tile-worker.ts';

export interface TilingInput {
  /** Files, or folders of DICOM slides. */
  slides: string[];
  /** One slide goes into it, several into folders of their names. */
  out: string;
  settings: TilingSettings;
  /** What is another for each slide, in their order. */
  perSlide?: Pick<TilingSettings, 'tissue' | 'regions'>[];
}

/**
 * Cuts slides into patches as one run of the log. A slide that cannot be read is told and the others go on; where it is the only one, its
 * error is thrown. Asked for again, only what is missing is made. Throws Cancelled, InvalidInput, OutputNotWritable, DiskFull.
 */
export async function tileSlides(
  workspace: Workspace,
  input: TilingInput,
  { signal }: { signal: AbortSignal },
): Promise<TilingResult> {
  const { slides, perSlide } = input;
  const inputs = await Promise.all(
    slides.map(async (file) => ({ name: path.basename(file), path: file, sha256: await headHash(file) })),
  );
  const title = slides.length === 1 ? `Tiles of ${path.basename(slides[0] ?? '')}` : `Tiles of ${slides.length} slides`;
  const described = {
    kind: 'tiling' as const,
    title,
    parameters: { ...input },
    inputs: distinct(inputs),
    total: slides.length,
    phase: 'Finding tissue',
  };
  return loggedRun(workspace, described, {
    signal,
    async work(context) {
      const started = performance.now();
      const found: TilingResult['slides'] = [];
      const failed: TilingResult['failed'] = [];
      const all = { patches: 0, background: 0, blurred: 0, kept: 0 };
      const files: string[] = [];
      for (const [index, slide] of slides.entries()) {
        const name = folderOf(slides, index);
        const out = slides.length === 1 ? input.out : path.join(input.out, name);
        const settings = { ...input.settings, ...perSlide?.[index] };
        // One folder for all slides, as CLAM has it.
        const coordinates = path.join(input.out, 'patches', `${name}.h5`);
        try {
          const one = await tileInThread({ slide, out, coordinates, settings }, context, {
            index,
            count: slides.length,
            started,
          });
          found.push({ path: slide, patches: one.patches, skipped: one.background + one.blurred, out });
          for (const key of ['patches', 'background', 'blurred', 'kept'] as const) all[key] += one[key];
          files.push(...one.files);
        } catch (error) {
          const { tag, message } = serialiseError(error);
          const endsAll =
            slides.length === 1 || ['Cancelled', 'DiskFull', 'OutputNotWritable', 'Internal'].includes(tag);
          if (endsAll) throw error;
          failed.push({ path: slide, error: { tag, message } });
        }
      }
      files.push(await writeProcessList(input.out, found));
      const seconds = (performance.now() - started) / 1000;
      const peakRssMb = process.resourceUsage().maxRSS / 1024;
      const result: TilingResult = {
        runId: context.runId,
        patches: all.patches,
        skipped: all.background + all.blurred,
        skippedBecause: { background: all.background, blur: all.blurred },
        kept: all.kept,
        seconds,
        peakRssMb,
        files,
        slides: found,
        failed,
      };
      const warnings = failed.map(({ path: file, error }) => `${file}: ${error.message}`);
      // A hundred thousand names of files do not belong into the log.
      const { files: _files, ...logged } = result;
      return { result, changes: { result: logged, peakRssMb, warnings, timings: { total: seconds } } };
    },
  });
}

/** What tiling would give. Throws what opening a slide throws, InvalidInput. */
export async function estimateSlides({
  slides,
  settings,
}: Pick<TilingInput, 'slides' | 'settings'>): Promise<(TilingEstimate & { path: string })[]> {
  const estimates = [];
  for (const file of slides) {
    const slide = await openSlide(file);
    try {
      estimates.push({ path: file, ...(await estimateTiling(slide, settings)) });
    } finally {
      await slide.close();
    }
  }
  return estimates;
}

function tileInThread(
  work: TilingWork,
  { signal, report }: LoggedRunContext,
  { index, count, started }: { index: number; count: number; started: number },
): Promise<SlideTiling> {
  const file = import.meta.url.endsWith('.ts') ? './slide-tile-worker.ts' : './slide-tile-worker.js';
  const stop = new SharedArrayBuffer(4);
  const worker = new Worker(new URL(file, import.meta.url), { workerData: { work, stop } satisfies TileWorkerSetup });
  const onAbort = (): void => void Atomics.store(new Int32Array(stop), 0, 1);
  signal.addEventListener('abort', onAbort, { once: true });
  if (signal.aborted) onAbort();
  const name = path.basename(work.slide);
  const onProgress = (done: number, total: number): void => {
    const share = (index + done / Math.max(1, total)) / count;
    const elapsed = (performance.now() - started) / 1000;
    const secondsLeft = share > 0.01 ? (elapsed / share) * (1 - share) : null;
    if (count === 1) report({ done, total: Math.max(1, total), secondsLeft, phase: `Patch ${done} of ${total}` });
    else report({ done: index, total: count, secondsLeft, phase: `${name}: patch ${done} of ${total}` });
  };
  return new Promise<SlideTiling>((resolve, reject) => {
    worker.on('message', (reply: TileWorkerReply) => {
      if (reply.kind === 'progress') onProgress(reply.done, reply.total);
      else if (reply.kind === 'result') resolve(reply.result);
      else reject(deserialiseError(reply.error));
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(new VerisimError('Internal', `The thread of the tiling ended with exit code ${code}.`)),
    );
  }).finally(() => signal.removeEventListener('abort', onAbort));
}

/** The list of slides that CLAM's next step takes. Throws OutputNotWritable, DiskFull. */
async function writeProcessList(out: string, slides: TilingResult['slides']): Promise<string> {
  const file = path.join(out, 'process_list_autogen.csv');
  const rows = slides.map((slide) => `"${path.basename(slide.path).replaceAll('"', '""')}",0,processed`);
  await writeFileAtomic(file, `${['slide_id,process,status', ...rows].join('\n')}\n`);
  return file;
}

/** The slide's name, with a number where several share it. */
function folderOf(slides: string[], index: number): string {
  const name = slideName(slides[index] ?? '');
  const before = slides.slice(0, index).filter((other) => slideName(other) === name).length;
  return before === 0 ? name : `${name} (${before + 1})`;
}

function distinct<Input extends { name: string }>(inputs: Input[]): Input[] {
  return inputs.map((input, i) => {
    const before = inputs.slice(0, i).filter(({ name }) => name === input.name).length;
    return before === 0 ? input : { ...input, name: `${input.name} (${before + 1})` };
  });
}
