import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readCandidate } from '../../../main/engine/pack-import.ts';
import { installPack, recoverPacks, uninstallPack } from '../../../main/engine/pack-install.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { temporaryFolder } from './small-pack.ts';
import { flipped, smallPack } from './strange-packs.ts';

describe('an installed pack', () => {
  const placeIn = (folder: string) => ({
    packs: path.join(folder, 'models'),
    transit: path.join(folder, 'cache', 'packs'),
  });

  it('is a copy with its card, without what else lay in the folder', async () => {
    const [folder, place] = [smallPack(), placeIn(temporaryFolder())];
    writeFileSync(path.join(folder, 'README.md'), 'A card.');
    writeFileSync(path.join(folder, 'notes.py'), 'import os');
    symlinkSync('/etc/hostname', path.join(folder, 'LICENSE'));
    const pack = await readCandidate(folder);
    await installPack(pack, place);
    expect(readdirSync(path.join(place.packs, 'small')).sort()).toEqual(['README.md', 'denoiser.onnx', 'model.json']);
    expect((await readPacks([place.packs])).packs[0]?.manifest).toEqual(pack.manifest);
    expect(readdirSync(place.transit)).toEqual([]);
  });

  it('is replaced as a whole and removed as a whole', async () => {
    const place = placeIn(temporaryFolder());
    await installPack(await readCandidate(smallPack()), place);
    await installPack(await readCandidate(smallPack((m) => (m.version = '2'))), place);
    expect((await readPacks([place.packs])).packs[0]?.manifest.version).toBe('2');
    await uninstallPack('small', place);
    expect(readdirSync(place.packs)).toEqual([]);
    expect(readdirSync(place.transit)).toEqual([]);
  });

  it('comes back where a process died between taking the old one away and bringing the new one', async () => {
    const place = placeIn(temporaryFolder());
    await installPack(await readCandidate(smallPack()), place);
    renameSync(path.join(place.packs, 'small'), path.join(place.transit, 'small.4000001-0a0b0c0d.out'));
    mkdirSync(path.join(place.transit, 'small.4000001-01020304.in'));
    mkdirSync(path.join(place.transit, 'other.4000002-01020304.in'));
    await recoverPacks(place, (processId) => processId === 4_000_002);
    expect((await readPacks([place.packs])).packs).toHaveLength(1);
    expect(readdirSync(place.transit)).toEqual(['other.4000002-01020304.in']);
  });

  it('is refused and leaves nothing where its weights change while they are copied', async () => {
    const [folder, place] = [smallPack(), placeIn(temporaryFolder())];
    const pack = await readCandidate(folder);
    const file = path.join(folder, 'denoiser.onnx');
    writeFileSync(file, flipped(readFileSync(file), 50));
    await expect(installPack(pack, place)).rejects.toMatchObject({ tag: 'HashMismatch' });
    expect((await readPacks([place.packs])).packs).toEqual([]);
    expect(existsSync(place.transit) ? readdirSync(place.transit) : []).toEqual([]);
  });
});
