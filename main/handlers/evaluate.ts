import path from 'node:path';
import { Worker } from 'node:worker_threads';
import type { RunProgress } from '../../preload/domain.ts';
import { deserialiseError, VerisimError } from '../../preload/errors.ts';
import type { EvaluationResult } from '../../preload/evaluation.ts';
import { type ExtractorPack, findExtractor, readExtractors } from '../engine/extractor-packs.ts';
import type { Workspace } from './dependencies.ts';
import { radiomicsId } from './evaluate-means.ts';
import type { EvaluationRequest } from './evaluate-run.ts';
import type { EvaluationThreadResult, EvaluationWorkerReply, EvaluationWorkerSetup } from './evaluate-worker.ts';
import { builtInPacks } from './models.ts';

export interface ExtractorChoice {
  extractorId: string | null;
  /** Chooses the extractor of the model's modality and anatomy where none is named. */
  modelId: string | null;
}

/**
 * How good, how diverse and how original a set of synthetic images is against a set of real ones. Throws UnknownModel,
 * WrongUse where no extractor can be chosen, EmptyFolder, Cancelled, and what reading an extractor throws.
 */
export async function evaluateSets(
  workspace: Pick<Workspace, 'applicationRoot' | 'folder' | 'packs'>,
  { extractorId, modelId, ...request }: EvaluationRequest & ExtractorChoice,
  { signal, onProgress }: { signal: AbortSignal; onProgress?: (progress: RunProgress) => void },
): Promise<EvaluationResult> {
  const extractor = await chooseExtractor(workspace, { extractorId, modelId });
  const cacheFolder = path.join(workspace.folder.root, 'cache', 'features');
  const work = { kind: 'evaluation' as const, request, extractor, cacheFolder };
  return (await runEvaluationThread(work, signal, onProgress ?? (() => undefined))) as EvaluationResult;
}

/** The named one, else that of the model's modality and anatomy, else the only one; null for radiomic features, which need no pack. */
export async function chooseExtractor(
  { applicationRoot, folder, packs }: Pick<Workspace, 'applicationRoot' | 'folder' | 'packs'>,
  { extractorId, modelId }: ExtractorChoice,
): Promise<ExtractorPack | null> {
  if (extractorId === radiomicsId) return null;
  const folders = [builtInPacks(applicationRoot), folder.packs.packs];
  if (extractorId !== null) return findExtractor(folders, extractorId);
  const { extractors } = await readExtractors(folders);
  const known = extractors.map(({ manifest }) => manifest.id).join(', ') || 'none';
  if (modelId !== null) {
    const { manifest } = await packs.find(modelId);
    const fitting = extractors.find(
      (one) => one.manifest.modality === manifest.modality && one.manifest.anatomy === manifest.anatomy,
    );
    if (fitting !== undefined) return fitting;
    throw new VerisimError(
      'UnknownModel',
      `There is no extractor for ${manifest.modality} ${manifest.anatomy}, which ${modelId} makes. Name one with --extractor; installed: ${known}.`,
      { expected: `${manifest.modality} ${manifest.anatomy}`, found: known },
    );
  }
  const [only, ...others] = extractors;
  if (only !== undefined && others.length === 0) return only;
  throw new VerisimError(
    'WrongUse',
    `Name an extractor with --extractor, or the model with --model. Installed extractors: ${known}.`,
    {
      expected: '--extractor ID',
      found: known,
    },
  );
}

/** The result is that of the kind of work. Throws what the work throws, and Cancelled. */
export function runEvaluationThread(
  work: EvaluationWorkerSetup['work'],
  signal: AbortSignal,
  onProgress: (progress: RunProgress) => void,
): Promise<EvaluationThreadResult> {
  signal.throwIfAborted();
  const setup: EvaluationWorkerSetup = { work, stop: new SharedArrayBuffer(4) };
  // Run from source or from the bundle; there the worker lies beside it.
  const file = import.meta.url.endsWith('.ts') ? './evaluate-worker.ts' : './evaluate-worker.js';
  const worker = new Worker(new URL(file, import.meta.url), { workerData: setup });
  const flag = new Int32Array(setup.stop);
  const onAbort = (): void => void Atomics.store(flag, 0, 1);
  signal.addEventListener('abort', onAbort, { once: true });
  return new Promise<EvaluationThreadResult>((resolve, reject) => {
    worker.on('message', (reply: EvaluationWorkerReply) => {
      if (reply.kind === 'result') resolve(reply.result);
      else if (reply.kind === 'failed') reject(deserialiseError(reply.error));
      else onProgress({ done: reply.done, total: reply.total, secondsLeft: null, phase: reply.phase });
    });
    worker.on('error', reject);
    worker.on('exit', (code) =>
      reject(
        new VerisimError('Internal', `The thread of the evaluation ended with exit code ${code}.`, {
          found: String(code),
        }),
      ),
    );
  }).finally(() => signal.removeEventListener('abort', onAbort));
}
