import type { WaveletName } from './filters.ts';
import { waveletFilters } from './filters.ts';
import type { BandKey, Block, WaveletSettings } from './transform.ts';
import { merge, split } from './transform.ts';

/** What `levels` splits of the low band leave (PyWavelets' `wavedecn`). */
export interface Decomposition extends WaveletSettings {
  approximation: Block;
  /** The other bands of each level, coarsest level first. */
  details: ReadonlyMap<BandKey, Block>[];
  /** The shape that each level came from, coarsest level first. */
  shapes: (readonly number[])[];
}

/** How often a row can be split before its filter is longer than what is left; 0 for a row shorter than the filter. */
export function largestLevel(size: number, wavelet: WaveletName): number {
  const length = waveletFilters[wavelet].analysisLow.length;
  return size < length - 1 ? 0 : Math.max(0, Math.floor(Math.log2(size / (length - 1))));
}

export function decompose(block: Block, { levels, ...settings }: WaveletSettings & { levels: number }): Decomposition {
  let approximation = block;
  const details: Map<BandKey, Block>[] = [];
  const shapes: (readonly number[])[] = [];
  const lowest = 'a'.repeat(block.shape.length);
  for (let level = 0; level < levels; level++) {
    const bands = split(approximation, settings);
    shapes.unshift(approximation.shape);
    approximation = bands.get(lowest) ?? approximation;
    bands.delete(lowest);
    details.unshift(bands);
  }
  return { ...settings, approximation, details, shapes };
}

/** The exact inverse. */
export function recompose({ approximation, details, shapes, ...settings }: Decomposition): Block {
  const lowest = 'a'.repeat(approximation.shape.length);
  return details.reduce(
    (low, bands, i) => merge(new Map([...bands, [lowest, low]]), shapes[i] ?? low.shape, settings),
    approximation,
  );
}

/** Every band split again at every level; a path joins the keys of the levels with dots, coarsest last: "aa.da". */
export interface WaveletPacket extends WaveletSettings {
  bands: ReadonlyMap<string, Block>;
  /** The shapes before each level of a band, finest first; the same for all bands of a level. */
  shapes: (readonly number[])[];
}

export function packet(block: Block, { levels, ...settings }: WaveletSettings & { levels: number }): WaveletPacket {
  let bands = new Map<string, Block>([['', block]]);
  const shapes: (readonly number[])[] = [];
  for (let level = 0; level < levels; level++) {
    shapes.push(bands.values().next().value?.shape ?? block.shape);
    bands = new Map(
      [...bands].flatMap(([path, band]) =>
        [...split(band, settings)].map(([key, part]): [string, Block] => [path === '' ? key : `${path}.${key}`, part]),
      ),
    );
  }
  return { ...settings, bands, shapes };
}

/** The exact inverse. */
export function recomposePacket({ bands, shapes, ...settings }: WaveletPacket): Block {
  let current = new Map(bands);
  for (const shape of shapes.toReversed()) {
    const parents = new Map<string, Map<BandKey, Block>>();
    for (const [path, band] of current) {
      const cut = path.lastIndexOf('.');
      const parent = cut < 0 ? '' : path.slice(0, cut);
      const siblings = parents.get(parent) ?? new Map<BandKey, Block>();
      parents.set(parent, siblings.set(path.slice(cut + 1), band));
    }
    current = new Map([...parents].map(([path, siblings]) => [path, merge(siblings, shape, settings)]));
  }
  return current.get('') ?? { shape: [], values: new Float64Array(0) };
}
