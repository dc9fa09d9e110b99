import type { CallParsed } from '../../preload/contract.ts';
import type { ImageReference } from '../../preload/domain.ts';
import type { Interpolation, Reconstruction } from '../../preload/lab.ts';
import { VerisimError } from '../../preload/errors.ts';
import { leaseInference } from '../engine/inference.ts';
import type { ModelPack } from '../engine/packs.ts';
import { differenceMap } from '../evaluation/difference.ts';
import { gradientDeviation } from '../evaluation/gradient-similarity.ts';
import { meanAbsoluteError, psnr, ssim } from '../evaluation/similarity.ts';
import { fitToGrid } from '../imaging/resample.ts';
import { toUnitRange } from './align.ts';
import type { Workspace } from './dependencies.ts';
import { cacheImage, loadImage, type LoadedImage } from './images.ts';

type Context = { signal: AbortSignal };
const unitWindow = { centre: 0.5, width: 1 };

/**
 * An image through the autoencoder of a model: what comes back, where it differs and by how much. Throws UnknownModel, InvalidInput for a
 * model without an autoencoder, and what loading images and networks throws.
 */
export async function reconstruct(
  workspace: Workspace,
  { modelId, image: reference }: CallParsed<'lab.reconstruct'>,
  { signal }: Context,
): Promise<Reconstruction> {
  const pack = await latentPack(workspace, modelId);
  const image = await loadImage(workspace, reference, signal);
  const { width, height } = pack.manifest.image;
  const seen = asSeen(image, pack);
  const { latent, decoded } = await withModel(pack, signal, async (lease) => {
    const [found = new Float64Array(0)] = await lease.encode([seen], { onStep: () => undefined });
    const [back = seen] = await lease.decode([found], { onStep: () => undefined });
    return { latent: found, decoded: back };
  });
  const [original, restored] = [unit(seen, pack), unit(decoded, pack)];
  const difference = differenceMap(original, restored);
  const pair = { left: original, right: restored, width, height };
  const id = `latent-${modelId}-${image.id}`;
  const base = { ...image, ...{ width, height }, window: unitWindow, spacingMm: [1, 1] as const };
  const keep = (name: string, pixels: Float32Array, facts: Partial<LoadedImage>) =>
    cacheImage(workspace, { ...base, ...facts, id: `${id}-${name}`, pixels });
  const largest = Math.max(0.02, ...difference.map(Math.abs));
  const psnrDb = psnr(original, restored);
  return {
    modelId,
    original: await keep('original', original, { title: 'As the model sees it' }),
    restored: await keep('restored', restored, { title: 'Encoded and decoded', synthetic: true }),
    difference: await keep('difference', difference, {
      title: 'Decoded − original',
      window: { centre: 0, width: 2 * largest },
    }),
    latents: await Promise.all(
      channelsOf(latent, pack).map(({ pixels, ...size }, channel) =>
        keep(`channel-${channel}`, pixels, {
          ...size,
          title: `Latent channel ${channel + 1}`,
          window: { centre: 0, width: 2 * Math.max(1e-6, ...pixels.map(Math.abs)) },
          synthetic: true,
        }),
      ),
    ),
    compression: original.length / latent.length,
    psnrDb: Number.isFinite(psnrDb) ? psnrDb : null,
    ssim: ssim(pair),
    meanAbsoluteError: meanAbsoluteError(original, restored),
    gradientDeviation: gradientDeviation(original, restored, { width, height }),
  };
}

/** Images decoded on the great circle from the latents of one image to those of another. Throws as `reconstruct`. */
export async function interpolate(
  workspace: Workspace,
  { modelId, left, right, frames }: CallParsed<'lab.interpolate'>,
  { signal }: Context,
): Promise<Interpolation> {
  const pack = await latentPack(workspace, modelId);
  const ends = [await loadImage(workspace, left, signal), await loadImage(workspace, right, signal)] as const;
  const { width, height } = pack.manifest.image;
  const shares = Array.from({ length: frames }, (_, place) => place / (frames - 1));
  const images = await withModel(pack, signal, async (lease) => {
    const [a, b] = (await lease.encode(
      ends.map((image) => asSeen(image, pack)),
      { onStep: () => undefined },
    )) as [Float64Array, Float64Array];
    return lease.decode(
      shares.map((share) => between(a, b, share)),
      { onStep: () => undefined },
    );
  });
  const described = shares.map(async (share, place) => ({
    share,
    image: await cacheImage(workspace, {
      ...{ width, height, spacingMm: [1, 1] as const, window: unitWindow, synthetic: true },
      id: `between-${modelId}-${nameOf(left)}-${nameOf(right)}-${frames}-${place}`,
      pixels: unit(images[place] ?? new Float32Array(width * height), pack),
      title: `${Math.round(share * 100)} % of the way`,
    }),
  }));
  return { modelId, frames: await Promise.all(described) };
}

/** Spherical between two vectors (Shoemake 1985), which keeps their length; linear where they point the same way. */
export function between(a: Float64Array, b: Float64Array, share: number): Float64Array {
  let [product, aSquare, bSquare] = [0, 0, 0];
  for (let k = 0; k < a.length; k++) {
    product += a[k]! * b[k]!;
    aSquare += a[k]! ** 2;
    bSquare += b[k]! ** 2;
  }
  const angle = Math.acos(Math.min(1, Math.max(-1, product / (Math.sqrt(aSquare * bSquare) || 1))));
  const sine = Math.sin(angle);
  const [first, second] =
    sine < 1e-6 ? [1 - share, share] : [Math.sin((1 - share) * angle) / sine, Math.sin(share * angle) / sine];
  return a.map((value, k) => first * value + second * b[k]!);
}

async function latentPack({ packs }: Workspace, modelId: string): Promise<ModelPack> {
  const pack = await packs.find(modelId);
  const { family, autoencoder, image } = pack.manifest;
  if (autoencoder !== null && image.channels === 1) return pack;
  throw new VerisimError(
    'InvalidInput',
    autoencoder === null
      ? `The model ${modelId} is a ${family} and has no latents: it works on the image itself or on its wavelet bands. Choose one with an autoencoder.`
      : `The model ${modelId} makes colour images; latents are shown for grey ones.`,
    { expected: 'a grey model of the family ldm or lwdm', found: `${family}, ${image.channels} channels` },
  );
}

async function withModel<Value>(
  pack: ModelPack,
  signal: AbortSignal,
  work: (lease: Awaited<ReturnType<typeof leaseInference>>) => Promise<Value>,
): Promise<Value> {
  const lease = await leaseInference(signal);
  try {
    await lease.load(pack, { provider: 'cpu', encoder: true });
    return await work(lease);
  } finally {
    lease.release();
  }
}

/** On the grid of the model, through the image's own window, in stored units. */
function asSeen(image: LoadedImage, { manifest }: ModelPack): Float32Array {
  const { width, height } = manifest.image;
  const { storedMin, storedMax } = manifest.intensity;
  return fitToGrid(image, { width, height, window: image.window, storedMin, storedMax });
}

function unit(stored: Float32Array, { manifest: { intensity } }: ModelPack): Float32Array {
  const { storedMin, storedMax } = intensity;
  return toUnitRange(
    { pixels: stored, width: stored.length, height: 1, spacingMm: [1, 1] },
    { centre: (storedMin + storedMax) / 2, width: storedMax - storedMin },
  );
}

/** The latent's channels, as many as the autoencoder names; its side follows. */
function channelsOf(
  latent: Float64Array,
  { manifest }: ModelPack,
): { pixels: Float32Array; width: number; height: number }[] {
  const factor = manifest.autoencoder?.factor ?? 1;
  const [width, height] = [manifest.image.width / factor, manifest.image.height / factor];
  const size = width * height;
  return Array.from({ length: Math.floor(latent.length / size) }, (_, channel) => ({
    ...{ width, height },
    pixels: Float32Array.from(latent.subarray(channel * size, (channel + 1) * size)),
  }));
}

function nameOf(reference: ImageReference): string {
  return reference.kind === 'slice'
    ? `${reference.seriesId}.${reference.sliceIndex}`
    : `${reference.runId}.${reference.index}.${reference.kind}`;
}
