import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
import type { ImageSet } from '../../preload/domain.ts';
import type { SetPart } from '../../preload/measure.ts';
import type { OriginalityCheck, OriginalityDecision } from '../../preload/originality.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { Workspace } from './dependencies.ts';
import { radiomicsId } from './evaluate-means.ts';
import { runEvaluationThread } from './evaluate.ts';
import { factsOf } from './images.ts';
import { loggedRun } from './logged-run.ts';
import { extractorOfImages } from './measure-extractor.ts';
import { resolveSet } from './measure-sets.ts';
import { builtInPacks } from './models.ts';
import type { OriginalityFound } from './originality-work.ts';

/**
 * Where too few real images are at hand to learn a threshold. Planted copies of chest and brain images (mirrored, shifted, noised,
 * re-windowed) score above 0.86, real images of two patients below 0.82.
 */
const fixedThreshold = 0.85;
const settingName = 'originality.against';

interface CheckedSet {
  title: string;
  modelId: string | null;
  parentRunId: string | null;
  /** Of its images. */
  indices: number[];
}

/** Throws UnknownRun, UnknownSeries, UnknownImage for a run of another kind, EmptyFolder, InvalidInput, PackInvalid, HashMismatch, Cancelled. */
export async function checkSet(
  workspace: Workspace,
  { set, against }: CallParsed<'originality.check'>,
  { signal }: { signal: AbortSignal },
): Promise<OriginalityCheck> {
  const { title, modelId, parentRunId, indices } = factsOfSet(workspace, set);
  const [synthetic, real] = [resolveSet(workspace, [set]), resolveSet(workspace, against)];
  const id = await extractorOfImages(workspace, [synthetic]);
  const folders = [builtInPacks(workspace.applicationRoot), workspace.folder.packs.packs];
  return loggedRun(
    workspace,
    {
      kind: 'originality',
      title: `Originality of ${title}`,
      parameters: { set, against },
      ...{ modelId, parentRunId },
      total: 1,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const found = (await runEvaluationThread(
          {
            kind: 'originality',
            synthetic: synthetic.source,
            real: real.source,
            extractor: id === radiomicsId ? null : { folders, id },
            cacheFolder: path.join(workspace.folder.root, 'cache', 'features'),
            pictures: { folder: workspace.folder.runPictures(context.runId), prefix: 'check' },
          },
          context.signal,
          context.report,
        )) as OriginalityFound;
        const result: OriginalityCheck = {
          checkId: context.runId,
          set,
          against,
          searched: found.searched,
          indices,
          threshold: found.threshold ?? fixedThreshold,
          learnt: found.threshold !== null,
          note: found.note,
          pairs: found.pairs.map(({ synthetic: name, real: match, score, picture }) => ({
            index: indexOf(name, set),
            real: match,
            score,
            picture,
          })),
        };
        remember(workspace, modelId ?? '', against);
        return { result, changes: { result } };
      },
    },
  );
}

function factsOfSet({ log }: Workspace, set: ImageSet): CheckedSet {
  if (set.kind === 'run') {
    const run = log.runs.detail(set.runId);
    factsOf(run);
    const indices = [...new Set(run.outputs.map(({ index }) => index))];
    return { title: run.title, modelId: run.modelId, parentRunId: run.id, indices };
  }
  const { description, modality, slices, frames } = log.series.get(set.seriesId).summary;
  const indices = Array.from({ length: slices * frames }, (_, index) => index);
  return { title: description || modality, modelId: null, parentRunId: null, indices };
}

/** Outputs are named by their index, slices after the file by their number. */
function indexOf(name: string, { kind }: ImageSet): number {
  if (kind === 'run') return Number.parseInt(path.basename(name), 10);
  const [, slice = '1'] = /, slice (\d+)$/.exec(name) ?? [];
  return Number(slice) - 1;
}

const checksLookedAt = 200;

/** The newest finished check of a set, and what its model was last held against. */
export function findCheck(workspace: Workspace, set: ImageSet): { check: OriginalityCheck | null; against: SetPart[] } {
  const { runs } = workspace.log;
  const filter = { text: '', kind: 'originality', state: 'done', limit: checksLookedAt, offset: 0 } as const;
  const parent = set.kind === 'run' ? set.runId : null;
  const row = runs
    .list(filter)
    .rows.find(({ id, parentRunId }) => parentRunId === parent && isOf(runs.detail(id).result, set));
  const check = row === undefined ? null : (runs.detail(row.id).result as OriginalityCheck);
  return { check, against: check?.against ?? rememberedAgainst(workspace, factsOfSet(workspace, set).modelId) };
}

/** The real images that images of a model (null: series) were last held against; none where there was no check yet. */
export function rememberedAgainst(workspace: Workspace, modelId: string | null): SetPart[] {
  return remembered(workspace)[modelId ?? ''] ?? [];
}

/** A check of before series could be checked does not name its set and counts for none. */
function isOf(result: unknown, set: ImageSet): boolean {
  const checked = (result as Partial<OriginalityCheck> | null)?.set;
  if (checked === undefined || checked.kind !== set.kind) return false;
  return checked.kind === 'run'
    ? set.kind === 'run' && checked.runId === set.runId
    : set.kind === 'series' && checked.seriesId === set.seriesId;
}

/**
 * The images that may not leave. Throws OriginalityOpen where nothing was looked at and no reason is given, where an image came after the
 * check, where a suspect is neither left out nor kept with a reason, where a slice of a series is to be left out, and for a threshold below
 * that of the check.
 */
export function decidedOutputs(
  workspace: Workspace,
  set: ImageSet,
  decision: OriginalityDecision | undefined,
): { excluded: ReadonlySet<number>; words: string[] } {
  if (decision === undefined)
    throw open('Before generated images leave, look whether one of them repeats a real image, or say why not.');
  if (decision.kind === 'unchecked')
    return { excluded: new Set(), words: [`Exported without a search for copies: ${decision.reason}`] };
  const run = workspace.log.runs.detail(decision.checkId);
  if (run.kind !== 'originality' || !isOf(run.result, set))
    throw open(`The check ${decision.checkId} is not one of these images.`);
  const check = run.result as OriginalityCheck;
  if (decision.threshold < check.threshold)
    throw open(
      `The threshold ${decision.threshold} is below that of the check, ${check.threshold.toFixed(3)}; it can only be raised.`,
    );
  const [excluded, checked] = [new Set(decision.excluded), new Set(check.indices)];
  if (set.kind === 'series' && excluded.size > 0)
    throw open('A slice cannot be left out of a series. Keep it with a reason, or do not export the series.');
  const later = factsOfSet(workspace, set).indices.find((index) => !checked.has(index) && !excluded.has(index));
  if (later !== undefined) throw open(`Image ${later + 1} was made after the check. Look for copies again.`);
  const suspects = check.pairs.filter(({ score }) => score > decision.threshold);
  const words: string[] = [];
  for (const { index, real, score } of suspects) {
    const kept = decision.kept.find((one) => one.index === index);
    if (excluded.has(index)) words.push(`Image ${index + 1} was left out: likeness ${score.toFixed(3)} to ${real}.`);
    else if (kept === undefined)
      throw open(`Image ${index + 1} resembles ${real} (${score.toFixed(3)}). Leave it out, or keep it with a reason.`);
    else words.push(`Image ${index + 1} was kept, likeness ${score.toFixed(3)} to ${real}: ${kept.reason}`);
  }
  if (decision.threshold > check.threshold)
    words.push(`The threshold was raised from ${check.threshold.toFixed(3)} to ${decision.threshold.toFixed(3)}.`);
  return { excluded, words };
}

function open(message: string): VerisimError {
  return new VerisimError('OriginalityOpen', message, { expected: 'a decision on each suspected copy' });
}

function remember(workspace: Workspace, modelId: string, against: SetPart[]): void {
  workspace.log.settings.set(settingName, { ...remembered(workspace), [modelId]: against });
}

function remembered({ log }: Workspace): Record<string, SetPart[]> {
  const value = log.settings.value(settingName);
  return typeof value === 'object' && value !== null ? (value as Record<string, SetPart[]>) : {};
}
