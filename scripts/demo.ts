import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { GenerationRequest, ModelSummary, RunDetail, RunRow, SeriesSummary } from '../preload/domain.ts';
import { writeFileAtomic } from '../main/imaging/atomic-write.ts';
import { defaultDataFolder } from '../main/handlers/default-folder.ts';
import { openWorkspace, type Workspace } from '../main/handlers/dependencies.ts';
import { createHandlers, type Handlers } from '../main/handlers/index.ts';
import { contactSheet, differencePng, greyOf, greyPng, readGrey, type GreyPicture } from './demo/pictures.ts';
import { renderReport, type Variant } from './demo/report.ts';
import { repositoryRoot } from './repository.ts';

/** `npm run demo [-- --out DIR]`: the main job once, through the handlers that the window and the command line use. */
const generatedCount = 8;
const variantCount = 4;
const strength = 0.5;
const seed = 5;
/** Colour of the difference maps is full at half the window. */
const differenceLimit = 0.5;
const context = { signal: new AbortController().signal };

const startedAt = Date.now();
const { values: options } = parseArgs({ options: { out: { type: 'string', default: 'verisim-demo' } } });
const out = resolve(options.out);
let reportRow: (row: RunRow) => void = () => undefined;
const workspace = await openWorkspace({
  dataFolder: defaultDataFolder(),
  applicationRoot: repositoryRoot,
  engineHost: 'in-process',
  emit: (event, payload) => {
    if (event === 'runs.changed') reportRow(payload as RunRow);
  },
});
try {
  await demonstrate(workspace, createHandlers(workspace));
} finally {
  await workspace.close();
}

async function demonstrate({ folder }: Workspace, handlers: Handlers): Promise<void> {
  await mkdir(out, { recursive: true });
  console.log('Opening the sample study …');
  const { series: opened } = await handlers['studies.openSample']({}, context);
  const series = first(opened, 'The sample study holds no series.');
  const { models } = await handlers['models.list']({}, context);
  const model = first(
    models.filter(({ family }) => family === 'wdm'),
    'No wavelet diffusion model is installed.',
  );
  console.log(`  ${series.description}: ${series.columns} × ${series.rows} × ${series.slices}`);

  const plain = request(model, { count: generatedCount, source: null });
  const generation = await generate(
    handlers,
    `Making ${generatedCount} images from nothing with ${model.name} …`,
    plain,
  );
  const source = { seriesId: series.id, sliceIndices: middleSlices(series, variantCount), strength };
  const varied = request(model, { count: variantCount, source });
  const variation = await generate(handlers, `Making ${variantCount} variants of real slices …`, varied);

  console.log('Writing DICOM, PNG, contact sheet and report …');
  const written: string[] = [];
  for (const { id } of [generation, variation]) {
    for (const format of ['dicom', 'png'] as const) {
      const target = join(out, id === generation.id ? 'generated' : 'variants', format);
      await mkdir(target, { recursive: true });
      const set = { kind: 'run', runId: id } as const;
      const { files } = await handlers['exports.write']({ set, format, deidentify: true, folder: target }, context);
      written.push(...files);
    }
  }
  const generated = await Promise.all(
    generation.outputs.map(async ({ index, seed: own, sha256 }) => ({
      picture: await readGrey(folder.runPreview(generation.id, index)),
      seed: own ?? seed + index,
      sha256,
    })),
  );
  const variants = await Promise.all(
    variation.outputs.map((output) => describeVariant(output, variation, source.sliceIndices)),
  );
  const realSlices = await Promise.all(middleSlices(series, generatedCount).map(realSlice));

  const sheet = join(out, 'contact-sheet.png');
  const rows = [generated.map(({ picture }) => picture), variants.flatMap(({ pictures }) => pictures)];
  await writeFileAtomic(sheet, contactSheet(rows, sheetText(model)));
  written.push(sheet);
  const report = join(out, 'report.html');
  const html = renderReport({
    version: generation.versions.verisim ?? '',
    createdAt: new Date(),
    secondsTotal: (Date.now() - startedAt) / 1000,
    machine: `${availableParallelism()} cores, ${cpus()[0]?.model ?? 'unknown processor'}`,
    series,
    model,
    realSlices,
    generation,
    generated: generated.map(({ picture, ...facts }) => ({ ...facts, png: greyPng(picture) })),
    variation,
    variants: variants.map(({ variant }) => variant),
    files: await Promise.all(
      written.map(async (path) => ({ path: relative(out, path), sha256: await sha256Of(path) })),
    ),
  });
  await writeFileAtomic(report, new TextEncoder().encode(html));

  console.log(`
Report         ${report}
Contact sheet  ${sheet}
DICOM, PNG     ${join(out, 'generated')}, ${join(out, 'variants')}
Log            ${folder.database} (runs ${generation.id}, ${variation.id})
${written.length + 1} files in ${((Date.now() - startedAt) / 1000).toFixed(0)} s. Every image is marked as synthetic. Open the report in any browser.`);

  async function realSlice(sliceIndex: number) {
    const image = { kind: 'slice', seriesId: series.id, sliceIndex } as const;
    const described = await handlers['images.describe']({ image }, context);
    return { sliceIndex, png: greyPng(await greyOf(described, folder.imagePixels(described.id))) };
  }

  async function describeVariant(
    { index, seed: own, sha256 }: RunDetail['outputs'][number],
    { id: runId }: RunDetail,
    slices: number[],
  ): Promise<{ pictures: GreyPicture[]; variant: Variant }> {
    const pair = { left: { kind: 'runInput', runId, index }, right: { kind: 'output', runId, index } } as const;
    const { left, difference, metrics } = await handlers['compare.pair'](pair, context);
    const input = await greyOf(left, folder.imagePixels(left.id));
    const output = await readGrey(folder.runPreview(runId, index));
    const variant = {
      sliceIndex: slices[index % slices.length] ?? 0,
      seed: own ?? seed + index,
      sha256,
      source: greyPng(input),
      output: greyPng(output),
      difference: await differencePng(difference, folder.imagePixels(difference.id), differenceLimit),
      psnrDb: metrics?.psnrDb ?? null,
      ssim: metrics?.ssim ?? null,
    };
    return { pictures: [input, output], variant };
  }
}

/** Starts a run and waits for its end, with one line of progress. */
async function generate(handlers: Handlers, title: string, input: GenerationRequest): Promise<RunDetail> {
  console.log(title);
  const ended = Promise.withResolvers<void>();
  let runId: string | null = null;
  reportRow = (row) => {
    showProgress(row);
    if (row.id === runId && isEnded(row)) ended.resolve();
  };
  ({ runId } = await handlers['runs.generate'](input, context));
  if (!isEnded(await handlers['runs.show']({ runId }, context))) await ended.promise;
  const run = await handlers['runs.show']({ runId }, context);
  if (run.state !== 'done') throw new Error(run.error?.message ?? `The run ended as ${run.state}.`);
  console.log(`  ${run.outputCount} images in ${(run.timings.total ?? 0).toFixed(1)} s on ${run.provider ?? 'cpu'}`);
  return run;
}

function isEnded({ state }: RunRow): boolean {
  return state === 'done' || state === 'failed' || state === 'cancelled';
}

function showProgress({ progress: { done, total, secondsLeft, phase } }: RunRow): void {
  if (!process.stdout.isTTY) return;
  const left = secondsLeft === null ? '' : `, ${Math.ceil(secondsLeft)} s left`;
  process.stdout.write(`\r\x1b[K  ${done} of ${total}${left}  ${phase}${done === total ? '\r\x1b[K' : ''}`);
}

function request(model: ModelSummary, own: Pick<GenerationRequest, 'count' | 'source'>): GenerationRequest {
  const { sampler, steps, guidance } = model.defaults;
  return { modelId: model.id, seed, classId: null, guidance, sampler, steps, provider: 'cpu', ...own };
}

/** Evenly through the middle fifth of the head, where the ventricles are. */
function middleSlices({ slices }: SeriesSummary, count: number): number[] {
  return Array.from({ length: count }, (_, position) =>
    Math.round(slices * (0.42 + (0.2 * position) / Math.max(1, count - 1))),
  );
}

function sheetText({ id, version }: ModelSummary): Record<string, string> {
  return {
    Software: 'Verisim',
    Description: `Upper row: synthetic. Lower row: real source and synthetic variant, in pairs. Model ${id} ${version}, seeds from ${seed}.`,
    digitalSourceType: 'http://cv.iptc.org/newscodes/digitalsourcetype/compositeWithTrainedAlgorithmicMedia',
  };
}

async function sha256Of(path: string): Promise<string> {
  return createHash('sha256')
    .update(await readFile(path))
    .digest('hex');
}

function first<Value>(values: readonly Value[], otherwise: string): Value {
  const [value] = values;
  if (value === undefined) throw new Error(otherwise);
  return value;
}
