import { VerisimError } from '../../preload/errors.ts';
import type { ProbeResult, ProbeRow } from '../../preload/usefulness.ts';
import { leaseInference } from '../engine/inference.ts';
import { type ModelPack, weightsInputs } from '../engine/packs.ts';
import { classAucs, type ClassScores, macroAuc } from '../evaluation/class-auc.ts';
import type { FeatureRows } from '../evaluation/logistic.ts';
import { groupsOf } from '../evaluation/patient-folds.ts';
import { inSpan, probeScores } from '../evaluation/probe.ts';
import type { Workspace } from './dependencies.ts';
import type { SetImage } from './evaluate-images.ts';
import { readLabelledImages } from './labelled-images.ts';
import { loggedRun, type LoggedRunContext } from './logged-run.ts';
import { percentReporter } from './percent-progress.ts';
import { chooseImages, pooled, randomProjection, stored } from './probe-features.ts';

export interface ProbeInput {
  /** Real images with classes and patients. */
  data: string;
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
      parameters: { ...input },
      inputs: packs.flatMap((pack) => weightsInputs(pack)),
      total: 100,
      phase: 'Reading the images',
    },
    {
      signal,
      async work(context) {
        const result = await probe(packs, input, context);
        return { result, changes: { result } };
      },
    },
  );
}

async function probe(packs: ModelPack[], input: ProbeInput, context: LoggedRunContext): Promise<ProbeResult> {
  const started = performance.now();
  const { manifest } = packs[0]!;
  const { image } = manifest;
  const report = percentReporter(context);
  const read = await readLabelledImages(input.data, {
    grid: image,
    column: input.label,
    onImage: report('Reading the images', 0, 10),
  });
  const images = chooseImages(read.images, input.most, input.seed);
  const names = [...new Set(images.map(({ label }) => label))].sort();
  const labels = images.map(({ label }) => names.indexOf(label));
  const patients = images.map(({ patient }) => patient);
  const sources: (Pick<ProbeRow, 'kind' | 'title' | 'modelId'> & { features: FeatureRows })[] = [
    { kind: 'pixels', title: 'Pixels', modelId: null, features: rowsOf(images.map(({ pixels }) => pixels)) },
  ];
  for (const pack of packs) {
    const { id } = pack.manifest;
    const features = await latentsOf(pack, images, {
      signal: context.signal,
      onImage: report(`Latents of ${id}`, 10, 40),
    });
    sources.push({ kind: 'latents', title: `Latents of ${id}`, modelId: id, features });
  }
  const { dimension } = sources[1]!.features;
  const pixels = images.map(({ pixels: own }) => own);
  const few = pooled(pixels, image, dimension);
  sources.push({ kind: 'pooled', title: `Pixels averaged to ${few.dimension} values`, modelId: null, features: few });
  const projected = randomProjection(pixels, { dimension, seed: input.seed });
  sources.push({ kind: 'projected', title: 'Random sums of pixels', modelId: null, features: projected });

  const scored: ClassScores[] = [];
  for (const [i, { title, features }] of sources.entries()) {
    const at = 40 + (i * 55) / sources.length;
    const onRow = report(`Inner products: ${title}`, at, at + 20 / sources.length);
    const span = inSpan(features, (row) => onRow(row, features.count));
    let fits = 0;
    const onFit = report(`Probing: ${title}`, at + 20 / sources.length, at + 55 / sources.length);
    const expected = input.folds * 16 * (names.length === 2 ? 1 : names.length);
    const scores = probeScores(span, {
      ...{ labels, patients, classes: names.length, folds: input.folds, seed: input.seed },
      onFit: () => onFit(Math.min(++fits, expected), expected),
    });
    scored.push({ scores, classes: names.length, labels, patients });
    // Lets a wish to cancel come in.
    await new Promise((resolve) => setImmediate(resolve));
    context.signal.throwIfAborted();
  }
  const [ofPixels] = scored;
  const rows = sources.map(({ features, ...row }, i): ProbeRow => {
    const own = scored[i]!;
    const others = i === 0 ? [] : [ofPixels!];
    const { auc, differences } = macroAuc(own, { repeats: input.bootstrap, seed: input.seed, others });
    const classAuc = classAucs(own).map((value, label) => ({ label: names[label]!, auc: value }));
    return { ...row, dimension: features.dimension, auc, classAuc, againstPixels: differences[0] ?? null };
  });
  const counts = names.map((label) => ({ label, images: images.filter((one) => one.label === label).length }));
  return {
    runId: context.runId,
    n: { images: images.length, patients: groupsOf(patients).length, classes: counts },
    folds: input.folds,
    rows,
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
    warnings.push(
      `${used.length} of ${read.images.length} images were used, whole patients drawn at random; --most takes more.`,
    );
  const unknown = used.filter(({ patient }) => patient === '').length;
  if (unknown > 0)
    warnings.push(
      `The patient of ${unknown} images is not known; images of one patient may be in several folds and make the AUC too good.`,
    );
  return warnings;
}

function rowsOf(images: readonly ArrayLike<number>[]): FeatureRows {
  const dimension = images[0]?.length ?? 0;
  const values = new Float64Array(images.length * dimension);
  images.forEach((image, row) => values.set(image, row * dimension));
  return { values, count: images.length, dimension };
}
