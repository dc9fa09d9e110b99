import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { listFiles } from '../imaging/walk.ts';
import { patchPlace, readFolderFacts } from './evaluate-facts.ts';

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
    const facts = await readFolderFacts(folder, files);
    for (const file of files.filter(isPicture)) {
      const inside = path.relative(folder, file);
      if (facts.isTissueMask(inside)) continue;
      const tiling = facts.tilingOf(inside);
      const place = patchPlace(file);
      const { slide, patient, label, folder: ofFolder } = facts.of(inside);
      patches.push({
        file,
        title: place === null ? path.join(path.basename(folder), inside) : `${slide}, patch at ${place.x}, ${place.y}`,
        slide: slide || null,
        ...{ patient, label: label || ofFolder },
        micronsPerPixel: tiling?.patches?.micronsPerPixel ?? tiling?.settings?.micronsPerPixel ?? null,
        synthetic: tiling?.patches?.synthetic ?? null,
      });
    }
  }
  if (patches.length > 0) return patches;
  const where = folders.join('", "');
  throw new VerisimError(
    'EmptyFolder',
    `"${where}" holds no PNG, JPEG, TIFF or WebP patches. Choose the folder that the patches of a slide lie in; DICOM and NIfTI are opened in the Library and chosen there as series.`,
    { path: where, expected: 'pictures', found: 'none' },
  );
}

function isPicture(file: string): boolean {
  return /\.(png|jpe?g|tiff?|webp)$/i.test(file);
}
