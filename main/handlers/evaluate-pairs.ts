import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import type { NearestPair } from '../../preload/evaluation.ts';
import type { NearestReal } from '../evaluation/copies.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { encodePng8 } from '../imaging/png.ts';
import type { SetImage } from './evaluate-images.ts';

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

/** Two images on one grid with a black line between them, 8 bits. */
function sideBySide(left: SetImage, right: SetImage, { width, height }: { width: number; height: number }): Uint8Array {
  const whole = 2 * width + gap;
  const values = new Uint8Array(whole * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      values[y * whole + x] = eightBits(left.pixels[y * width + x]!);
      values[y * whole + width + gap + x] = eightBits(right.pixels[y * width + x]!);
    }
  return encodePng8({ width: whole, height, channels: 1, values });
}

const gap = 2;

function eightBits(value: number): number {
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
