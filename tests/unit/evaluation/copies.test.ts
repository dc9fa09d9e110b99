import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { findExtractor } from '../../../main/engine/extractor-packs.ts';
import { randomFrom } from '../../../main/evaluation/random.ts';
import { type FeatureSource, openFeatureSource } from '../../../main/handlers/evaluate-features.ts';
import type { SetImage } from '../../../main/handlers/evaluate-images.ts';
import { findCopies } from '../../../main/handlers/evaluate-originality.ts';
import { hasRealImages, type RealImage, realImages } from './real-images.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

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
      let source: FeatureSource;
      let training: SetImage[];
      let real: SetImage[];

      beforeAll(async () => {
        source = await openFeatureSource(await findExtractor(['models'], extractorId), null);
        const [first, second] = data === 'chest-xray' ? [400, 250] : [110, 74];
        const images = await realImages(data, 'train', first + second);
        training = images.slice(0, first).map((image) => asSetImage(image.pixels, image.patient));
        real = images.slice(first).map((image) => asSetImage(image.pixels, image.patient));
        return () => source.release();
      });

      it.each(Object.keys(plants))('%s: every one is caught and named', async (kind) => {
        const originals = training.slice(0, 25);
        const synthetic = originals.map(({ pixels }) =>
          asSetImage(plants[kind]!({ pixels, ...grid, patient: '' }), ''),
        );
        const { copies, threshold } = await findCopies({ real, synthetic, training, grid }, source, () => undefined);
        expect(threshold).toBeLessThan(0.95);
        expect(copies).toHaveLength(originals.length);
        for (const { synthetic: copy, real: original } of copies)
          expect(training.findIndex(({ name }) => name === original)).toBe(
            synthetic.findIndex(({ name }) => name === copy),
          );
      });

      it('real images of other patients raise at most one false alarm in a hundred', async () => {
        const [calibration, others] = [real.filter((_, i) => i % 2 === 0), real.filter((_, i) => i % 2 === 1)];
        const anonymous = others.map((image) => ({ ...image, patient: '' }));
        const sets = { real: calibration.length < 50 ? real : calibration, synthetic: anonymous, training, grid };
        const { copies } = await findCopies(sets, source, () => undefined);
        expect(copies.length / others.length).toBeLessThanOrEqual(0.01 + 1 / others.length);
      });
    },
  );

let count = 0;

function asSetImage(pixels: Float32Array, patient: string): SetImage {
  const sha256 = createHash('sha256')
    .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    .digest('hex');
  const facts = { isColour: false, synthetic: patient === '', modelId: '', scores: null, size: '128×128' };
  return { ...facts, name: `${++count}`, sha256, pixels, patient };
}
