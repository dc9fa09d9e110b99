import type { VerisimError } from '../../preload/errors.ts';
import type { MeasureFolder, SetPart } from '../../preload/measure.ts';
import type { Client } from '../client.ts';
import { attempt } from './attempt.ts';

interface SetScreen {
  /** Newest first. */
  folders: MeasureFolder[];
  error: VerisimError | null;
}

/** Shows the folder dialog of a screen that makes sets; null when it was dismissed. */
export async function chooseFolder(screen: SetScreen, client: Client): Promise<SetPart | null> {
  let part: SetPart | null = null;
  await attempt(screen, async () => {
    const { folder } = await client.call('measure.chooseFolder', {});
    if (folder === null) return;
    screen.folders = [folder, ...screen.folders.filter(({ id }) => id !== folder.id)];
    part = { kind: 'folder', folderId: folder.id };
  });
  return part;
}
