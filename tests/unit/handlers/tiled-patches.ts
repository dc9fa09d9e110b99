import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { defaultTiling } from '../../../preload/slides.ts';
import { syntheticXmp } from '../../../main/imaging/slide/synthetic-xmp.ts';
import { randomSource } from '../../../main/review/random.ts';
import { stainedField } from '../review/stained-field.ts';

export interface TiledPatches {
  slide: string;
  count: number;
  side: number;
  micronsPerPixel: number | null;
  synthetic: boolean;
}

const random = randomSource(9);

/** A folder as tiling leaves it, of drawn patches. */
export async function writeTiledPatches(
  folder: string,
  {
    slide,
    count = 12,
    side = 16,
    micronsPerPixel = null,
    synthetic = false,
  }: Partial<TiledPatches> & { slide: string },
): Promise<void> {
  mkdirSync(folder, { recursive: true });
  for (let k = 0; k < count; k++) {
    const file = path.join(folder, `${slide} (d=1,x=${k * side},y=0,w=${side},h=${side}).png`);
    const image = sharp(stainedField(side, random), { raw: { width: side, height: side, channels: 3 } }).png();
    await (synthetic ? image.withXmp(syntheticXmp) : image).toFile(file);
  }
  await sharp({ create: { width: 40, height: 40, channels: 3, background: 'white' } })
    .png()
    .toFile(path.join(folder, 'mask.png'));
  const job = { slide: { name: slide, width: 999, height: 999, bytes: 1 }, settings: { ...defaultTiling, size: side } };
  writeFileSync(path.join(folder, 'tiling.json'), JSON.stringify({ ...job, patches: { micronsPerPixel, synthetic } }));
}
