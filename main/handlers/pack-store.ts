import path from 'node:path';
import type { SkippedFile } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { type ModelPack, readPacks } from '../engine/packs.ts';

export interface StoredPack extends ModelPack {
  origin: 'built-in' | 'imported';
}

export interface PackStore {
  /** Read from disk each time, so that a pack that is put there shows without a restart. */
  list(): Promise<{ packs: StoredPack[]; refused: SkippedFile[] }>;
  /** Throws UnknownModel, or what the pack of that folder was refused for. */
  find(id: string): Promise<StoredPack>;
}

/** Where both folders hold an id, the built-in pack has it. */
export function createPackStore({ builtIn, imported }: { builtIn: string; imported: string }): PackStore {
  const list: PackStore['list'] = async () => {
    const { packs, refused } = await readPacks([builtIn, imported]);
    const originOf = ({ folder }: ModelPack): StoredPack['origin'] =>
      path.dirname(folder) === imported ? 'imported' : 'built-in';
    return { packs: packs.map((pack) => ({ ...pack, origin: originOf(pack) })), refused };
  };

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
