import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { maskName, settingsName, type TilingFile } from '../imaging/slide/tiling/records.ts';

export interface FileFacts {
  /** '' where it is not known. */
  patient: string;
  label: string;
  /** The slide that a patch was cut from; '' for what is no patch. */
  slide: string;
  /** The first folder of the path, which stands for the class where nothing else says it; '' for patches, whose folder names the slide. */
  folder: string;
}

/** What is known of the files of a folder before they are opened. */
export interface FolderFacts {
  /** By the path inside the folder. */
  of(inside: string): FileFacts;
  /** Of a slide that was cut into patches: beside them, and no image of the set. */
  isTissueMask(inside: string): boolean;
  /** What our tiling wrote beside a patch; empty where it is damaged, null where the file is no such patch. */
  tilingOf(inside: string): Partial<TilingFile> | null;
}

export const unknownFacts: FileFacts = { patient: '', label: '', slide: '', folder: '' };

/**
 * Patient and class from manifest.csv in the folder: a header with the columns `file`, `patient` and that of the class, commas, no
 * quotes. The slide from what our tiling wrote beside patches, else from names as QuPath gives them. `files` are whole paths.
 */
export async function readFolderFacts(
  folder: string,
  files: readonly string[],
  labelColumn = 'label',
): Promise<FolderFacts> {
  const table = await readManifest(folder, labelColumn);
  const tilings = new Map<string, Partial<TilingFile>>();
  for (const file of files.filter((one) => path.basename(one) === settingsName))
    tilings.set(path.relative(folder, path.dirname(file)), await readTiling(file));
  const tilingOf = (inside: string): Partial<TilingFile> | null => tilings.get(folderOf(inside)) ?? null;
  return {
    tilingOf,
    of(inside) {
      const [first = '', ...rest] = inside.split(path.sep);
      const tiling = tilingOf(inside);
      const elsewhere = tiling === null ? '' : path.basename(path.dirname(path.join(folder, inside)));
      const slide = tiling?.slide?.name ?? patchPlace(inside)?.slide ?? elsewhere;
      const known = table.get(inside) ?? { patient: '', label: '' };
      return { ...known, slide, folder: rest.length === 0 || slide !== '' ? '' : first };
    },
    isTissueMask: (inside) => path.basename(inside) === maskName && tilings.has(folderOf(inside)),
  };
}

/** The slide and the place on its finest level that the name of a patch tells, as QuPath writes it; null for another name. */
export function patchPlace(file: string): { slide: string; x: number; y: number } | null {
  const found = /^(.*) [([](?:d=[\d.]+,)?x=(-?\d+),y=(-?\d+),w=\d+,h=\d+[)\]]/.exec(path.basename(file));
  const [, slide, x, y] = found ?? [];
  return slide === undefined ? null : { slide, x: Number(x), y: Number(y) };
}

function folderOf(inside: string): string {
  const folder = path.dirname(inside);
  return folder === '.' ? '' : folder;
}

async function readManifest(
  folder: string,
  labelColumn: string,
): Promise<Map<string, Pick<FileFacts, 'patient' | 'label'>>> {
  const text = await readFile(path.join(folder, 'manifest.csv'), 'utf8').catch(() => '');
  const [header = '', ...lines] = text.split(/\r?\n/);
  const columns = header.split(',');
  const [file, patient, label] = ['file', 'patient', labelColumn].map((name) => columns.indexOf(name));
  if (file === -1) return new Map();
  return new Map(
    lines
      .filter((line) => line !== '')
      .map((line) => {
        const cells = line.split(',');
        return [cells[file ?? -1] ?? '', { patient: cells[patient ?? -1] ?? '', label: cells[label ?? -1] ?? '' }];
      }),
  );
}

/** A damaged file still says that the folder was made by tiling. */
async function readTiling(file: string): Promise<Partial<TilingFile>> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Partial<TilingFile>;
  } catch {
    return {};
  }
}
