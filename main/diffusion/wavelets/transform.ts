import type { ExtensionMode } from './extend.ts';
import { valueAt } from './extend.ts';
import type { WaveletName } from './filters.ts';
import { waveletFilters } from './filters.ts';

/**
 * Discrete wavelet transform along every axis of a row, an image or a volume, with the lengths and extensions of
 * PyWavelets (`dwtn`, `idwtn`): n values give ⌊(n + L − 1) / 2⌋ coefficients with a filter of length L, with
 * periodization ⌈n / 2⌉. Mallat 1989; the extensions: Strang & Nguyen 1997, chapter 8.
 */
export interface Block {
  /** Slowest axis first: [rows, columns], [slices, rows, columns]. */
  shape: readonly number[];
  values: Float64Array;
}

export interface WaveletSettings {
  wavelet: WaveletName;
  mode: ExtensionMode;
}

/** One letter an axis, slowest first: a = low, d = high. Of an image: aa, ad (PyWavelets' cV), da (cH), dd (cD). */
export type BandKey = string;

/** One level along every axis. Throws RangeError where an axis is empty. */
export function split(block: Block, settings: WaveletSettings): Map<BandKey, Block> {
  if (block.shape.some((size) => size < 1))
    throw new RangeError('A wavelet transform needs at least one value an axis.');
  let bands = new Map<BandKey, Block>([['', block]]);
  for (let axis = 0; axis < block.shape.length; axis++) {
    const next = new Map<BandKey, Block>();
    for (const [key, band] of bands) {
      next.set(
        `${key}a`,
        alongAxis(band, axis, (row) => analyse(row, settings, 'analysisLow')),
      );
      next.set(
        `${key}d`,
        alongAxis(band, axis, (row) => analyse(row, settings, 'analysisHigh')),
      );
    }
    bands = next;
  }
  return bands;
}

/** The exact inverse; `shape` is that of the block that was split, which tells odd sizes from even ones. */
export function merge(bands: ReadonlyMap<BandKey, Block>, shape: readonly number[], settings: WaveletSettings): Block {
  let current = new Map(bands);
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    const next = new Map<BandKey, Block>();
    for (const [key, low] of current) {
      if (!key.endsWith('a')) continue;
      const stem = key.slice(0, -1);
      const high = current.get(`${stem}d`) ?? low;
      next.set(stem, joinAxis({ low, high, axis, size: shape[axis] ?? 1 }, settings));
    }
    current = next;
  }
  return current.get('') ?? { shape, values: new Float64Array(0) };
}

function analyse(
  row: Float64Array,
  { wavelet, mode }: WaveletSettings,
  side: 'analysisLow' | 'analysisHigh',
): Float64Array {
  const filter = waveletFilters[wavelet][side];
  const periodized = mode === 'periodization';
  const count = periodized ? Math.ceil(row.length / 2) : Math.floor((row.length + filter.length - 1) / 2);
  const start = periodized ? filter.length / 2 : 1;
  return Float64Array.from({ length: count }, (_, k) =>
    filter.reduce((sum, weight, j) => sum + weight * valueAt(row, 2 * k + start - j, mode), 0),
  );
}

function synthesise(
  low: Float64Array,
  high: Float64Array,
  size: number,
  { wavelet, mode }: WaveletSettings,
): Float64Array {
  const { synthesisLow, synthesisHigh } = waveletFilters[wavelet];
  const length = synthesisLow.length;
  const periodized = mode === 'periodization';
  const shift = periodized ? length / 2 - 1 : length - 2;
  const whole = 2 * low.length;
  const row = new Float64Array(size);
  for (let k = 0; k < low.length; k++) {
    for (let j = 0; j < length; j++) {
      const place = 2 * k + j - shift;
      const at = periodized ? ((place % whole) + whole) % whole : place;
      if (at < 0 || at >= size) continue;
      row[at] = (row[at] ?? 0) + (low[k] ?? 0) * (synthesisLow[j] ?? 0) + (high[k] ?? 0) * (synthesisHigh[j] ?? 0);
    }
  }
  return row;
}

function alongAxis({ shape, values }: Block, axis: number, change: (row: Float64Array) => Float64Array): Block {
  const size = shape[axis] ?? 1;
  const stride = product(shape.slice(axis + 1));
  const outer = product(shape.slice(0, axis));
  const row = new Float64Array(size);
  let result: Block | null = null;
  for (let block = 0; block < outer; block++) {
    for (let offset = 0; offset < stride; offset++) {
      for (let i = 0; i < size; i++) row[i] = values[(block * size + i) * stride + offset] ?? 0;
      const changed = change(row);
      result ??= empty(shape, axis, changed.length);
      for (let i = 0; i < changed.length; i++) {
        result.values[(block * changed.length + i) * stride + offset] = changed[i] ?? 0;
      }
    }
  }
  return result ?? { shape, values };
}

function joinAxis(
  { low, high, axis, size }: { low: Block; high: Block; axis: number; size: number },
  settings: WaveletSettings,
): Block {
  const half = low.shape[axis] ?? 1;
  const stride = product(low.shape.slice(axis + 1));
  const outer = product(low.shape.slice(0, axis));
  const result = empty(low.shape, axis, size);
  const rows = [new Float64Array(half), new Float64Array(half)] as const;
  for (let block = 0; block < outer; block++) {
    for (let offset = 0; offset < stride; offset++) {
      for (let i = 0; i < half; i++) {
        const at = (block * half + i) * stride + offset;
        rows[0][i] = low.values[at] ?? 0;
        rows[1][i] = high.values[at] ?? 0;
      }
      const row = synthesise(rows[0], rows[1], size, settings);
      for (let i = 0; i < size; i++) result.values[(block * size + i) * stride + offset] = row[i] ?? 0;
    }
  }
  return result;
}

function empty(shape: readonly number[], axis: number, size: number): Block {
  const changed = shape.map((value, i) => (i === axis ? size : value));
  return { shape: changed, values: new Float64Array(product(changed)) };
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((all, size) => all * size, 1);
}
