import { type FileHandle, open, readFile, rm, writeFile } from 'node:fs/promises';
import type { StripHistory } from '../engine/generate-block.ts';
import type { Rectangle, RegionBlock } from '../diffusion/region-blocks.ts';

/**
 * What finished blocks hand on to their neighbours: the strip at the right edge of the last block, and in a file for each of two rows of
 * blocks the strips at their lower edges, so that memory does not follow from the width of the region. All of it is on disk, so that a
 * killed job goes on with the block after the last one that was kept.
 */
export interface Strips {
  known(block: RegionBlock): Promise<StripHistory[]>;
  wanted(block: RegionBlock): Rectangle[];
  keep(block: RegionBlock, strips: StripHistory[]): Promise<void>;
  /** The files stay. */
  close(): Promise<void>;
}

interface StripSettings {
  width: number;
  depth: number;
  channels: number;
  steps: number;
  /** The last block that an earlier process kept, where the files of that one are gone on with. */
  last: RegionBlock | null;
}

export async function openStrips(
  file: string,
  { width, depth, channels, steps, last }: StripSettings,
): Promise<Strips> {
  const handles: FileHandle[] = [];
  for (const one of rowFiles(file)) handles.push(await open(one, last === null ? 'w+' : 'r+'));
  const wanted = ({ inner }: RegionBlock): Rectangle[] => [
    { ...inner, y: inner.y + Math.max(0, inner.height - depth), height: Math.min(depth, inner.height) },
    { ...inner, x: inner.x + Math.max(0, inner.width - depth), width: Math.min(depth, inner.width) },
  ];
  let left = last === null ? null : { ...last, strip: await rightStrip(last) };
  const bytesAt = (step: number, y: number, x: number): number => ((step * depth + y) * width + x) * channels * 4;
  const rowsOf = (row: number): FileHandle | undefined => handles[row % 2];

  async function rightStrip(block: RegionBlock): Promise<StripHistory | null> {
    const place = wanted(block)[1];
    const bytes = Uint8Array.from(await readFile(columnFiles(file)[block.column % 2] ?? ''));
    return place === undefined ? null : { place, values: new Float32Array(bytes.buffer) };
  }

  async function above({ row, region, inner }: RegionBlock): Promise<StripHistory | null> {
    const handle = rowsOf(row + 1);
    const height = inner.y - region.y;
    if (row === 0 || height <= 0 || handle === undefined) return null;
    const used = Math.min(depth, height);
    const place = { x: region.x, y: inner.y - used, width: region.width, height: used };
    const values = new Float32Array(steps * used * region.width * channels);
    const bytes = Buffer.from(values.buffer);
    const length = region.width * channels * 4;
    for (let step = 0; step < steps; step++) {
      for (let y = 0; y < used; y++) {
        const at = (step * used + y) * length;
        await handle.read(bytes, at, length, bytesAt(step, depth - used + y, region.x));
      }
    }
    return { place, values };
  }

  return {
    async known(block) {
      const top = await above(block);
      const beside = left !== null && left.row === block.row && left.column === block.column - 1 ? left.strip : null;
      return [top, beside].filter((strip) => strip !== null);
    },
    wanted,
    async keep({ row, column, inner, region }, [bottom, right]) {
      if (right !== undefined) {
        left = { row, column, inner, region, strip: right };
        // In turns, so that the strip of the block before is there until this one is wholly kept.
        await writeFile(columnFiles(file)[column % 2] ?? '', bytesOf(right.values));
      }
      const handle = rowsOf(row);
      if (bottom === undefined || handle === undefined) return;
      const { place, values } = bottom;
      const bytes = bytesOf(values);
      const length = place.width * channels * 4;
      for (let step = 0; step < steps; step++) {
        for (let y = 0; y < place.height; y++) {
          const at = (step * place.height + y) * length;
          await handle.write(bytes, at, length, bytesAt(step, depth - place.height + y, place.x));
        }
      }
    },
    async close() {
      for (const handle of handles) await handle.close();
    },
  };
}

export async function removeStrips(file: string): Promise<void> {
  for (const one of [...rowFiles(file), ...columnFiles(file)]) await rm(one, { force: true });
}

function bytesOf({ buffer, byteOffset, byteLength }: Float32Array<ArrayBuffer>): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function rowFiles(file: string): string[] {
  return [`${file}.row-0`, `${file}.row-1`];
}

function columnFiles(file: string): string[] {
  return [`${file}.column-0`, `${file}.column-1`];
}
