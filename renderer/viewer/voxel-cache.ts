import type { VolumeDescription } from '../../preload/domain.ts';
import { fetchVoxels, type VoxelArray } from './voxels.ts';

interface Kept {
  voxels: Promise<VoxelArray>;
  users: number;
  given: AbortController;
}

const kept = new Map<string, Kept>();

/**
 * The voxels of a volume, read once however many views show them and let go with the last one: call `release` when done.
 * @throws Error as `fetchVoxels`.
 */
export function holdVoxels(volume: VolumeDescription): { voxels: Promise<VoxelArray>; release: () => void } {
  let entry = kept.get(volume.id);
  if (entry === undefined) {
    const given = new AbortController();
    const voxels = fetchVoxels(volume, given.signal);
    entry = { voxels, users: 0, given };
    const made = entry;
    voxels.catch(() => kept.get(volume.id) === made && kept.delete(volume.id));
    kept.set(volume.id, entry);
  }
  const held = entry;
  held.users += 1;
  let released = false;
  return {
    voxels: held.voxels,
    release() {
      if (released) return;
      released = true;
      held.users -= 1;
      if (held.users > 0) return;
      held.given.abort();
      if (kept.get(volume.id) === held) kept.delete(volume.id);
    },
  };
}
