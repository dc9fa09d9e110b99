import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { maskName, settingsName, type TilingFile } from '../imaging/slide/tiling/records.ts';
import { listFiles } from '../imaging/walk.ts';
import { readFileFacts } from './evaluate-facts.ts';

/** A picture below a folder of patches. */
export interface PatchFile {
  file: string;
  title: string;
  /** Null where it is not known. */
  slide: string | null;
  /** As manifest.csv names it, else ''. */
  patient: string;
  /** '' where it is not known. */
  label: string;
  micronsPerPixel: number | null;
  /** Of the slide, where the tiling notes it; null where only the file could say. */
  synthetic: boolean | null;
}

/**
 * Every picture below the folders that may be a patch. Slide, place and resolution come from what our tiling wrote beside them, else
 * from names as QuPath gives them; slide or patient also from a table manifest.csv with the columns file, patient, label.
 * Throws EmptyFolder.
 */
export async function findPatches(folders: readonly string[]): Promise<PatchFile[]> {
  const patches: PatchFile[] = [];
  for (const folder of folders) {
    const { files } = await listFiles([folder]);
    const known = await readFileFacts(folder);
    const tilings = await readTilings(files);
    for (const file of files.filter(isPicture)) {
      const tiling = tilings.get(path.dirname(file));
      if (tiling !== undefined && path.basename(file) === maskName) continue;
      const inside = path.relative(folder, file);
      const { patient = '', label = '' } = known.get(inside) ?? {};
      const place = placeOf(file);
      const slide = tiling?.slide?.name ?? place?.slide ?? null;
      patches.push({
        file,
        title: place === null ? path.join(path.basename(folder), inside) : `${slide}, patch at ${place.x}, ${place.y}`,
        slide,
        patient,
        label: label || (tiling === undefined && place === null ? subfolderOf(inside) : ''),
        micronsPerPixel: tiling?.patches?.micronsPerPixel ?? tiling?.settings?.micronsPerPixel ?? null,
        synthetic: tiling?.patches?.synthetic ?? null,
      });
    }
  }
  if (patches.length > 0) return patches;
  const where = folders.join('", "');
  throw new VerisimError(
    'EmptyFolder',
    `"${where}" holds no PNG, JPEG or TIFF patches. Choose the folder that the patches of a slide lie in; DICOM and NIfTI are opened in the Library and chosen there as series.`,
    { path: where, expected: 'pictures', found: 'none' },
  );
}

function isPicture(file: string): boolean {
  return /\.(png|jpe?g|tiff?)$/i.test(file);
}

async function readTilings(files: readonly string[]): Promise<Map<string, Partial<TilingFile>>> {
  const tilings = new Map<string, Partial<TilingFile>>();
  for (const file of files.filter((one) => path.basename(one) === settingsName))
    tilings.set(path.dirname(file), await readTiling(file));
  return tilings;
}

/** A damaged file still says that the folder was made by tiling. */
async function readTiling(file: string): Promise<Partial<TilingFile>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<TilingFile>;
  } catch {
    return {};
  }
}

function placeOf(file: string): { slide: string; x: number; y: number } | null {
  const found = /^(.*) [([](?:d=[\d.]+,)?x=(-?\d+),y=(-?\d+),w=\d+,h=\d+[)\]]/.exec(path.basename(file));
  const [, slide, x, y] = found ?? [];
  return slide === undefined ? null : { slide, x: Number(x), y: Number(y) };
}

/** The first folder of a path, '' for a file that lies in none. */
function subfolderOf(name: string): string {
  const [first = '', ...rest] = name.split(path.sep);
  return rest.length === 0 ? '' : first;
}
