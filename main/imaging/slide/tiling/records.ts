import { appendFile, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import type { TilingSettings } from '../../../../preload/slides.ts';
import { VerisimError } from '../../../../preload/errors.ts';
import { writeFileAtomic } from '../../atomic-write.ts';
import type { Place } from './plan.ts';

/** What became of a place of the grid. */
export interface TileRecord {
  place: Place;
  /** Null where it was left out as blurred. */
  file: string | null;
  focus: number;
}

/** While a job runs it notes what is decided here, one line a place, so that a killed one goes on where it was. */
const journalName = '.tiles-in-progress.jsonl';
export const settingsName = 'tiling.json';
export const maskName = 'mask.png';
export const tableName = 'tiles.csv';

export interface Job {
  slide: { name: string; width: number; height: number; bytes: number };
  settings: TilingSettings;
}

/** What a folder of tiles says of its patches, for those who take it as a set of images. */
export interface PatchFacts {
  /** Of a pixel of the patches; null where the slide does not say. */
  micronsPerPixel: number | null;
  synthetic: boolean;
}

/** What is written into the folder; of tiles of earlier versions the patches are not told. */
export type TilingFile = Job & { patches?: PatchFacts };

/** Notes what the folder is for, or checks that it was made for the same. Throws InvalidInput where it holds other tiles. */
export async function claimFolder(folder: string, job: Job, patches: PatchFacts): Promise<void> {
  const file = path.join(folder, settingsName);
  const before = await readFile(file, 'utf8').catch(() => null);
  if (before === null) return writeFileAtomic(file, `${JSON.stringify({ ...job, patches }, null, 2)}\n`);
  if (isSameJob(before, job)) return;
  throw new VerisimError(
    'InvalidInput',
    `"${folder}" holds tiles of another slide or with other settings. Choose another folder, or empty this one.`,
    { path: folder, expected: 'an empty folder, or tiles of the same job', found: 'other tiles' },
  );
}

function isSameJob(text: string, job: Job): boolean {
  try {
    const { slide, settings } = JSON.parse(text) as TilingFile;
    return JSON.stringify({ slide, settings }) === JSON.stringify(job);
  } catch {
    return false;
  }
}

/** Focus by index of the places that an earlier run of the job has decided; null instead of the name where it was blurred. */
export async function readDecided(folder: string): Promise<Map<number, { file: string | null; focus: number }>> {
  const decided = new Map<number, { file: string | null; focus: number }>();
  const table = await readFile(path.join(folder, tableName), 'utf8').catch(() => '');
  for (const line of table.split('\n').slice(1)) {
    const [index, , , , , , focus] = line.split(',');
    const file = /"(.*)"$/.exec(line)?.[1];
    if (index && file) decided.set(Number(index), { file, focus: Number(focus) });
  }
  const journal = await readFile(path.join(folder, journalName), 'utf8').catch(() => '');
  for (const line of journal.split('\n')) {
    try {
      const [index, focus, file] = JSON.parse(line) as [number, number, string | null];
      decided.set(index, { file, focus });
    } catch {
      // The last line of a killed run may be cut off; its place is made again.
    }
  }
  return decided;
}

/** Collects lines and writes them now and then. A line follows its file, so that what is noted is there. */
export function openJournal(folder: string): { note(record: TileRecord): Promise<void>; flush(): Promise<void> } {
  const file = path.join(folder, journalName);
  let lines: string[] = [];
  const flush = async (): Promise<void> => {
    const text = lines.join('');
    lines = [];
    if (text !== '') await appendFile(file, text);
  };
  return {
    async note({ place, focus, file: tile }) {
      lines.push(`${JSON.stringify([place.index, focus, tile])}\n`);
      if (lines.length >= 64) await flush();
    },
    flush,
  };
}

/** The table and the outlines of all tiles, in the order of the grid; the journal is done with. Returns the files. */
export async function writeTables(
  folder: string,
  records: readonly TileRecord[],
  settings: TilingSettings,
): Promise<string[]> {
  const kept = records.filter(({ file }) => file !== null).toSorted((a, b) => a.place.index - b.place.index);
  const header = 'index,x,y,side,downsample,tissue,focus,file';
  const rows = kept.map(({ place, focus, file }) => {
    const numbers = [place.x, place.y, place.side, place.side / settings.size, place.tissue].map(short);
    // Every digit of the focus, as a resumed run reads it back.
    return [place.index, ...numbers, focus, `"${file}"`].join(',');
  });
  const table = path.join(folder, tableName);
  const outlines = path.join(folder, 'tiles.geojson');
  await writeFileAtomic(outlines, `${JSON.stringify({ type: 'FeatureCollection', features: kept.map(featureOf) })}\n`);
  await writeFileAtomic(table, `${[header, ...rows].join('\n')}\n`);
  await rm(path.join(folder, journalName), { force: true });
  return [table, outlines, path.join(folder, settingsName)];
}

/** As QuPath reads it: pixels of level 0. */
function featureOf({ place: { x, y, side, tissue }, focus, file }: TileRecord): object {
  const [left, top, right, bottom] = [x, y, x + side, y + side].map((value) => Number(value.toFixed(3)));
  const ring = [
    [left, top],
    [right, top],
    [right, bottom],
    [left, bottom],
    [left, top],
  ];
  return {
    type: 'Feature',
    geometry: { type: 'Polygon', coordinates: [ring] },
    properties: {
      objectType: 'tile',
      name: file,
      measurements: { 'Tissue fraction': Number(short(tissue)), Focus: Number(short(focus)) },
    },
  };
}

function short(value: number): string {
  return String(Number(value.toFixed(4)));
}
