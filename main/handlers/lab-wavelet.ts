import { createHash } from 'node:crypto';
import type { CallParsed } from '../../preload/contract.ts';
import type { WaveletBand, WaveletView } from '../../preload/lab.ts';
import { VerisimError } from '../../preload/errors.ts';
import { bandEnergies } from '../diffusion/wavelets/band-energy.ts';
import { decompose, type Decomposition, largestLevel, recompose } from '../diffusion/wavelets/multi-level.ts';
import type { Block } from '../diffusion/wavelets/transform.ts';
import { differenceMap } from '../evaluation/difference.ts';
import { toUnitRange } from './align.ts';
import type { Workspace } from './dependencies.ts';
import { cacheImage, loadImage, type LoadedImage } from './images.ts';
import { pyramidOf } from './lab-pyramid.ts';

type Input = CallParsed<'lab.wavelet'>;

/**
 * An image in 0…1 split into wavelet bands, some of them set to zero or all but the largest coefficients dropped, and put together again.
 * Throws InvalidInput where the image is too small for so many levels, and what loading an image throws.
 */
export async function waveletView(
  workspace: Workspace,
  input: Input,
  { signal }: { signal: AbortSignal },
): Promise<WaveletView> {
  const image = await loadImage(workspace, input.image, signal);
  const { width, height } = image;
  const largest = largestLevel(Math.min(width, height), input.wavelet);
  if (input.levels > largest)
    throw new VerisimError(
      'InvalidInput',
      `An image of ${width} × ${height} pixels can be split ${largest} times with ${input.wavelet}, not ${input.levels} times.`,
      { expected: `at most ${largest} levels`, found: `${input.levels}` },
    );
  const original = toUnitRange(image, image.window);
  const block: Block = { shape: [height, width], values: Float64Array.from(original) };
  const whole = decompose(block, input);
  const edited = edit(whole, input);
  const restored = Float32Array.from(recompose(edited).values);
  const difference = differenceMap(original, restored);
  const squares = difference.reduce((sum, value) => sum + value * value, 0);
  const rootMeanSquare = Math.sqrt(squares / difference.length);
  const largestError = difference.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  const id = `wavelet-${createHash('sha256').update(JSON.stringify(input)).digest('hex').slice(0, 24)}`;
  const keep = (name: string, pixels: Float32Array, facts: Partial<LoadedImage>) =>
    cacheImage(workspace, { ...image, window: { centre: 0.5, width: 1 }, ...facts, id: `${id}-${name}`, pixels });
  const pyramid = pyramidOf(edited);
  const span = Math.max(0.02, largestError);
  const all = coefficientsOf(whole);
  const kept = coefficientsOf(edited);
  return {
    largestLevel: largest,
    bands: bandsOf(whole, input.zeroed),
    keptShare: kept.used / all.count,
    energyKept: all.energy === 0 ? 1 : kept.energy / all.energy,
    original: await keep('original', original, { title: image.title }),
    pyramid: await keep('pyramid', pyramid.pixels, { ...pyramid, title: 'Bands' }),
    restored: await keep('restored', restored, { title: 'Put together again' }),
    difference: await keep('difference', difference, {
      title: 'Restored − original',
      window: { centre: 0, width: 2 * span },
    }),
    error: {
      largest: largestError,
      rootMeanSquare,
      psnrDb: rootMeanSquare === 0 ? null : -20 * Math.log10(rootMeanSquare),
    },
  };
}

function edit(whole: Decomposition, { zeroed, keepPercent }: Input): Decomposition {
  const chosen = new Set(zeroed);
  const levels = whole.details.length;
  const empty = (block: Block): Block => ({ ...block, values: new Float64Array(block.values.length) });
  const details = whole.details.map(
    (bands, i) =>
      new Map([...bands].map(([key, band]) => [key, chosen.has(idOf(levels - i, key)) ? empty(band) : band])),
  );
  const approximation = chosen.has(idOf(levels, 'aa')) ? empty(whole.approximation) : whole.approximation;
  if (keepPercent >= 100) return { ...whole, approximation, details };
  const sizes = Float64Array.from(details.flatMap((bands) => [...bands.values()].flatMap(({ values }) => [...values])));
  sizes.forEach((value, i) => (sizes[i] = Math.abs(value)));
  sizes.sort();
  const count = Math.round((keepPercent / 100) * sizes.length);
  const limit = count === 0 ? Infinity : sizes[sizes.length - count]!;
  const cut = (band: Block): Block => ({
    ...band,
    values: band.values.map((value) => (Math.abs(value) >= limit ? value : 0)),
  });
  return {
    ...whole,
    approximation,
    details: details.map((bands) => new Map([...bands].map(([key, band]) => [key, cut(band)]))),
  };
}

const bandTitles: Record<string, string> = {
  aa: 'approximation',
  ad: 'vertical edges (cV)',
  da: 'horizontal edges (cH)',
  dd: 'diagonal (cD)',
};

function bandsOf(whole: Decomposition, zeroed: readonly string[]): WaveletBand[] {
  const levels = whole.details.length;
  return bandEnergies(whole).map(({ level, key, share }) => {
    const block = key === 'aa' ? whole.approximation : whole.details[levels - level]?.get(key);
    return {
      id: idOf(level, key),
      level,
      title: bandTitles[key] ?? key,
      coefficients: block?.values.length ?? 0,
      energyShare: share,
      zeroed: zeroed.includes(idOf(level, key)),
    };
  });
}

function idOf(level: number, key: string): string {
  return `${level}-${key}`;
}

function coefficientsOf({ approximation, details }: Decomposition): { count: number; used: number; energy: number } {
  const found = { count: 0, used: 0, energy: 0 };
  for (const { values } of [approximation, ...details.flatMap((bands) => [...bands.values()])])
    for (const value of values) {
      found.count++;
      if (value !== 0) found.used++;
      found.energy += value * value;
    }
  return found;
}
