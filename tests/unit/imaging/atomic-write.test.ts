import { spawnSync } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../main/imaging/atomic-write.ts';
import { inFolder, titleWith } from './shared.ts';

const canMount = canMountTmpfs();

describe('writing files', () => {
  it('makes the folder, replaces whole files and leaves nothing else behind', () =>
    inFolder(async (folder) => {
      const path = join(folder, 'new', 'a.bin');
      await writeFileAtomic(path, 'first');
      await writeFileAtomic(path, Uint8Array.of(1, 2, 3));
      expect([...(await readFile(path))]).toEqual([1, 2, 3]);
      expect(await readdir(join(folder, 'new'))).toEqual(['a.bin']);
    }));

  it('a folder that cannot be written to is OutputNotWritable, naming the file', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'file'), 'not a folder');
      const path = join(folder, 'file', 'a.bin');
      await expect(writeFileAtomic(path, 'x')).rejects.toMatchObject({ tag: 'OutputNotWritable', details: { path } });
    }));

  it.skipIf(!canMount)(
    titleWith('a full disk is DiskFull, and the old file stays whole', canMount, 'the right to mount a tmpfs'),
    () =>
      inFolder(async (folder) => {
        const disk = join(folder, 'disk');
        await mkdir(disk);
        expect(spawnSync('mount', ['-t', 'tmpfs', '-o', 'size=64k', 'tmpfs', disk]).status).toBe(0);
        try {
          const path = join(disk, 'a.bin');
          await writeFileAtomic(path, 'old');
          await expect(writeFileAtomic(path, new Uint8Array(1 << 20))).rejects.toMatchObject({ tag: 'DiskFull' });
          expect(await readFile(path, 'utf8')).toBe('old');
          expect(await readdir(disk)).toEqual(['a.bin']);
        } finally {
          spawnSync('umount', [disk]);
        }
      }),
  );
});

function canMountTmpfs(): boolean {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return false;
  const script = 'd=$(mktemp -d) && mount -t tmpfs -o size=64k tmpfs "$d" && umount "$d"; s=$?; rmdir "$d"; exit $s';
  return spawnSync('sh', ['-c', script]).status === 0;
}
