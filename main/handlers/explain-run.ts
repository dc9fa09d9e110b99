import type { CallParsed } from '../../preload/contract.ts';
import type { Explanation, ExplanationMap } from '../../preload/explain.ts';
import { leaseInference, type InferenceLease } from '../engine/inference.ts';
import { slotsPerBatch, type SamplingSettings } from '../engine/generate-batch.ts';
import { weightsInputs } from '../engine/packs.ts';
import type { ImageTrace } from '../engine/trace-image.ts';
import { convergenceOf } from '../evaluation/convergence.ts';
import { meanMap, spreadMap, subtractMap } from '../evaluation/pixel-maps.ts';
import { quantile } from '../evaluation/resampling.ts';
import type { Workspace } from './dependencies.ts';
import { batchImage, brightnessOf, type MadeImage, readMadeImage } from './explain-image.ts';
import { occlusionOf } from './explain-occlusion.ts';
import { planOf, progressOf, type Part } from './explain-progress.ts';
import { mapStore } from './explain-store.ts';
import { type MapKind, noClass, wordsOf } from './explain-texts.ts';
import { describeImage } from './images.ts';
import { loggedRun, type LoggedRunContext } from './logged-run.ts';

type ExplainInput = CallParsed<'explain.run'>;

/**
 * Why one generated image looks as it does: what the network took it for on the way (x̂0) and whether that had settled, how far it
 * depends on the seed, on the class and on the guidance, and what the model does not restore. A run of the log with progress. Throws
 * UnknownRun, UnknownImage, UnknownModel, HashMismatch, ProviderUnavailable, InferenceFailed, Cancelled.
 */
export async function explainImage(
  workspace: Workspace,
  input: ExplainInput,
  { signal }: { signal: AbortSignal },
): Promise<Explanation> {
  const made = await readMadeImage(workspace, input.runId, input.index);
  const { id } = made.pack.manifest;
  return loggedRun(
    workspace,
    {
      kind: 'explanation',
      title: `Explanation of image ${input.index + 1} by ${id}`,
      parameters: { ...input },
      modelId: id,
      provider: made.request.provider,
      inputs: weightsInputs(made.pack),
      parentRunId: input.runId,
      total: 1,
      phase: 'Loading the model',
    },
    {
      signal,
      async work(context) {
        const lease = await leaseInference(context.signal);
        try {
          const result = await explain(workspace, { input, made, lease, context });
          return { result, changes: { result } };
        } finally {
          lease.release();
        }
      },
    },
  );
}

interface Work {
  input: ExplainInput;
  made: MadeImage;
  lease: InferenceLease;
  context: LoggedRunContext;
}

async function explain(workspace: Workspace, { input, made, lease, context }: Work): Promise<Explanation> {
  const started = performance.now();
  const { pack, request, settings, seed } = made;
  const { manifest } = pack;
  await lease.load(pack, { provider: request.provider, encoder: true });
  const image = await describeImage(workspace, { kind: 'output', runId: input.runId, index: input.index }, context);
  const store = mapStore(workspace, context.runId, image);
  const parts = planOf(made, input);
  const progress = progressOf(parts, context);
  const maps: ExplanationMap[] = [];
  const missing: Explanation['missing'] = [];
  const nameOf = (label: number | null): string =>
    label === null ? noClass : (manifest.conditioning?.classes[label]?.name ?? `class ${label}`);
  const own = brightnessOf(made.pixels, manifest);

  const keep = async (kind: MapKind, name: string, pixels: Float32Array, facts: { strength?: number; to?: string }) => {
    const words = wordsOf(kind, {
      members: input.members,
      strength: facts.strength ?? 0,
      from: nameOf(settings.label),
      to: facts.to ?? '',
    });
    const sizes = Float64Array.from(pixels, Math.abs).sort();
    const top = Math.max(quantile(sizes, 0.995), smallestScale);
    const window = words.scale === 'sequential' ? { centre: top / 2, width: top } : { centre: 0, width: 2 * top };
    const described = await store.keep({ name, title: words.title, pixels, window, synthetic: false });
    const mean = sizes.reduce((sum, value) => sum + value, 0) / sizes.length;
    maps.push({ ...words, name, image: described, mean, highest: sizes.at(-1) ?? 0 });
  };

  const trace = await traceOf();
  if (trace !== null) {
    const differences = trace.frames.flatMap(({ contrast }) =>
      contrast === null
        ? []
        : [subtractMap(brightnessOf(contrast.conditional, manifest), brightnessOf(contrast.unconditional, manifest))],
    );
    if (differences.length > 0) await keep('guidance', 'guidance', meanMap(differences), {});
    else missing.push({ title: 'What the class asks for', reason: 'The image was made without a class.' });
  }
  for (const part of parts) {
    if (part.kind === 'spread' || part.kind === 'restoration') {
      const members = await membersOf(part);
      const pixels = part.kind === 'spread' ? spreadMap(members) : subtractMap(own, meanMap(members));
      await keep(part.kind, part.kind, pixels, { strength: part.strength });
    } else if (part.kind === 'source' && made.source !== null && trace !== null) {
      const reference = brightnessOf(trace.pixels, manifest);
      await keep('source', 'source', await occlusionOf({ made, lease, reference, onStep: progress.begin(part) }), {});
    } else if (part.kind === 'class' && trace !== null) {
      const other = await onceWith({ ...settings, label: part.label }, part);
      const difference = subtractMap(other, brightnessOf(trace.pixels, manifest));
      await keep('class', `class-${part.label ?? 'none'}`, difference, { to: nameOf(part.label) });
    }
  }
  if (parts.every(({ kind }) => kind !== 'class') && trace !== null)
    missing.push({ title: 'Another class', reason: 'The model knows no classes.' });

  return {
    runId: context.runId,
    sourceRunId: input.runId,
    index: input.index,
    image,
    reproduction: trace === null ? null : largestDifference(brightnessOf(trace.pixels, manifest), own),
    trajectory: trace === null ? null : await trajectoryOf(trace),
    convergence:
      trace === null
        ? null
        : convergenceOf(trace.changes, {
            sampler: settings.sampler,
            steps: settings.steps,
            trained: manifest.schedule.steps,
          }),
    maps: maps.sort((a, b) => order.indexOf(a.name.split('-')[0]!) - order.indexOf(b.name.split('-')[0]!)),
    missing,
    settings: {
      members: input.members,
      spreadStrength: input.spreadStrength,
      restoreStrength: input.restoreStrength,
    },
    seconds: (performance.now() - started) / 1000,
  };

  async function traceOf(): Promise<ImageTrace | null> {
    const part = parts.find(({ kind }) => kind === 'trace');
    if (part === undefined) {
      const reason = 'The image was inpainted; its steps go back and forth and are not followed.';
      missing.push({ title: 'Trajectory, guidance and class', reason });
      return null;
    }
    const onStep = progress.begin(part);
    const from = batchImage(seed, made.index % slotsPerBatch(manifest, settings), made.source);
    return lease.trace(settings, from, { frames: input.frames, onStep });
  }

  /** Brightness of the image brought back to a noise level and finished with other seeds. */
  async function membersOf(part: Extract<Part, { strength: number }>): Promise<Float32Array[]> {
    const { strength, steps } = part;
    const onStep = progress.begin(part);
    const slots = slotsPerBatch(manifest, settings);
    const found: Float32Array[] = [];
    for (let first = 0; first < input.members; first += slots) {
      const count = Math.min(slots, input.members - first);
      const batch = Array.from({ length: count }, (_, slot) =>
        batchImage(memberSeed(seed, part.kind, first + slot), slot, made.pixels),
      );
      const onBatch = (done: number, total: number): void =>
        onStep(first / slots + done / total, Math.ceil(input.members / slots));
      const { images } = await lease.batch({ ...settings, strength, steps }, batch, { onStep: onBatch });
      found.push(...images.map(({ pixels }) => brightnessOf(pixels, manifest)));
    }
    return found;
  }

  async function onceWith(changed: SamplingSettings, part: Part): Promise<Float32Array> {
    const from = batchImage(seed, made.index % slotsPerBatch(manifest, changed), made.source);
    const { images } = await lease.batch(changed, [from], { onStep: progress.begin(part) });
    return brightnessOf(images[0]?.pixels ?? new Float32Array(0), manifest);
  }

  async function trajectoryOf({ calls, frames, changes, noiseShares }: ImageTrace): Promise<Explanation['trajectory']> {
    const described = [];
    for (const { call, noiseShare, pixels } of frames) {
      const title = `x̂0 at call ${call} of ${calls}`;
      const range = { centre: 50, width: 100 };
      const picture = { name: `frame-${call}`, title, pixels: brightnessOf(pixels, manifest), window: range };
      described.push({ call, noiseShare, image: await store.keep({ ...picture, synthetic: true }) });
    }
    return { calls, frames: described, changes, noiseShares };
  }
}

/** A scale never ends below this percentage: what cannot be seen is not blown up. */
const smallestScale = 0.5;
const order = ['spread', 'restoration', 'guidance', 'source', 'class'];

/** Other seeds than any image of a run nearby, the same ones whenever the image is explained again. */
function memberSeed(seed: number, kind: Part['kind'], member: number): number {
  const start = kind === 'spread' ? 0x9e3779b9 : 0x7f4a7c15;
  return (seed + start + Math.imul(member, 0x85ebca6b)) >>> 0;
}

function largestDifference(one: Float32Array, other: Float32Array): number {
  return one.reduce((most, value, i) => Math.max(most, Math.abs(value - other[i]!)), 0);
}
