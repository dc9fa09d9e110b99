import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { ExportFormat, GenerationRequest, ModelSummary, RunDetail, SeriesSummary } from '../preload/domain.ts';
import { clearProgress } from '../main/cli/output.ts';
import { progressOf } from '../main/cli/run-end.ts';
import { writeFileAtomic } from '../main/imaging/atomic-write.ts';
import { defaultDataFolder } from '../main/handlers/default-folder.ts';
import { openWorkspace, type Workspace } from '../main/handlers/dependencies.ts';
import { createGeneration } from '../main/handlers/generation.ts';
import { createHandlers, type Handlers } from '../main/handlers/index.ts';
import { filesOfRun, showRun } from '../main/handlers/runs.ts';
import { contactSheet, differencePng, greyOf, greyPng, readGrey, type GreyPicture } from './demo/pictures.ts';
import { renderReport, type Variant } from './demo/report.ts';
import { repositoryRoot } from './repository.ts';

/** `npm run demo [-- --out DIR]`: the main job once, through the handlers that the window and the command line use. */
const generatedCount = 8;
const variantCount = 4;
const strength = 0.3;
const seed = 5;
/** Colour of the difference maps is full at half the window. */
const differenceLimit = 0.5;
const context = { signal: new AbortController().signal };

const startedAt = Date.now();
const { values: options } = parseArgs({ options: { out: { type: 'string', default: 'verisim-demo' } } });
const out = resolve(options.out);
const workspace = await openWorkspace({
  dataFolder: defaultDataFolder(),
  applicationRoot: repositoryRoot,
  engineHost: 'in-process',
  emit: progressOf,
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
    `Making ${generatedCount} images from nothing with ${model.name} …`,
    'generated',
    plain,
  );
  const source = { seriesId: series.id, sliceIndices: middleSlices(series, variantCount), strength };
  const varied = request(model, { count: variantCount, source });
  const variation = await generate(`Making ${variantCount} variants of real slices …`, 'variants', varied);

  console.log('Writing contact sheet and report …');
  const delivered = [...(await filesOfRun(workspace, generation.id)), ...(await filesOfRun(workspace, variation.id))];
  const written = delivered.map(({ path }) => path);
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

/** One run from its start to its end, with a line of progress. Throws what it failed with. */
async function generate(title: string, folder: string, input: GenerationRequest): Promise<RunDetail> {
  console.log(title);
  const delivery = { folder: join(out, folder), formats: ['png', 'dicom'] as ExportFormat[] };
  const { runId } = await createGeneration(workspace, input, { delivery });
  await workspace.queue.finished(runId);
  clearProgress();
  const run = showRun(workspace, runId);
  if (run.state !== 'done') throw new Error(run.error?.message ?? `The run ended as ${run.state}.`);
  console.log(`  ${run.outputCount} images in ${(run.timings.total ?? 0).toFixed(1)} s on ${run.provider ?? 'cpu'}`);
  return run;
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
