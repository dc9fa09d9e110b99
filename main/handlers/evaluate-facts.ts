import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { type Job, maskName, settingsName } from '../imaging/slide/tiling/records.ts';

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
}

export const unknownFacts: FileFacts = { patient: '', label: '', slide: '', folder: '' };

/**
 * Patient and class from manifest.csv in the folder: a header with the columns `file`, `patient` and that of the class, commas, no
 * quotes. The slide from the notes that lie beside patches. `files` are whole paths.
 */
export async function readFolderFacts(
  folder: string,
  files: readonly string[],
  labelColumn = 'label',
): Promise<FolderFacts> {
  const table = await readManifest(folder, labelColumn);
  const slides = new Map<string, string>();
  for (const file of files.filter((one) => path.basename(one) === settingsName))
    slides.set(path.relative(folder, path.dirname(file)), await slideOf(file));
  return {
    of(inside) {
      const [first = '', ...rest] = inside.split(path.sep);
      const slide = slides.get(folderOf(inside)) ?? '';
      const known = table.get(inside) ?? { patient: '', label: '' };
      return { ...known, slide, folder: rest.length === 0 || slide !== '' ? '' : first };
    },
    isTissueMask: (inside) => path.basename(inside) === maskName && slides.has(folderOf(inside)),
  };
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

/** The name of the slide, or of the folder where the notes do not say it. */
async function slideOf(notes: string): Promise<string> {
  const text = await readFile(notes, 'utf8').catch(() => '');
  try {
    const { slide } = JSON.parse(text) as Partial<Job>;
    if (slide?.name) return slide.name;
  } catch {
    // A file of another program: its folder still holds the patches of one slide.
  }
  return path.basename(path.dirname(notes));
}
