import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { findExtractor, readExtractors } from '../../../main/engine/extractor-packs.ts';
import { openExtractor } from '../../../main/engine/extractor-session.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';

const id = 'extractor-brain-mri-128';

type Manifest = Record<string, unknown> & {
  files: { extractor: { sha256: string; outputs: Record<string, number[]> } };
  image: { channels: number };
};

/** A copy of the brain extractor with a changed manifest. */
function changed(change: (manifest: Manifest) => void): string {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'verisim-extractor-'));
  mkdirSync(path.join(folder, id));
  cpSync(path.join('models', id, 'extractor.onnx'), path.join(folder, id, 'extractor.onnx'));
  const manifest = JSON.parse(readFileSync(path.join('models', id, 'model.json'), 'utf8')) as Manifest;
  change(manifest);
  writeFileSync(path.join(folder, id, 'model.json'), JSON.stringify(manifest));
  return folder;
}

describe('extractor packs', () => {
  it('are listed beside the generators, each kind by its own reader, none refused by the other', async () => {
    const { extractors, refused } = await readExtractors(['models']);
    const generators = await readPacks(['models']);
    expect(extractors.map(({ manifest }) => manifest.id)).toContain(id);
    expect([...refused, ...generators.refused].filter(({ path: file }) => file.includes('extractor'))).toEqual([]);
    expect(generators.packs.map(({ manifest }) => manifest.id)).not.toContain(id);
  });

  it.each<[string, (manifest: Manifest) => void, RegExp]>([
    [
      'another width',
      ({ files }) => (files.extractor.outputs = { features: [16, 99] }),
      /must have the shape \[16, 128\]/,
    ],
    [
      'three channels',
      ({ image }) => (image.channels = 3),
      /must have the shape \[16, 3, 128, 128\].*must hold 3 numbers/,
    ],
    ['a missing layer', (manifest) => delete manifest.layer, /layer/],
    ['a key that nobody knows', (manifest) => (manifest.colour = 'red'), /colour/],
    ['a resize filter that is not ours', (manifest) => (manifest.resize = 'nearest'), /resize/],
  ])('with %s are refused with the place and the reason', async (_name, change, reason) => {
    const { extractors, refused } = await readExtractors([changed(change)]);
    expect(extractors).toEqual([]);
    expect(refused[0]?.error).toMatchObject({ tag: 'PackInvalid', message: expect.stringMatching(reason) });
  });

  it('with other weights than named are refused when they are opened', async () => {
    const folder = changed(({ files }) => (files.extractor.sha256 = '0'.repeat(64)));
    await expect(openExtractor(await findExtractor([folder], id))).rejects.toMatchObject({ tag: 'HashMismatch' });
    await expect(findExtractor([folder], 'none')).rejects.toMatchObject({ tag: 'UnknownModel' });
  });

  it('give an image the same features alone and among others', async () => {
    const session = await openExtractor(await findExtractor(['models'], id));
    const random = randomFrom(1);
    const images = Array.from({ length: 5 }, () => Float32Array.from({ length: 128 * 128 }, () => random()));
    const together = await session.run(images);
    expect(together).toHaveLength(5 * 128);
    const alone = await session.run([images[3]!]);
    for (let k = 0; k < 128; k++) expect(alone[k]).toBe(together[3 * 128 + k]);
    await session.release();
  });
});
