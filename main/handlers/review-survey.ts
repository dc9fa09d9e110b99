import type { CallParsed } from '../../preload/contract.ts';
import { serialiseError } from '../../preload/errors.ts';
import type { SetPart } from '../../preload/measure.ts';
import type { ReaderAnswer, ReviewSetSurvey, ReviewSurvey } from '../../preload/review.ts';
import type { Workspace } from './dependencies.ts';
import { factsOf } from './images.ts';
import { type SetFacts, sizeNotes, targetOf } from './review-equality.ts';
import { describePatches } from './review-patch-set.ts';
import { findPatches } from './review-patches.ts';
import { wrongClass } from './review-set.ts';
import { sourceOf } from './review-sets.ts';

type Survey = ReviewSetSurvey & { facts: SetFacts | null };

/** What sets offer to a review, and what of them would tell. A set that cannot be used says why; nothing is thrown for it. */
export async function surveySets(
  workspace: Workspace,
  { real, synthetic }: CallParsed<'reviews.survey'>,
  { signal }: { signal: AbortSignal },
): Promise<ReviewSurvey> {
  const of = (parts: readonly SetPart[], truth: ReaderAnswer) =>
    Promise.all(parts.map((part) => surveySet(workspace, part, { truth, signal })));
  const found = { real: await of(real, 'real'), synthetic: await of(synthetic, 'synthetic') };
  const plain = (sets: readonly Survey[]) => sets.map(({ facts: _, ...set }) => set);
  return { real: plain(found.real), synthetic: plain(found.synthetic), ...together(found) };
}

/** Where every set is known well enough. */
function together({
  real,
  synthetic,
}: {
  real: Survey[];
  synthetic: Survey[];
}): Pick<ReviewSurvey, 'notes' | 'problem'> {
  const factsOfAll = (sets: Survey[]) => sets.flatMap(({ facts }) => facts ?? []);
  const sets = { real: factsOfAll(real), synthetic: factsOfAll(synthetic) };
  const isKnown = sets.real.length === real.length && sets.synthetic.length === synthetic.length;
  if (!isKnown || real.length === 0 || synthetic.length === 0) return { notes: [], problem: null };
  try {
    return { notes: sizeNotes(sets, targetOf(sets)), problem: null };
  } catch (error) {
    return { notes: [], problem: serialiseError(error).message };
  }
}

async function surveySet(
  workspace: Workspace,
  part: SetPart,
  { truth, signal }: { truth: ReaderAnswer; signal: AbortSignal },
): Promise<Survey> {
  try {
    const source = sourceOf(workspace, part);
    if (source.kind === 'patches') return await surveyPatches(part, source, { truth, signal });
    if (source.kind === 'series') return surveySeries(workspace, part, source.seriesId);
    return surveyRun(workspace, part, { runId: source.runId, truth });
  } catch (error) {
    signal.throwIfAborted();
    const unknown = { name: '', images: 0, slides: 0, isColour: null, size: null, micronsPerPixel: null, facts: null };
    return { part, ...unknown, problem: serialiseError(error).message };
  }
}

async function surveyPatches(
  part: SetPart,
  { name, folders }: { name: string; folders: string[] },
  { truth, signal }: { truth: ReaderAnswer; signal: AbortSignal },
): Promise<Survey> {
  const patches = await findPatches(folders);
  const { isColour, sizes, marked } = await describePatches(patches, signal);
  if (truth === 'real' && marked)
    throw wrongClass(`"${name}" is of a synthetic slide or made by a model`, 'real', 'synthetic');
  const [size] = sizes;
  return {
    part,
    name,
    images: patches.length,
    slides: new Set(patches.flatMap(({ slide }) => slide ?? [])).size,
    isColour,
    size: size === undefined ? null : { width: size.width, height: size.height },
    micronsPerPixel: size?.micronsPerPixel ?? null,
    problem: null,
    facts: { isColour, sizes, isUnmarked: truth === 'synthetic' && !marked },
  };
}

function surveyRun(
  { log }: Workspace,
  part: SetPart,
  { runId, truth }: { runId: string; truth: ReaderAnswer },
): Survey {
  const run = log.runs.detail(runId);
  if (truth === 'real') throw wrongClass(`Run ${runId} holds synthetic images`, 'real', 'synthetic');
  const { width, height, channels } = factsOf(run).model.image;
  const isColour = channels === 3;
  return {
    part,
    name: run.title,
    images: run.outputCount,
    slides: 0,
    isColour,
    size: { width, height },
    micronsPerPixel: null,
    problem: null,
    facts: { isColour, sizes: [{ width, height, micronsPerPixel: null }], isUnmarked: false },
  };
}

function surveySeries({ log }: Workspace, part: SetPart, seriesId: string): Survey {
  const { summary } = log.series.get(seriesId);
  return {
    part,
    name: summary.description || summary.modality,
    images: summary.slices * summary.frames,
    slides: 0,
    isColour: null,
    size: { width: summary.columns, height: summary.rows },
    micronsPerPixel: null,
    problem: null,
    facts: null,
  };
}
