import { randomBytes } from 'node:crypto';
import type { GenerationRequest, RunDetail } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { checkWeights, type ModelPack, verifyPack, weightsInputs, weightsSha256 } from '../engine/packs.ts';
import type { GenerationFacts } from '../engine/generation-facts.ts';
import type { Delivery } from '../log/runs.ts';
import type { Workspace } from './dependencies.ts';
import { checkMemory } from './model-cost.ts';
import { checkInpainting, maskInputs } from './masks.ts';
import { checkSlice } from './studies.ts';
import { versions } from './versions.ts';

/**
 * Puts one cohort into the queue, with `first` before those that wait. Everything that can be known to fail is refused before. Throws UnknownModel, PackInvalid,
 * HashMismatch, UnknownSeries, UnknownImage, InvalidInput, ModelDoesNotFit, NotEnoughMemory.
 */
export async function createGeneration(
  workspace: Workspace,
  request: GenerationRequest,
  {
    delivery = null,
    parent = null,
    first = false,
  }: { delivery?: Delivery | null; parent?: RunDetail | null; first?: boolean | undefined } = {},
): Promise<{ runId: string }> {
  const pack = await checkGeneration(workspace, request);
  if (parent !== null) checkWeights(pack, parent);
  const { id, version, modality, anatomy, image, intensity } = pack.manifest;
  const facts: GenerationFacts = {
    model: { id, version, modality, anatomy, image, intensity, weightsSha256: weightsSha256(pack) },
  };
  const source = parent?.inputs.filter((input) => input.name === 'source') ?? [];
  const runId = newRunId();
  workspace.log.runs.create({
    id: runId,
    kind: 'generation',
    state: 'queued',
    title: titleOf(request, pack),
    modelId: request.modelId,
    seed: request.seed,
    provider: request.provider,
    progress: { done: 0, total: request.count, secondsLeft: null, phase: 'Waiting' },
    parentRunId: parent?.id ?? null,
    parameters: { ...request },
    versions: { ...versions(), model: version },
    inputs: [...weightsInputs(pack), ...maskInputs(workspace, request), ...source],
    result: facts,
    owner: workspace.engineHost === 'in-process' ? workspace.queue.owner : null,
    delivery,
  });
  if (first) workspace.log.runs.putFirst(runId);
  workspace.emit('runs.changed', workspace.log.runs.row(runId));
  workspace.queue.wake();
  return { runId };
}

/** Refuses what can be known to fail. Throws as `createGeneration`. */
export async function checkGeneration(workspace: Workspace, request: GenerationRequest): Promise<ModelPack> {
  const pack = await workspace.packs.find(request.modelId);
  checkRequest(request, pack);
  await verifyPack(pack);
  await checkMemory(workspace, pack, request.provider);
  if (request.source !== null) {
    const series = workspace.log.series.get(request.source.seriesId);
    for (const sliceIndex of request.source.sliceIndices) checkSlice(series, sliceIndex);
  }
  await checkInpainting(workspace, request);
  return pack;
}

/** Sortable by time and short enough to type. */
export function newRunId(): string {
  const time = new Date().toISOString().replace(/[-:]/g, '').slice(0, 15).replace('T', '-');
  return `${time}-${randomBytes(3).toString('hex')}`;
}

function titleOf({ count, classId, source, seed, inpaint }: GenerationRequest, { manifest }: ModelPack): string {
  const name = manifest.conditioning?.classes.find((candidate) => candidate.id === classId)?.name;
  const what = count === 1 ? '1 image' : `${count} images`;
  const start = inpaint !== undefined ? 'inpainting' : source !== null ? 'image to image' : null;
  return [what, manifest.name, name, start, `seed ${seed}`]
    .filter((part) => part !== null && part !== undefined)
    .join(' · ');
}

function checkRequest(request: GenerationRequest, { manifest }: ModelPack): void {
  const { id, conditioning, schedule } = manifest;
  const classes = conditioning?.classes.map((candidate) => candidate.id) ?? [];
  if (request.classId !== null && !classes.includes(request.classId)) {
    const expected = classes.length === 0 ? 'no class' : classes.join(', ');
    throw new VerisimError(
      'InvalidInput',
      `The model ${id} has no class ${request.classId}. Choose one of: ${expected}.`,
      { expected, found: request.classId },
    );
  }
  if (request.steps > schedule.steps) {
    throw new VerisimError(
      'InvalidInput',
      `The model ${id} was trained with ${schedule.steps} timesteps; ${request.steps} steps were asked for. Choose fewer.`,
      { expected: `at most ${schedule.steps}`, found: String(request.steps) },
    );
  }
}
