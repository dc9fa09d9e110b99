import { VerisimError } from '../../preload/errors.ts';
import type { SkippedFile } from '../../preload/domain.ts';
import { readPacks, type ModelPack } from '../engine/packs.ts';

export interface PackStore {
  /** Read from disk each time, so that a pack that is put there shows without a restart. */
  list(): Promise<{ packs: ModelPack[]; refused: SkippedFile[] }>;
  /** Throws UnknownModel, or what the pack of that folder was refused for. */
  find(id: string): Promise<ModelPack>;
}

export function createPackStore(folders: string[]): PackStore {
  const list = (): ReturnType<typeof readPacks> => readPacks(folders);

  return {
    list,
    async find(id) {
      const { packs, refused } = await list();
      const pack = packs.find(({ manifest }) => manifest.id === id);
      if (pack !== undefined) return pack;
      const known = packs.map(({ manifest }) => manifest.id).join(', ') || 'none';
      const reasons = refused.map(({ path, error }) => ` ${path} was refused: ${error.message}`).join('');
      throw new VerisimError('UnknownModel', `There is no model ${id}. Installed models: ${known}.${reasons}`, {
        expected: known,
        found: id,
      });
    },
  };
}
