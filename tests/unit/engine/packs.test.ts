import { appendFileSync, cpSync, existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { readPacks, summarisePack, verifyPack } from '../../../main/engine/packs.ts';
import type { SmallManifest } from './small-pack.ts';
import { temporaryFolder, writeSmallPack } from './small-pack.ts';

const shipped = existsSync('models/brain-mri-wdm-128/model.json');

describe('the packs that come with the application', () => {
  it.skipIf(!shipped)('are read, their weights verified and summarised (needs models/brain-mri-wdm-128)', async () => {
    const { packs, refused } = await readPacks(['models']);
    expect(refused).toEqual([]);
    const pack = packs.find(({ manifest }) => manifest.id === 'brain-mri-wdm-128');
    if (pack === undefined) throw new Error('the pack is not listed');
    await verifyPack(pack);
    const summary = summarisePack(pack);
    expect(summary.image).toEqual({ width: 128, height: 128, channels: 1 });
    expect(summary.family).toBe('wdm');
    expect(summary.classes.length).toBeGreaterThan(0);
    expect(summary.data.images).toBeGreaterThan(0);
  });
});

describe('a folder of packs', () => {
  it('that does not exist holds none', async () => {
    expect(await readPacks([path.join(temporaryFolder(), 'absent')])).toEqual({ packs: [], refused: [] });
  });

  it('may be a pack itself', async () => {
    const { packs } = await readPacks([writeSmallPack(temporaryFolder(), 'whole-timesteps')]);
    expect(packs.map(({ manifest }) => manifest.id)).toEqual(['small']);
  });

  it('keeps its good packs when one is bad', async () => {
    const folder = temporaryFolder();
    writeSmallPack(folder, 'whole-timesteps');
    writeFileSync(
      path.join(
        writeSmallPack(folder, 'whole-timesteps', (m) => (m.id = 'broken')),
        'model.json',
      ),
      '{"id":',
    );
    const { packs, refused } = await readPacks([folder]);
    expect(packs.map(({ manifest }) => manifest.id)).toEqual(['small']);
    expect(refused).toHaveLength(1);
    expect(refused[0]?.error.tag).toBe('PackInvalid');
    expect(refused[0]?.path).toContain('broken');
  });

  it('gives an id to one pack only', async () => {
    const [first, second] = [temporaryFolder(), temporaryFolder()];
    writeSmallPack(first, 'whole-timesteps');
    writeSmallPack(second, 'whole-timesteps');
    const { packs, refused } = await readPacks([first, second]);
    expect(packs).toHaveLength(1);
    expect(refused[0]?.error).toMatchObject({ tag: 'PackInvalid', message: expect.stringContaining(first) as string });
  });
});

describe('a pack is refused with the reason', () => {
  const cases: [string, RegExp, (manifest: SmallManifest) => void][] = [
    [
      'the latent grid does not follow from the wavelet',
      /latent: must be 2 × 2 × 16, which follows from image and wavelet/,
      (m) => (m.latent.width = 4),
    ],
    ['the wavelet family has no wavelet', /wavelet: is needed/, (m) => (m.wavelet = null)],
    ['a band is named twice', /bandOrder: must name each/, (m) => m.wavelet?.bandOrder.fill('LL.LL', 0, 2)],
    ['the schedule lacks its constants', /schedule\.betaStart: a linear schedule/, (m) => (m.schedule.kind = 'linear')],
    ['the stored range is empty', /storedMax: must be above/, (m) => (m.intensity.storedMax = 0)],
    [
      'zero terminal SNR goes with ε',
      /zeroTerminalSnr: needs prediction v/,
      (m) => Object.assign(m.schedule, { zeroTerminalSnr: true, prediction: 'epsilon' }),
    ],
    ['an input has another shape', /inputs\.timestep: must be \[4\]/, (m) => (m.files.denoiser.inputs.timestep = [1])],
    ['a file lies outside the pack', /files\.denoiser\.path/, (m) => (m.files.denoiser.path = '../denoiser.onnx')],
    ['a key is unknown', /Unrecognized key/, (m) => Object.assign(m, { colour: 'red' })],
    ['the schema is newer', /schema/, (m) => (m.schema = 2)],
  ];
  it.each(cases)('when %s', async (_, reason, change) => {
    const { packs, refused } = await readPacks([writeSmallPack(temporaryFolder(), 'whole-timesteps', change)]);
    expect(packs).toEqual([]);
    expect(refused[0]?.error.tag).toBe('PackInvalid');
    expect(refused[0]?.error.message).toMatch(reason);
    expect(refused[0]?.error.message).toContain('model.json');
  });

  const latentCases: [string, RegExp, (manifest: LatentManifest) => void][] = [
    ['the decoder is missing', /files\.decoder: is needed by the family ldm/, (m) => delete m.files.decoder],
    ['there is no autoencoder', /autoencoder: is needed by the family ldm/, (m) => (m.autoencoder = null)],
    [
      'its channels are not those of the latent',
      /latent: must be 4 × 4 × 3/,
      (m) => set(m.autoencoder, { channels: 3 }),
    ],
    [
      'the image does not divide',
      /autoencoder\.factor: must divide the image of 16 × 16/,
      (m) => set(m.autoencoder, { factor: 5 }),
    ],
    [
      'the decoder makes colour',
      /files\.decoder\.outputs\.image: must be \[2, 1, 16, 16\]/,
      (m) => set(m.files.decoder?.outputs, { image: [2, 3, 16, 16] }),
    ],
    [
      'the encoder gives another latent',
      /files\.encoder\.outputs\.latent: must be \[4, 4, 4, 4\]/,
      (m) => set(m.files.encoder?.outputs, { latent: [4, 8, 4, 4] }),
    ],
    [
      'it clips what is no image',
      /sampling\.clip: must be false for the family ldm/,
      (m) => set(m.sampling, { clip: true }),
    ],
    ['the image has two channels', /image\.channels/, (m) => set(m.image, { channels: 2 })],
    [
      'a pixel family has an autoencoder',
      /autoencoder: must be null for the family ddpm.*files\.encoder: must be absent/,
      (m) => set(m, { family: 'ddpm' }),
    ],
    [
      'two scales compete',
      /wavelet: must be null for the family ldm; autoencoder\.scale: must be 1/,
      (m) =>
        set(m, { wavelet: { name: 'haar', levels: 1, kind: 'packet', bandOrder: ['LL', 'LH', 'HL', 'HH'], scale: 1 } }),
    ],
  ];
  it.each(latentCases)('of a latent family, when %s', async (_, reason, change) => {
    const { packs, refused } = await readPacks([copyOfLatentPack(change)]);
    expect(packs).toEqual([]);
    expect(refused[0]?.error).toMatchObject({ tag: 'PackInvalid', message: expect.stringMatching(reason) as string });
  });

  it('of a latent family, when its decoder is another file', async () => {
    const folder = copyOfLatentPack((m) => set(m.files.decoder, { sha256: '0'.repeat(64) }));
    const [pack] = (await readPacks([folder])).packs;
    if (pack === undefined) throw new Error('the pack is not listed');
    const decoder = path.join(folder, 'decoder.onnx');
    await expect(verifyPack(pack)).rejects.toMatchObject({ tag: 'HashMismatch', details: { path: decoder } });
    truncateSync(decoder, 10);
    expect((await readPacks([folder])).refused[0]?.error.message).toContain('decoder.onnx have 10 bytes');
  });

  it('when the weights are missing', async () => {
    const folder = writeSmallPack(temporaryFolder(), 'whole-timesteps');
    rmSync(path.join(folder, 'denoiser.onnx'));
    const { refused } = await readPacks([folder]);
    expect(refused[0]?.error).toMatchObject({
      tag: 'PackInvalid',
      message: expect.stringContaining('denoiser.onnx') as string,
    });
  });

  it('when the weights are cut off', async () => {
    const folder = writeSmallPack(temporaryFolder(), 'whole-timesteps');
    truncateSync(path.join(folder, 'denoiser.onnx'), 100);
    const { refused } = await readPacks([folder]);
    expect(refused[0]?.error.tag).toBe('HashMismatch');
    expect(refused[0]?.error.message).toContain('100 bytes');
  });

  it('when the weights are others of the same size', async () => {
    const folder = writeSmallPack(temporaryFolder(), 'whole-timesteps', (m) => (m.files.denoiser.bytes += 1));
    appendFileSync(path.join(folder, 'denoiser.onnx'), 'x');
    const { packs } = await readPacks([folder]);
    const [pack] = packs;
    if (pack === undefined) throw new Error('the pack is not listed');
    await expect(verifyPack(pack)).rejects.toMatchObject({
      tag: 'HashMismatch',
      details: { path: path.join(folder, 'denoiser.onnx'), expected: pack.manifest.files.denoiser.sha256 },
    });
  });
});

interface LatentManifest {
  family: string;
  image: object;
  autoencoder: object | null;
  sampling: object;
  files: Partial<Record<'encoder' | 'decoder', { outputs: object }>>;
}

function copyOfLatentPack(change: (manifest: LatentManifest) => void): string {
  const folder = path.join(temporaryFolder(), 'small-ldm');
  cpSync('tests/fixtures/packs/small-ldm', folder, { recursive: true });
  const manifestPath = path.join(folder, 'model.json');
  const manifest = JSON.parse(readFileSync(manifestPath, 'utf8')) as LatentManifest;
  change(manifest);
  writeFileSync(manifestPath, JSON.stringify(manifest));
  return folder;
}

function set(target: object | null | undefined, values: object): void {
  Object.assign(target ?? {}, values);
}
