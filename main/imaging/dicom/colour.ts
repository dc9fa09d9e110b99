import type { DataSet } from 'dicom-parser';
import { readUint16 } from './element-values.ts';
import type { PixelFormat } from './header.ts';
import type { StoredValues } from './stored-values.ts';

/** Three tables from stored value to 8 bits; `first` is the stored value that maps to entry 0. */
export interface Palette {
  first: number;
  tables: readonly [Uint8Array, Uint8Array, Uint8Array];
}

/** RGB, three bytes for a pixel, from any colour frame (PS3.3 C.7.6.3.1.2). More than 8 bits are reduced to the top 8. */
export function toRgb(values: StoredValues, format: PixelFormat): Uint8Array {
  const pixels = format.rows * format.columns;
  const shift = Math.max(0, format.bitsStored - 8);
  const plane = format.planar ? pixels : 1;
  const step = format.planar ? 1 : 3;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    for (let sample = 0; sample < 3; sample++) rgb[3 * i + sample] = (values[i * step + sample * plane] ?? 0) >>> shift;
  }
  if (format.photometric === 'YBR_FULL') ybrToRgb(rgb, fullRange);
  if (format.photometric === 'YBR_PARTIAL_422') ybrToRgb(rgb, partialRange);
  return rgb;
}

/** 4:2:2: Y1 Y2 Cb Cr for two pixels of a row. */
export function expand422(bytes: Uint8Array, pixels: number): Uint8Array {
  const ybr = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const pairStart = (i >> 1) * 4;
    ybr[3 * i] = bytes[pairStart + (i & 1)] ?? 0;
    ybr[3 * i + 1] = bytes[pairStart + 2] ?? 0;
    ybr[3 * i + 2] = bytes[pairStart + 3] ?? 0;
  }
  return ybr;
}

/** Weights of luma and chroma, inverse to the equations of PS3.3 C.7.6.3.1.2 (ITU-R BT.601). */
interface YbrRange {
  black: number;
  luma: number;
  redOfCr: number;
  greenOfCb: number;
  greenOfCr: number;
  blueOfCb: number;
}
const fullRange: YbrRange = {
  black: 0,
  luma: 1,
  redOfCr: 1.402,
  greenOfCb: 0.344136,
  greenOfCr: 0.714136,
  blueOfCb: 1.772,
};
/** Black at 16 and white at 235. */
const partialRange: YbrRange = {
  black: 16,
  luma: 1.1644,
  redOfCr: 1.596,
  greenOfCb: 0.3917,
  greenOfCr: 0.813,
  blueOfCb: 2.0173,
};

/** In place. */
function ybrToRgb(pixels: Uint8Array, range: YbrRange): void {
  for (let i = 0; i < pixels.length; i += 3) {
    const y = ((pixels[i] ?? 0) - range.black) * range.luma;
    const cb = (pixels[i + 1] ?? 0) - 128;
    const cr = (pixels[i + 2] ?? 0) - 128;
    pixels[i] = clampByte(y + range.redOfCr * cr);
    pixels[i + 1] = clampByte(y - range.greenOfCb * cb - range.greenOfCr * cr);
    pixels[i + 2] = clampByte(y + range.blueOfCb * cb);
  }
}

/** Red, Green, Blue Palette Color Lookup Table Data (PS3.3 C.7.6.3.1.5, .6), segmented (C.7.9.2) ones expanded. */
export function readPalette(dataSet: DataSet, signed: boolean): Palette | null {
  const tables = ['x00281201', 'x00281202', 'x00281203'].map((tag, channel) => readTable(dataSet, tag, channel));
  const [red, green, blue] = tables;
  if (!red || !green || !blue) return null;
  const first = (signed ? dataSet.int16('x00281101', 1) : dataSet.uint16('x00281101', 1)) ?? 0;
  return { first, tables: [red, green, blue] };
}

export function applyPalette(values: StoredValues, palette: Palette): Uint8Array {
  const rgb = new Uint8Array(values.length * 3);
  palette.tables.forEach((table, channel) => {
    for (let i = 0; i < values.length; i++) {
      const entry = Math.min(Math.max((values[i] ?? 0) - palette.first, 0), table.length - 1);
      rgb[3 * i + channel] = table[entry] ?? 0;
    }
  });
  return rgb;
}

function readTable(dataSet: DataSet, tag: string, channel: number): Uint8Array | null {
  const element = dataSet.elements[tag];
  const descriptor = `x0028110${channel + 1}`;
  if (dataSet.elements[descriptor] === undefined) return null;
  const entries = (readUint16(dataSet, descriptor) ?? 0) || 65536;
  const bits = dataSet.uint16(descriptor, 2) ?? 16;
  if (element === undefined) return readSegmentedTable(dataSet, `x0028122${channel + 1}`, entries);
  // 8-bit tables are packed in bytes; some writers still use a word for each entry.
  if (bits === 8 && element.length < entries * 2) {
    return dataSet.byteArray.slice(element.dataOffset, element.dataOffset + entries);
  }
  const words = Uint16Array.from(
    { length: Math.min(entries, element.length / 2) },
    (_, i) => dataSet.uint16(tag, i) ?? 0,
  );
  return toBytes(words);
}

/** Segments: 0 = so many values, 1 = a line to a value in so many steps, 2 = earlier segments again. */
function readSegmentedTable(dataSet: DataSet, tag: string, entries: number): Uint8Array | null {
  const element = dataSet.elements[tag];
  if (element === undefined) return null;
  const words = Array.from({ length: element.length / 2 }, (_, i) => dataSet.uint16(tag, i) ?? 0);
  const table: number[] = [];
  const expand = (from: number, most: number): void => {
    for (let at = from, segment = 0; at + 1 < words.length && segment < most && table.length < entries; segment++) {
      const [kind = 0, count = 0] = words.slice(at, at + 2);
      if (kind === 0) table.push(...words.slice(at + 2, at + 2 + count));
      const start = table.at(-1) ?? 0;
      const end = words[at + 2] ?? 0;
      for (let i = 1; kind === 1 && i <= count; i++) table.push(Math.round(start + ((end - start) * i) / count));
      const target = (end + (words[at + 3] ?? 0) * 65536) / 2;
      if (kind === 2 && target < at) expand(target, count);
      if (kind > 2) return;
      at += kind === 0 ? 2 + count : kind === 1 ? 3 : 4;
    }
  };
  expand(0, Infinity);
  return table.length < entries ? null : toBytes(Uint16Array.from(table.slice(0, entries)));
}

function toBytes(words: Uint16Array): Uint8Array {
  const isEightBit = words.every((word) => word < 256);
  return Uint8Array.from(words, (word) => (isEightBit ? word : word >> 8));
}

function clampByte(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
}
