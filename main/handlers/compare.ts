import { createHash } from 'node:crypto';
import type {
  ComparisonResult,
  GenerationRequest,
  ImageReference,
  NearestImage,
  RunDetail,
} from '../../preload/domain.ts';
import { differenceMap } from '../evaluation/difference.ts';
import { histogramPair } from '../evaluation/histogram.ts';
import { nearestImages } from '../evaluation/nearest.ts';
import { meanAbsoluteError, psnr, ssim } from '../evaluation/similarity.ts';
import { alignTo, toUnitRange } from './align.ts';
import type { Workspace } from './dependencies.ts';
import { fitSlices } from './fit-slices.ts';
import { cacheImage, loadImage, type LoadedImage } from './images.ts';
import { versions } from './versions.ts';

interface Pair {
  left: ImageReference;
  right: ImageReference;
}

/**
 * Both images in 0…1 by their own windows, the right on the grid of the left. One pair is one row of the log, however
 * often it is looked at. Measures are given only where one image was made from the other.
 */
export async function comparePair(
  workspace: Workspace,
  pair: Pair,
  { signal }: { signal: AbortSignal },
): Promise<ComparisonResult> {
  const startedAt = new Date().toISOString();
  const left = await loadImage(workspace, pair.left, signal);
  const right = await loadImage(workspace, pair.right, signal);
  const [leftUnit, rightUnit] = [
    toUnitRange(left, left.window),
    alignTo(toUnitRange(right, right.window), right, left),
  ];
  const runId = comparisonId(pair);
  const difference: LoadedImage = {
    id: `difference-${runId}`,
    width: left.width,
    height: left.height,
    spacingMm: left.spacingMm,
    pixels: differenceMap(leftUnit, rightUnit),
    window: { centre: 0, width: 1 },
    synthetic: left.synthetic || right.synthetic,
    title: 'Right − left',
  };
  const result: ComparisonResult = {
    runId,
    left: await cacheImage(workspace, left),
    right: await cacheImage(workspace, right),
    difference: await cacheImage(workspace, difference),
    ...measure(workspace, pair, { ...left, pixels: leftUnit }, rightUnit),
    histogram: histogramPair(leftUnit, rightUnit),
  };
  record(workspace, pair, result, startedAt);
  return result;
}

/** The slices of a series nearest to one output, each fitted to the model's grid as for image to image. */
export async function findNearest(
  workspace: Workspace,
  { runId, index, seriesId, most }: { runId: string; index: number; seriesId: string; most: number },
  { signal }: { signal: AbortSignal },
): Promise<{ nearest: NearestImage[] }> {
  const output = await loadImage(workspace, { kind: 'output', runId, index }, signal);
  const { width, height } = output;
  const series = workspace.log.series.get(seriesId);
  const volume = await workspace.volumes.read(series, { signal });
  const images = await fitSlices(volume, { width, height }, signal);
  const candidates = images.map((pixels, key) => ({ key, pixels }));
  const found = nearestImages(toUnitRange(output, output.window), candidates, most);
  const name = series.summary.description || series.summary.modality;
  return {
    nearest: found.map(({ key, distance, correlation }) => ({
      reference: { kind: 'slice', seriesId, sliceIndex: key },
      title: `${name}, slice ${key + 1} of ${images.length}`,
      distance,
      correlation,
    })),
  };
}

function measure(
  workspace: Workspace,
  pair: Pair,
  left: LoadedImage,
  right: Float32Array,
): Pick<ComparisonResult, 'metrics' | 'metricsNote'> {
  if (!isPaired(workspace, pair)) {
    const metricsNote =
      'PSNR and SSIM are given only for an image and the slice it was made from; these two images do not belong together pixel by pixel.';
    return { metrics: null, metricsNote };
  }
  const { width, height, pixels } = left;
  if (width < 11 || height < 11) {
    return { metrics: null, metricsNote: 'SSIM needs images of at least 11 × 11 pixels.' };
  }
  const absoluteError = meanAbsoluteError(pixels, right);
  if (absoluteError === 0) {
    return { metrics: null, metricsNote: 'The two images are identical, pixel by pixel.' };
  }
  const metrics = {
    psnrDb: psnr(pixels, right),
    ssim: ssim({ left: pixels, right, width, height }),
    meanAbsoluteError: absoluteError,
  };
  return { metrics, metricsNote: '' };
}

/** Whether one image is an output and the other is what it was made from: its input, or the slice itself. */
function isPaired(workspace: Workspace, { left, right }: Pair): boolean {
  return isSource(workspace, left, right) || isSource(workspace, right, left);
}

function isSource({ log }: Workspace, source: ImageReference, output: ImageReference): boolean {
  if (output.kind !== 'output' || source.kind === 'output') return false;
  if (source.kind === 'runInput') return source.runId === output.runId && source.index === output.index;
  const request = generationRequest(log.runs.detail(output.runId));
  if (request?.source == null || request.source.seriesId !== source.seriesId) return false;
  const { sliceIndices } = request.source;
  return sliceIndices[output.index % sliceIndices.length] === source.sliceIndex;
}

function generationRequest(run: RunDetail): GenerationRequest | null {
  return run.kind === 'generation' ? (run.parameters as unknown as GenerationRequest) : null;
}

function comparisonId(pair: Pair): string {
  return `comparison-${createHash('sha256').update(JSON.stringify(pair)).digest('hex').slice(0, 24)}`;
}

function record({ log, emit }: Workspace, pair: Pair, result: ComparisonResult, startedAt: string): void {
  const { runId: id } = result;
  log.transaction(() => {
    if (!log.runs.exists(id)) {
      log.runs.create({
        id,
        kind: 'comparison',
        state: 'running',
        title: `${result.left.title} against ${result.right.title}`,
        modelId: null,
        seed: null,
        provider: null,
        progress: { done: 1, total: 1, secondsLeft: null, phase: 'Done' },
        parentRunId: null,
        parameters: { ...pair },
        versions: versions(),
        inputs: [],
        result: null,
        owner: null,
        delivery: null,
      });
    }
    log.runs.change(id, { state: 'done', startedAt, finishedAt: new Date().toISOString(), result });
  });
  emit('runs.changed', log.runs.row(id));
}
