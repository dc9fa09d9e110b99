import { type FileHandle, open, rm } from 'node:fs/promises';
import type { StripHistory } from '../engine/generate-block.ts';
import type { Rectangle, RegionBlock } from '../diffusion/region-blocks.ts';

/**
 * What finished blocks hand on to their neighbours: the strip at the right edge of the last block stays in memory, those at the lower edge
 * of a whole row of blocks lie in a file, so that memory does not follow from the width of the region.
 */
export interface Strips {
  known(block: RegionBlock): Promise<StripHistory[]>;
  wanted(block: RegionBlock): Rectangle[];
  keep(block: RegionBlock, strips: StripHistory[]): Promise<void>;
  close(): Promise<void>;
}

export async function openStrips(
  file: string,
  { width, depth, channels, steps }: { width: number; depth: number; channels: number; steps: number },
): Promise<Strips> {
  const files = [`${file}.0`, `${file}.1`];
  const handles: FileHandle[] = [];
  for (const one of files) handles.push(await open(one, 'w+'));
  let left: { row: number; column: number; strip: StripHistory } | null = null;
  const bytesAt = (step: number, y: number, x: number): number => ((step * depth + y) * width + x) * channels * 4;
  const rowsOf = (row: number): FileHandle | undefined => handles[row % 2];

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
    wanted: ({ inner }) => [
      { ...inner, y: inner.y + Math.max(0, inner.height - depth), height: Math.min(depth, inner.height) },
      { ...inner, x: inner.x + Math.max(0, inner.width - depth), width: Math.min(depth, inner.width) },
    ],
    async keep({ row, column }, [bottom, right]) {
      if (right !== undefined) left = { row, column, strip: right };
      const handle = rowsOf(row);
      if (bottom === undefined || handle === undefined) return;
      const { place, values } = bottom;
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
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
      for (const one of files) await rm(one, { force: true });
    },
  };
}
