import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ListedModel, PackReport, ProviderStatus } from '../../../preload/models.ts';
import { writeSmallPack } from '../engine/small-pack.ts';
import { generate, type Place, smallPlace, temporaryFolder, verisim } from './verisim.ts';

function ownPack(id = 'mine', version = '1'): string {
  return writeSmallPack(temporaryFolder(), 'whole-timesteps', (manifest) => Object.assign(manifest, { id, version }));
}

async function listed(place: Place): Promise<ListedModel[]> {
  return JSON.parse((await verisim(['models', '--json'], place)).stdout) as ListedModel[];
}

describe('models import', () => {
  it('lists a person’s own pack beside the built-in one, in later processes too, without the folder it came from', async () => {
    const [place, folder] = [smallPlace(), ownPack()];
    const imported = await verisim(['models', 'import', folder, '--json'], place);
    expect(imported).toMatchObject({ status: 0, stderr: '' });
    expect(JSON.parse(imported.stdout)).toMatchObject({ id: 'mine', origin: 'imported', report: { id: 'mine' } });
    rmSync(folder, { recursive: true });
    expect((await listed(place)).map(({ id, origin }) => [id, origin])).toEqual([
      ['small', 'built-in'],
      ['mine', 'imported'],
    ]);
    const made = await generate(['--model', 'mine', '--count', '2', '--seed', '5', '--out', temporaryFolder()], place);
    expect(made.outputs).toHaveLength(2);
  });

  it('replaces an imported pack only when told to', async () => {
    const place = smallPlace();
    await verisim(['models', 'import', ownPack()], place);
    const refused = await verisim(['models', 'import', ownPack('mine', '2')], place);
    expect(refused.status).toBe(1);
    expect(refused.stderr).toMatch(
      /^error ModelExists: There is a model mine already, version 1; .* version 2\. Replace it/,
    );
    expect(await verisim(['models', 'import', ownPack('mine', '2'), '--replace'], place)).toMatchObject({ status: 0 });
    expect((await listed(place)).find(({ id }) => id === 'mine')?.version).toBe('2');
  });

  it('never takes the place of a built-in pack, also not under capitals or as another version', async () => {
    const place = smallPlace();
    for (const folder of [ownPack('small', '9'), ownPack('Small')]) {
      const { status, stderr } = await verisim(['models', 'import', folder, '--replace'], place);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^error InvalidInput: There is a model small already.*came with the application/);
    }
  });

  it('leaves nothing of a pack that is refused', async () => {
    const [place, folder] = [smallPlace(), ownPack()];
    writeFileSync(path.join(folder, 'denoiser.onnx'), 'other');
    const { status, stderr } = await verisim(['models', 'import', folder, '--json'], place);
    expect(status).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({ error: { tag: 'HashMismatch' } });
    const kept = path.join(place.home, 'models');
    expect(existsSync(kept) ? readdirSync(kept) : []).toEqual([]);
  });
});

describe('models check', () => {
  it('reports without a data folder and changes nothing', async () => {
    const place = smallPlace();
    const { status, stdout } = await verisim(['models', 'check', ownPack(), '--json'], place);
    expect(status).toBe(0);
    expect((JSON.parse(stdout) as PackReport).trial).toMatchObject({ provider: 'cpu' });
    expect(existsSync(place.home)).toBe(false);
  });
});

describe('models remove', () => {
  it('takes an imported pack away and no other', async () => {
    const place = smallPlace();
    await verisim(['models', 'import', ownPack()], place);
    expect(await verisim(['models', 'remove', 'mine'], place)).toMatchObject({ status: 0, stdout: 'Removed mine.\n' });
    expect((await listed(place)).map(({ id }) => id)).toEqual(['small']);
    const builtIn = await verisim(['models', 'remove', 'small'], place);
    expect(builtIn).toMatchObject({ status: 1, stderr: expect.stringContaining('cannot be removed') as string });
    const absent = await verisim(['models', 'remove', 'mine'], place);
    expect(absent).toMatchObject({ status: 1, stderr: expect.stringContaining('UnknownModel') as string });
  });

  it.each([
    [['models', 'import']],
    [['models', 'forget', 'x']],
    [['models', 'check', 'a', 'b']],
    [['models', 'remove', 'a', '--replace']],
  ])('and its siblings refuse a wrong form: %j', async (args) => {
    expect((await verisim(args, smallPlace())).status).toBe(2);
  });
});

describe('providers', () => {
  it('names what is installed, and keeps the choice of the person for later runs', async () => {
    const place = smallPlace();
    const list = JSON.parse((await verisim(['providers', '--json'], place)).stdout) as ProviderStatus[];
    expect(list.find(({ preferred }) => preferred)?.name).toBe('cpu');
    expect(list.map(({ name }) => name)).toEqual(['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml']);
    const absent = list.find(({ installed }) => !installed);
    if (absent === undefined) throw new Error('no machine has all providers');
    const refused = await verisim(['providers', 'use', absent.name], place);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringContaining('ProviderUnavailable') as string });
    const other = list.find(({ installed, name }) => installed && name !== 'cpu');
    if (other === undefined) return;
    await verisim(['providers', 'use', other.name], place);
    const again = JSON.parse((await verisim(['providers', '--json'], place)).stdout) as ProviderStatus[];
    expect(again.find(({ preferred }) => preferred)?.name).toBe(other.name);
  });

  it('are checked by running a model on them', async () => {
    const place = smallPlace();
    const { status, stdout } = await verisim(['providers', 'check', 'cpu', '--json'], place);
    expect(status).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ provider: 'cpu', modelId: 'small', works: true, difference: 0 });
    const absent = await verisim(
      ['providers', 'check', process.platform === 'darwin' ? 'dml' : 'coreml', '--json'],
      place,
    );
    expect(absent.status).toBe(1);
    expect(JSON.parse(absent.stdout)).toMatchObject({
      works: false,
      reason: expect.stringContaining('not part of this installation') as string,
    });
  });
});
