import type { ImageSet, RunDetail } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { ReaderAnswer } from '../../preload/review.ts';
import { extractSlice } from '../imaging/slice.ts';
import type { Candidate } from '../review/design.ts';
import type { Workspace } from './dependencies.ts';
import { fitSlices, type Grid } from './fit-slices.ts';
import { factsOf, loadImage } from './images.ts';

/** The images of one class of a review: what there is, and each on the common grid in one linear unit. */
export interface ReviewSet {
  candidates: Candidate[];
  image(id: string): Promise<{ pixels: Float32Array; title: string }>;
}

/** The grid on which both classes are compared: that of the synthetic set. */
export async function gridOf(workspace: Workspace, set: ImageSet, signal: AbortSignal): Promise<Grid> {
  if (set.kind === 'run') {
    const { width, height } = factsOf(workspace.log.runs.detail(set.runId)).model.image;
    return { width, height };
  }
  const volume = await workspace.volumes.read(workspace.log.series.get(set.seriesId), { signal });
  const { width, height } = extractSlice(volume, 0);
  return { width, height };
}

/**
 * Refuses a set of the other class: what is synthetic, also when it was read back from a file, never counts as real.
 * Throws InvalidInput, UnknownRun, UnknownSeries, and what reading a series throws.
 */
export async function openReviewSet(
  workspace: Workspace,
  { set, truth, grid }: { set: ImageSet; truth: ReaderAnswer; grid: Grid },
  signal: AbortSignal,
): Promise<ReviewSet> {
  return set.kind === 'run'
    ? openRun(workspace, set.runId, truth, signal)
    : openSeries(workspace, { seriesId: set.seriesId, truth, grid }, signal);
}

async function openRun(
  workspace: Workspace,
  runId: string,
  truth: ReaderAnswer,
  signal: AbortSignal,
): Promise<ReviewSet> {
  const run = workspace.log.runs.detail(runId);
  factsOf(run);
  if (truth === 'real') throw wrongClass(`Run ${runId} holds synthetic images`, 'real', 'synthetic');
  const outputs = new Map(workspace.log.runs.outputs(runId).map(({ index }) => [`output:${runId}:${index}`, index]));
  return {
    candidates: [...outputs.keys()].map((id) => ({ id, patient: id, group: groupOfRun(run) })),
    async image(id) {
      const { pixels, title } = await loadImage(
        workspace,
        { kind: 'output', runId, index: outputs.get(id) ?? 0 },
        signal,
      );
      return { pixels, title: `${title}, run ${runId}` };
    },
  };
}

async function openSeries(
  workspace: Workspace,
  { seriesId, truth, grid }: { seriesId: string; truth: ReaderAnswer; grid: Grid },
  signal: AbortSignal,
): Promise<ReviewSet> {
  const series = workspace.log.series.get(seriesId);
  const name = series.summary.description || series.summary.modality;
  const found: ReaderAnswer = series.summary.synthetic ? 'synthetic' : 'real';
  if (found !== truth) throw wrongClass(`The series ${name} is ${found}`, truth, found);
  const volume = await workspace.volumes.read(series, { signal });
  const images = await fitSlices(volume, grid, signal);
  const slices = new Map(filledSlices(images).map((sliceIndex) => [`slice:${seriesId}:${sliceIndex}`, sliceIndex]));
  return {
    candidates: [...slices.keys()].map((id) => ({
      id,
      patient: `${series.summary.patientId || series.summary.studyId || seriesId}`,
      group: truth === 'real' ? 'real' : name,
    })),
    image: (id) => {
      const sliceIndex = slices.get(id) ?? 0;
      return Promise.resolve({
        pixels: images[sliceIndex] ?? new Float32Array(),
        title: `${name}, slice ${sliceIndex + 1}`,
      });
    },
  };
}

/** The model and, where one was asked for, its class. */
function groupOfRun({ modelId, parameters }: RunDetail): string {
  const { classId } = parameters;
  return typeof classId === 'string' ? `${modelId ?? 'synthetic'}, ${classId}` : (modelId ?? 'synthetic');
}

/** Bright enough to be tissue, as a share of the window. */
const tissueLevel = 0.1;

/**
 * Slices that show at least half as much tissue as the fullest one: the air above and below a body would give the real
 * images away.
 */
function filledSlices(images: Float32Array[]): number[] {
  const shares = images.map((pixels) => pixels.filter((value) => value > tissueLevel).length / pixels.length);
  const fullest = Math.max(...shares);
  return shares.flatMap((share, sliceIndex) => (share > 0 && share >= fullest / 2 ? [sliceIndex] : []));
}

function wrongClass(what: string, expected: ReaderAnswer, found: ReaderAnswer): VerisimError {
  return new VerisimError('InvalidInput', `${what} and cannot stand in the ${expected} set. Choose another set.`, {
    expected,
    found,
  });
}
