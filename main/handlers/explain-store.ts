import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ImageDescription, VoiWindow } from '../../preload/domain.ts';
import type { Explanation } from '../../preload/explain.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import type { Workspace } from './dependencies.ts';
import { cacheImage } from './images.ts';

/** A picture of an explanation, before it has an address. */
export interface MapPixels {
  name: string;
  title: string;
  pixels: Float32Array;
  window: VoiWindow;
  synthetic: boolean;
}

/**
 * Keeps pictures beside their run (float32, little endian) and gives each its address; `grid` is that of the explained image.
 * Throws OutputNotWritable, DiskFull.
 */
export function mapStore(
  workspace: Workspace,
  runId: string,
  grid: Pick<ImageDescription, 'width' | 'height' | 'spacingMm'>,
): { keep(map: MapPixels): Promise<ImageDescription> } {
  return {
    async keep({ name, ...rest }) {
      const { width, height, spacingMm } = grid;
      const { pixels } = rest;
      await mkdir(folderOf(workspace, runId), { recursive: true });
      const id = `explain-${runId}-${name}`;
      await writeFileAtomic(
        fileOf(workspace, runId, id),
        new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength),
      );
      return cacheImage(workspace, { id, width, height, spacingMm, ...rest });
    },
  };
}

/**
 * The newest finished explanation of an image, with its pictures put back where app://verisim/images/… finds them; null where there
 * is none or its files are gone.
 */
export async function findExplanation(
  workspace: Workspace,
  { runId, index }: { runId: string; index: number },
): Promise<Explanation | null> {
  const { rows } = workspace.log.runs.list({ text: '', kind: 'explanation', state: 'done', limit: 1000, offset: 0 });
  for (const row of rows) {
    if (row.parentRunId !== runId) continue;
    const explanation = workspace.log.runs.detail(row.id).result as Explanation | null;
    if (explanation?.index === index && (await putBack(workspace, explanation))) return explanation;
  }
  return null;
}

async function putBack(workspace: Workspace, { runId, maps, trajectory }: Explanation): Promise<boolean> {
  const images = [...maps, ...(trajectory?.frames ?? [])].map(({ image }) => image);
  for (const { id } of images) {
    const bytes = await readFile(fileOf(workspace, runId, id)).catch(() => null);
    if (bytes === null) return false;
    await writeFileAtomic(workspace.folder.imagePixels(id), bytes);
  }
  return true;
}

function folderOf({ folder }: Workspace, runId: string): string {
  return path.join(folder.run(runId), 'maps');
}

function fileOf(workspace: Workspace, runId: string, imageId: string): string {
  return path.join(folderOf(workspace, runId), `${imageId}.raw`);
}
