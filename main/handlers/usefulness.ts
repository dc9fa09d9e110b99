import path from 'node:path';
import type {
  ProbeResult,
  UsefulnessKind,
  UsefulnessReport,
  UsefulnessResult,
  UsefulnessRow,
} from '../../preload/usefulness.ts';
import { VerisimError } from '../../preload/errors.ts';
import type { Workspace } from './dependencies.ts';
import { chooseExtractor, runEvaluationThread } from './evaluate.ts';
import { loggedRun } from './logged-run.ts';
import { extractorOfImages } from './measure-extractor.ts';
import { foldersOf, type ResolvedSet } from './measure-sets.ts';
import type { UsefulnessMeasured, UsefulnessSettings } from './usefulness-work.ts';

export interface UsefulnessInput extends UsefulnessSettings {
  /** Real images to learn from, synthetic ones, and real ones to test on, with classes. */
  real: ResolvedSet;
  synthetic: ResolvedSet;
  test: ResolvedSet;
  /** Null: that of what made the images. */
  extractorId: string | null;
}

/**
 * Whether synthetic images are worth training on: a classifier of features that learnt from real, from synthetic and from both, tested on
 * real images of other patients; what adding more and more changes; and whether a classifier of real images names the class that
 * synthetic ones were made for. Throws UnknownModel, EmptyFolder, InvalidInput, PackInvalid, HashMismatch, Cancelled.
 */
export async function testUsefulness(
  workspace: Workspace,
  { real, synthetic, test, ...input }: UsefulnessInput,
  { signal }: { signal: AbortSignal },
): Promise<UsefulnessResult> {
  const sets = [synthetic, real, test];
  const extractorId = input.extractorId ?? (await extractorOfImages(workspace, sets));
  const extractor = await chooseExtractor(workspace, { extractorId, modelId: null });
  const network = extractor?.manifest.files.extractor;
  const names = { real: real.name, synthetic: synthetic.name, test: test.name };
  const { label, perReal, bootstrap, seed } = input;
  return loggedRun(
    workspace,
    {
      kind: 'usefulness',
      title: `Usefulness of ${synthetic.name}`,
      parameters: { ...names, ...{ extractorId, label, perReal, bootstrap, seed }, folders: foldersOf(sets) },
      inputs:
        extractor === null || network === undefined
          ? []
          : [{ name: extractorId, sha256: network.sha256, path: path.join(extractor.folder, network.path) }],
      total: 1,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const started = performance.now();
        const measured = (await runEvaluationThread(
          {
            kind: 'usefulness',
            sets: { real: real.source, synthetic: synthetic.source, test: test.source },
            extractor,
            cacheFolder: path.join(workspace.folder.root, 'cache', 'features'),
            settings: { label, perReal, bootstrap, seed },
          },
          context.signal,
          context.report,
        )) as UsefulnessMeasured;
        const seconds = (performance.now() - started) / 1000;
        const result: UsefulnessResult = { runId: context.runId, sets: names, ...measured, seconds };
        return { result, changes: { result, warnings: result.warnings } };
      },
    },
  );
}

/** Finished tests or probes, newest first. */
export function listUsefulness({ log }: Workspace, kind: UsefulnessKind): { rows: UsefulnessRow[] } {
  const { rows } = log.runs.list({ text: '', kind, state: 'done', limit: 200, offset: 0 });
  return { rows: rows.map(({ id, title, createdAt }) => ({ id, title, createdAt })) };
}

/** Throws UnknownRun where it is no finished test or probe. */
export function showUsefulness({ log }: Workspace, runId: string): UsefulnessReport {
  const { kind, state, result } = log.runs.detail(runId);
  // Runs of before the window knew them have no plain words.
  if (typeof result === 'object' && result !== null && 'findings' in result) {
    if (kind === 'usefulness') return { kind, result: result as UsefulnessResult };
    if (kind === 'probe') return { kind, result: result as ProbeResult };
  }
  throw new VerisimError('UnknownRun', `Run ${runId} is no finished test of usefulness or probe.`, {
    expected: 'a finished test or probe',
    found: `${kind}, ${state}`,
  });
}
