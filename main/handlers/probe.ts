import { VerisimError } from '../../preload/errors.ts';
import type { ProbeResult } from '../../preload/usefulness.ts';
import { leaseInference } from '../engine/inference.ts';
import { type ModelPack, weightsInputs } from '../engine/packs.ts';
import type { FeatureRows } from '../evaluation/logistic.ts';
import { groupsOf } from '../evaluation/patient-folds.ts';
import type { Workspace } from './dependencies.ts';
import type { SetImage } from './set-image.ts';
import { runEvaluationThread } from './evaluate.ts';
import { readLabelledImages } from './labelled-images.ts';
import { loggedRun, type LoggedRunContext } from './logged-run.ts';
import { foldersOf, type ResolvedSet } from './measure-sets.ts';
import { chooseImages, stored } from './probe-features.ts';
import { type ProbeMeasured, type ProbeWork, rowsOf } from './probe-work.ts';

export interface ProbeInput {
  /** Real images with classes and patients. */
  data: ResolvedSet;
  modelIds: string[];
  /** Column of manifest.csv. */
  label: string;
  folds: number;
  /** More images than this are not used: the time grows with their square. */
  most: number;
  bootstrap: number;
  seed: number;
}

const grounding = 'Alain and Bengio 2017 (linear probes); Achlioptas 2003 (random projection)';
const limits =
  'A probe tells what can be read off linearly, not what the decoder uses; an AUC above that of the pixels may come from the smaller number of values alone, which is what the pooled and projected pixels show.';

/**
 * Are the latents of a model meaningful: how well a linear classifier tells the classes of real images from the latents of each model,
 * against the pixels, against pixels averaged to as few values, and against random sums of them. Folds keep patients together. Throws
 * UnknownModel, InvalidInput for a model without latents or images without classes, EmptyFolder, Cancelled.
 */
export async function probeLatents(
  workspace: Workspace,
  input: ProbeInput,
  { signal }: { signal: AbortSignal },
): Promise<ProbeResult> {
  const packs = await Promise.all(input.modelIds.map((id) => workspace.packs.find(id)));
  const [first] = packs;
  if (first === undefined) throw new VerisimError('WrongUse', 'Name at least one model.');
  for (const pack of packs) checkPack(pack, first);
  return loggedRun(
    workspace,
    {
      kind: 'probe',
      title: `Probe of the latents of ${input.modelIds.join(', ')}`,
      parameters: { ...input, data: input.data.name, folders: foldersOf([input.data]) },
      inputs: packs.flatMap((pack) => weightsInputs(pack)),
      total: 1,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const result = await probe(packs, input, context);
        return { result, changes: { result, warnings: result.warnings } };
      },
    },
  );
}

async function probe(packs: ModelPack[], input: ProbeInput, context: LoggedRunContext): Promise<ProbeResult> {
  const started = performance.now();
  const { image } = packs[0]!.manifest;
  const report = (phase: string) => (done: number, total: number) => {
    context.signal.throwIfAborted();
    context.report({ done, total, phase });
  };
  const read = await readLabelledImages(input.data.source, {
    ...{ grid: image, column: input.label, what: 'real' },
    onImage: report('Reading the images'),
  });
  const images = chooseImages(read.images, input.most, input.seed);
  const names = [...new Set(images.map(({ label }) => label))].sort();
  const labels = images.map(({ label }) => names.indexOf(label));
  const patients = images.map(({ patient }) => patient);
  const latents: ProbeWork['latents'] = [];
  for (const pack of packs) {
    const { id } = pack.manifest;
    const onImage = report(`Latents of ${id}`);
    latents.push({ modelId: id, features: await latentsOf(pack, images, { signal: context.signal, onImage }) });
  }
  const { folds, bootstrap, seed } = input;
  const work: ProbeWork = {
    kind: 'probe',
    pixels: images.map(({ pixels }) => pixels),
    image: { width: image.width, height: image.height },
    ...{ latents, labels, names, patients, folds, bootstrap, seed },
  };
  const measured = (await runEvaluationThread(work, context.signal, context.report)) as ProbeMeasured;
  const counts = names.map((label) => ({ label, images: images.filter((one) => one.label === label).length }));
  return {
    runId: context.runId,
    data: input.data.name,
    n: { images: images.length, patients: groupsOf(patients).length, classes: counts },
    folds,
    ...measured,
    grounding,
    limits,
    warnings: warningsOf(read, images),
    seconds: (performance.now() - started) / 1000,
  };
}

async function latentsOf(
  pack: ModelPack,
  images: readonly SetImage[],
  { signal, onImage }: { signal: AbortSignal; onImage: (done: number, total: number) => void },
): Promise<FeatureRows> {
  const lease = await leaseInference(signal);
  try {
    await lease.load(pack, { provider: 'cpu', encoder: true });
    const inputs = images.map(({ pixels }) => stored(pixels, pack.manifest));
    return rowsOf(await lease.encode(inputs, { onStep: onImage }));
  } finally {
    lease.release();
  }
}

function checkPack({ manifest }: ModelPack, { manifest: first }: ModelPack): void {
  const { id, family, image } = manifest;
  if (manifest.autoencoder === null)
    throw new VerisimError(
      'InvalidInput',
      `The model ${id} is a ${family} and has no latents: what it denoises is the image itself or its wavelet bands, from which a linear classifier reads the same as from the pixels. Name a model with an autoencoder.`,
      { expected: 'a model of the family ldm or lwdm', found: family },
    );
  if (image.width === first.image.width && image.height === first.image.height && image.channels === 1) return;
  throw new VerisimError(
    'InvalidInput',
    `The model ${id} takes images of ${image.width} × ${image.height} × ${image.channels}; models that are probed together must take the same grey images as ${first.id}, ${first.image.width} × ${first.image.height}.`,
    {
      expected: `${first.image.width} × ${first.image.height} × 1`,
      found: `${image.width} × ${image.height} × ${image.channels}`,
    },
  );
}

function warningsOf(read: { images: SetImage[]; unlabelled: number }, used: SetImage[]): string[] {
  const warnings: string[] = [];
  if (read.unlabelled > 0) warnings.push(`${read.unlabelled} images without a class were left out.`);
  if (used.length < read.images.length)
    warnings.push(`${used.length} of ${read.images.length} images were used, whole patients drawn at random.`);
  const unknown = used.filter(({ patient }) => patient === '').length;
  if (unknown > 0)
    warnings.push(
      `The patient of ${unknown} images is not known; images of one patient may be in several folds and make the AUC too good.`,
    );
  return warnings;
}
