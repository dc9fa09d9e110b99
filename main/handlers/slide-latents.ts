import { type FileHandle, open, rm } from 'node:fs/promises';
import type { Rectangle } from '../diffusion/region-blocks.ts';
import type { LatentPart } from '../engine/decode-region.ts';

/** The decoder's latent of the blocks whose pixels are not all made yet: in a file, so that a killed job goes on with it. */
export interface Latents {
  keep(part: LatentPart): Promise<void>;
  /** Of a place that was kept and lies no further up than `depth` rows above the newest. */
  read(place: Rectangle): Promise<LatentPart>;
  /** The file stays. */
  close(): Promise<void>;
}

interface LatentsSettings {
  width: number;
  /** Rows that are in the file at a time; a row takes the place of the one so many above it. */
  depth: number;
  channels: number;
  /** Whether an earlier process left the file to go on with. */
  resumes: boolean;
}

export async function openLatents(
  file: string,
  { width, depth, channels, resumes }: LatentsSettings,
): Promise<Latents> {
  const handle: FileHandle = await open(nameOf(file), resumes ? 'r+' : 'w+');
  const bytesAt = (y: number, x: number): number => ((y % depth) * width + x) * channels * 4;
  return {
    async keep({ place, values }) {
      const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
      const length = place.width * channels * 4;
      for (let row = 0; row < place.height; row++)
        await handle.write(bytes, row * length, length, bytesAt(place.y + row, place.x));
    },
    async read(place) {
      const values = new Float32Array(place.width * place.height * channels);
      const bytes = Buffer.from(values.buffer);
      const length = place.width * channels * 4;
      for (let row = 0; row < place.height; row++)
        await handle.read(bytes, row * length, length, bytesAt(place.y + row, place.x));
      return { place, values };
    },
    close: () => handle.close(),
  };
}

export async function removeLatents(file: string): Promise<void> {
  await rm(nameOf(file), { force: true });
}

function nameOf(file: string): string {
  return `${file}.latent`;
}
