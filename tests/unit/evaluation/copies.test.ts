import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Originality } from '../../../preload/evaluation.ts';
import { findExtractor } from '../../../main/engine/extractor-packs.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { openFeatureSource } from '../../../main/handlers/evaluate-features.ts';
import type { SetImage } from '../../../main/handlers/evaluate-images.ts';
import { findCopies } from '../../../main/handlers/evaluate-originality.ts';
import { hasRealImages, type RealImage, realImages } from './real-images.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const copiesOfAKind = 15;
const grid = { width: 128, height: 128 };
const random = randomFrom(11);
const noise = (): number => Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
const clipped = (value: number): number => Math.min(1, Math.max(0, value));

const plants: Record<string, (image: RealImage) => Float32Array> = {
  exact: ({ pixels }) => pixels.slice(),
  mirrored: ({ pixels }) => pixels.map((_, i) => pixels[i - (i % 128) + 127 - (i % 128)]!),
  'shifted by 7 and 5 pixels': ({ pixels }) =>
    pixels.map(
      (_, i) =>
        pixels[Math.min(127, Math.max(0, Math.floor(i / 128) + 5)) * 128 + Math.min(127, Math.max(0, (i % 128) - 7))]!,
    ),
  'with noise of 4 %': ({ pixels }) => pixels.map((value) => clipped(value + 0.04 * noise())),
  're-windowed': ({ pixels }) => pixels.map((value) => clipped((value - 0.5) * 1.6 + 0.45)),
  'with another gamma': ({ pixels }) => pixels.map((value) => value ** 1.7),
};

for (const [data, extractorId] of [
  ['chest-xray', 'extractor-chest-xray-128'],
  ['brain-mri', 'extractor-brain-mri-128'],
] as const)
  describe.skipIf(!hasRealImages(data) || !existsSync(`models/${extractorId}/extractor.onnx`))(
    `copies planted among images of ${data} (skipped without shared data)`,
    () => {
      const kinds = Object.keys(plants);
      let training: SetImage[];
      let planted: SetImage[];
      let found: Originality;
      let strangers: { images: SetImage[]; found: Originality };

      beforeAll(async () => {
        const source = await openFeatureSource(await findExtractor(['models'], extractorId), null);
        const images = await realImages(data, 'train', 184);
        training = images.slice(0, 60).map((image) => asSetImage(image.pixels, image.patient));
        const real = images.slice(60, 122).map((image) => asSetImage(image.pixels, image.patient));
        const originals = images.slice(0, copiesOfAKind);
        planted = kinds.flatMap((kind) => originals.map((image) => asSetImage(plants[kind]!(image), '')));
        found = await findCopies({ real, synthetic: planted, training, grid }, source, () => undefined);
        const others = images.slice(122).map((image) => asSetImage(image.pixels, ''));
        const sets = { real, synthetic: others, training, grid };
        strangers = { images: others, found: await findCopies(sets, source, () => undefined) };
        await source.release();
      });

      it.each(kinds)('%s: every one is caught, and its original is named', (kind) => {
        const first = kinds.indexOf(kind) * copiesOfAKind;
        for (let copy = 0; copy < copiesOfAKind; copy++) {
          const match = found.copies.find(({ synthetic }) => synthetic === planted[first + copy]!.name);
          expect(match?.real).toBe(training[copy]!.name);
        }
      });

      it('real images of other patients raise no alarm, but for one at most', () => {
        expect(found.threshold).toBeLessThan(0.95);
        expect(strangers.found.copies.length).toBeLessThanOrEqual(1);
      });
    },
  );

let count = 0;

function asSetImage(pixels: Float32Array, patient: string): SetImage {
  const sha256 = createHash('sha256')
    .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    .digest('hex');
  const facts = { isColour: false, synthetic: patient === '', modelId: '', label: '', scores: null, size: '128×128' };
  return { ...facts, name: `${++count}`, sha256, pixels, patient };
}
