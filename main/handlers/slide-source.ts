import { createHash } from 'node:crypto';
import { open } from 'node:fs/promises';
import type { Rectangle } from '../diffusion/region-blocks.ts';
import type { BlockSource } from '../engine/block-source.ts';
import { openSlide } from '../imaging/slide/open.ts';
import { readWindow } from '../imaging/slide/resample.ts';
import type { Slide } from '../imaging/slide/slide.ts';

/** The part of a slide that a synthetic one is made from. */
export interface SlideSource extends Rectangle {
  /** `x`, `y`, `width`, `height` are pixels of its level 0. */
  path: string;
  /** A variant of the part, or its fine detail made anew from its low-pass picture. */
  use: 'variant' | 'detail';
  /** Of a variant: 0 keeps the part, 1 leaves nothing of it. */
  strength: number;
}

export interface OpenSource {
  slide: Slide;
  /** `region` in positions of the latent of the whole, each `factor` pixels wide. Throws what reading a tile throws. */
  read(region: Rectangle): Promise<BlockSource>;
  close(): Promise<void>;
}

/**
 * Reads only what a block needs. Detail sees one value for each square of `cell` pixels, the mean of its pixels: the low-pass band; null =
 * a square for each position of the latent. Throws what opening a slide throws.
 */
export async function openSource(
  source: SlideSource,
  { width, height, factor, cell: wanted }: { width: number; height: number; factor: number; cell: number | null },
): Promise<OpenSource> {
  const slide = await openSlide(source.path);
  const [across, down] = [source.width / width, source.height / height];
  const cell = source.use === 'detail' ? (wanted ?? factor) : 1;
  return {
    slide,
    async read(region) {
      const pixels = { width: region.width * factor, height: region.height * factor };
      const { rgb } = await readWindow(slide, {
        x: source.x + region.x * factor * across,
        y: source.y + region.y * factor * down,
        width: pixels.width * across,
        height: pixels.height * down,
        columns: pixels.width / cell,
        rows: pixels.height / cell,
      });
      return { values: planes(rgb, pixels, cell), use: useOf(source, cell) };
    },
    close: () => slide.close(),
  };
}

/** SHA-256 of size and first mebibyte: gigabytes are not hashed for a log entry; empty where the file cannot be read. */
export async function headHash(file: string): Promise<string> {
  const hash = createHash('sha256');
  try {
    const handle = await open(file, 'r');
    try {
      const { size } = await handle.stat();
      const bytes = Buffer.alloc(Math.min(size, 1 << 20));
      await handle.read(bytes, 0, bytes.length, 0);
      hash.update(`${size}`).update(bytes);
    } finally {
      await handle.close();
    }
  } catch {
    // What cannot be read says so when it is opened.
    return '';
  }
  return hash.digest('hex');
}

function useOf({ use, strength }: SlideSource, cell: number): BlockSource['use'] {
  return use === 'variant' ? { kind: 'variant', strength } : { kind: 'detail', cell };
}

/** RGB, interleaved, each pixel `cell` wide → [3, height, width]. */
function planes(
  rgb: Uint8Array,
  { width, height }: { width: number; height: number },
  cell: number,
): Float32Array<ArrayBuffer> {
  const values = new Float32Array(3 * width * height);
  const columns = width / cell;
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / cell) * columns + Math.floor(x / cell)) * 3;
      for (let c = 0; c < 3; c++) values[(c * height + y) * width + x] = rgb[from + c] ?? 0;
    }
  }
  return values;
}
