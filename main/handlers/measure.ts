import path from 'node:path';
import type { CallParsed } from '../../preload/contract.ts';
import type { Evaluation, EvaluationRow } from '../../preload/measure.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { Workspace } from './dependencies.ts';
import { chooseExtractor, evaluateSets, type ExtractorChoice } from './evaluate.ts';
import { extractorOfImages } from './measure-extractor.ts';
import { methodsOf, reportingOf } from './measure-methods.ts';
import { foldersOf, type ResolvedSet, resolveSet } from './measure-sets.ts';
import { verdictsOf } from './measure-verdicts.ts';
import { loggedRun } from './logged-run.ts';

/** What the window chose, by its identifiers. Throws what `evaluateAsRun` throws, and UnknownRun, UnknownSeries. */
export async function runEvaluation(
  workspace: Workspace,
  input: CallParsed<'measure.run'>,
  { signal }: { signal: AbortSignal },
): Promise<Evaluation> {
  const real = resolveSet(workspace, input.real);
  const training = input.training.length === 0 ? null : resolveSet(workspace, input.training);
  const cohorts = input.cohorts.map(({ name, parts }) => ({ name, set: resolveSet(workspace, parts) }));
  const sets = [...cohorts.map(({ set }) => set), real];
  const extractorId = input.extractorId ?? (await extractorOfImages(workspace, sets));
  const { radiomics, bootstrap } = input;
  const request = { real, training, cohorts, extractorId, modelId: null, radiomics, bootstrap, parameters: input };
  return evaluateAsRun(workspace, request, { signal });
}

interface EvaluationSets extends ExtractorChoice {
  real: ResolvedSet;
  /** Where copies are looked for; null: among the real images. */
  training: ResolvedSet | null;
  cohorts: { name: string; set: ResolvedSet }[];
  radiomics: boolean;
  bootstrap: number;
  /** Further facts for the row. */
  parameters: Record<string, unknown>;
}

/**
 * Measures one or several synthetic sets against one real set, as a run of the log. Throws EmptyFolder, InvalidInput, UnknownModel,
 * WrongUse, PackInvalid, HashMismatch, Cancelled.
 */
export async function evaluateAsRun(
  workspace: Workspace,
  { real, training, cohorts, ...input }: EvaluationSets,
  { signal }: { signal: AbortSignal },
): Promise<Evaluation> {
  const sets = cohorts.map(({ set }) => set);
  const extractor = await chooseExtractor(workspace, input);
  const extractorId = extractor?.manifest.id ?? input.extractorId;
  const network = extractor?.manifest.files.extractor;
  return loggedRun(
    workspace,
    {
      kind: 'evaluation',
      title: `${cohorts.map(({ name }) => name).join(', ')} against ${real.name}`,
      parameters: {
        ...input.parameters,
        extractorId,
        folders: foldersOf([real, ...sets, ...(training ? [training] : [])]),
      },
      inputs:
        extractor === null || network === undefined
          ? []
          : [{ name: extractor.manifest.id, sha256: network.sha256, path: path.join(extractor.folder, network.path) }],
      total: 1,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const measured: Evaluation['cohorts'] = [];
        for (const [place, { name, set }] of cohorts.entries()) {
          const which = cohorts.length === 1 ? '' : `${name} (${place + 1} of ${cohorts.length}): `;
          const result = await evaluateSets(
            workspace,
            {
              ...{ real: real.source, synthetic: set.source, training: training?.source ?? null },
              ...{ bootstrap: input.bootstrap, radiomics: input.radiomics, extractorId, modelId: null },
              pictures: { folder: workspace.folder.runPictures(context.runId), prefix: `cohort-${place}` },
            },
            {
              signal: context.signal,
              onProgress: (progress) => context.report({ ...progress, phase: which + progress.phase }),
            },
          );
          const facts = { trainingGiven: training !== null };
          measured.push({ name, result, verdicts: verdictsOf(result, facts) });
        }
        const base = {
          runId: context.runId,
          measuredAt: new Date().toISOString(),
          real: real.name,
          training: training?.name ?? null,
          cohorts: measured,
        };
        const detail = workspace.log.runs.detail(context.runId);
        const methods = methodsOf(base, { bootstrap: input.bootstrap, versions: detail.versions });
        const result: Evaluation = { ...base, methods, reporting: reportingOf(base) };
        return { result, changes: { result, warnings: measured.flatMap((one) => one.result.warnings) } };
      },
    },
  );
}

export function listEvaluations({ log }: Workspace): { evaluations: EvaluationRow[] } {
  const { rows } = log.runs.list({ text: '', kind: 'evaluation', state: 'done', limit: 200, offset: 0 });
  return { evaluations: rows.map(({ id, title, createdAt }) => ({ id, title, createdAt })) };
}

/** Throws UnknownRun where it is no finished evaluation. */
export function showEvaluation({ log }: Workspace, runId: string): Evaluation {
  const run = log.runs.detail(runId);
  if (run.kind === 'evaluation' && run.result !== null) return run.result as Evaluation;
  throw new VerisimError('UnknownRun', `Run ${runId} is no finished evaluation.`, {
    expected: 'a finished evaluation',
    found: `${run.kind}, ${run.state}`,
  });
}
