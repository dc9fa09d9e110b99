import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
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

/** Throws UnknownRun, UnknownImage for a run of another kind, EmptyFolder, InvalidInput, PackInvalid, HashMismatch, Cancelled. */
export async function checkRun(
  workspace: Workspace,
  { runId, against }: CallParsed<'originality.check'>,
  { signal }: { signal: AbortSignal },
): Promise<OriginalityCheck> {
  const run = workspace.log.runs.detail(runId);
  factsOf(run);
  const [synthetic, real] = [resolveSet(workspace, [{ kind: 'run', runId }]), resolveSet(workspace, against)];
  const id = await extractorOfImages(workspace, [synthetic]);
  const folders = [builtInPacks(workspace.applicationRoot), workspace.folder.packs.packs];
  return loggedRun(
    workspace,
    {
      kind: 'originality',
      title: `Originality of ${run.title}`,
      parameters: { runId, against },
      modelId: run.modelId,
      parentRunId: runId,
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
          runId,
          against,
          searched: found.searched,
          indices: [...new Set(run.outputs.map(({ index }) => index))],
          threshold: found.threshold ?? fixedThreshold,
          learnt: found.threshold !== null,
          note: found.note,
          pairs: found.pairs.map(({ synthetic: name, real: match, score, picture }) => ({
            index: Number.parseInt(path.basename(name), 10),
            real: match,
            score,
            picture,
          })),
        };
        remember(workspace, run.modelId ?? '', against);
        return { result, changes: { result } };
      },
    },
  );
}

/** The newest finished check of a run, and what its model was last held against. */
export function findCheck(workspace: Workspace, runId: string): { check: OriginalityCheck | null; against: SetPart[] } {
  const { runs } = workspace.log;
  const { rows } = runs.list({ text: '', kind: 'originality', state: 'done', limit: 1000, offset: 0 });
  const row = rows.find(({ parentRunId }) => parentRunId === runId);
  const check = row === undefined ? null : (runs.detail(row.id).result as OriginalityCheck);
  const known = remembered(workspace)[runs.detail(runId).modelId ?? ''] ?? [];
  return { check, against: check?.against ?? known };
}

/**
 * The outputs that may not leave. Throws OriginalityOpen where nothing was looked at and no reason is given, where an image came after the
 * check, where a suspect is neither left out nor kept with a reason, and for a threshold below that of the check.
 */
export function decidedOutputs(
  workspace: Workspace,
  runId: string,
  decision: OriginalityDecision | undefined,
): { excluded: ReadonlySet<number>; words: string[] } {
  if (decision === undefined)
    throw open('Before generated images leave, look whether one of them repeats a real image, or say why not.');
  if (decision.kind === 'unchecked')
    return { excluded: new Set(), words: [`Exported without a search for copies: ${decision.reason}`] };
  const run = workspace.log.runs.detail(decision.checkId);
  const check = run.result as OriginalityCheck | null;
  if (run.kind !== 'originality' || check?.runId !== runId)
    throw open(`The check ${decision.checkId} is not one of run ${runId}.`);
  if (decision.threshold < check.threshold)
    throw open(
      `The threshold ${decision.threshold} is below that of the check, ${check.threshold.toFixed(3)}; it can only be raised.`,
    );
  const [excluded, checked] = [new Set(decision.excluded), new Set(check.indices)];
  const later = workspace.log.runs.outputs(runId).find(({ index }) => !checked.has(index) && !excluded.has(index));
  if (later !== undefined) throw open(`Image ${later.index + 1} was made after the check. Look for copies again.`);
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
