import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeFileAtomic } from '../../../main/imaging/atomic-write.ts';
import { canMount, withDisk } from '../small-disk.ts';
import { inFolder, titleWith } from './shared.ts';

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
      withDisk('64k', async (disk) => {
        const path = join(disk, 'a.bin');
        await writeFileAtomic(path, 'old');
        await expect(writeFileAtomic(path, new Uint8Array(1 << 20))).rejects.toMatchObject({ tag: 'DiskFull' });
        expect(await readFile(path, 'utf8')).toBe('old');
        expect(await readdir(disk)).toEqual(['a.bin']);
      }),
  );
});
