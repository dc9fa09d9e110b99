import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { NearestPair } from '../../preload/evaluation.ts';
import type { NearestReal } from '../evaluation/copies.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { encodePng8 } from '../imaging/png.ts';
import { eightBits, type SetImage } from './set-image.ts';

/** Where pictures go, and what their names begin with. */
export interface Pictures {
  folder: string;
  prefix: string;
}

const mostPairs = 24;
const mostSuspects = 200;

/** The images most like a real one, every suspect among them, each with a picture: the synthetic image left, the real one right. */
export async function nearestPairs(
  found: readonly NearestReal[],
  {
    synthetic,
    searched,
    threshold,
    grid,
    pictures,
  }: {
    synthetic: readonly SetImage[];
    searched: readonly SetImage[];
    threshold: number | null;
    grid: { width: number; height: number };
    pictures: Pictures | null;
  },
): Promise<NearestPair[]> {
  const ranked = found
    .map(({ index, score }, row) => ({ row, index, score, suspect: threshold !== null && score > threshold }))
    .filter(({ index }) => index !== -1)
    .sort((a, b) => b.score - a.score);
  const kept = ranked.filter(({ suspect }, place) => place < mostPairs || (suspect && place < mostSuspects));
  const pairs: NearestPair[] = [];
  for (const [place, { row, index, score, suspect }] of kept.entries()) {
    const [left, right] = [synthetic[row]!, searched[index]!];
    const picture = pictures === null ? '' : `${pictures.prefix}-pair-${place}`;
    if (pictures !== null) {
      await mkdir(pictures.folder, { recursive: true });
      await writeFileAtomic(path.join(pictures.folder, `${picture}.png`), sideBySide(left, right, grid));
    }
    pairs.push({ synthetic: left.name, real: right.name, score, suspect, picture });
  }
  return pairs;
}

/** Two images on one grid with a black line between them, 8 bits; in colour where one of them is. */
function sideBySide(left: SetImage, right: SetImage, { width, height }: { width: number; height: number }): Uint8Array {
  const whole = 2 * width + gap;
  const channels = left.colour === null && right.colour === null ? 1 : 3;
  const values = new Uint8Array(whole * height * channels);
  for (const [image, start] of [
    [left, 0],
    [right, width + gap],
  ] as const)
    for (let i = 0; i < width * height; i++) {
      const to = (Math.floor(i / width) * whole + start + (i % width)) * channels;
      for (let channel = 0; channel < channels; channel++)
        values[to + channel] = image.colour?.[channel * width * height + i] ?? eightBits(image.pixels[i]!);
    }
  return encodePng8({ width: whole, height, channels, values });
}

const gap = 2;
