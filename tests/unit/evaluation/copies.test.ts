import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import type { Originality } from '../../../preload/evaluation.ts';
import { findExtractor } from '../../../main/engine/extractor-packs.ts';
import { copyThreshold } from '../../../main/evaluation/copies.ts';
import { openFeatureSource } from '../../../main/handlers/evaluate-features.ts';
import type { SetImage } from '../../../main/handlers/set-image.ts';
import { findCopies } from '../../../main/handlers/evaluate-originality.ts';
import { plantsOf } from '../../../scripts/planted-copies/plants.ts';
import { hasRealImages, realImages } from './real-images.ts';

vi.setConfig({ testTimeout: 600_000, hookTimeout: 600_000 });

const copiesOfAKind = 15;
const grid = { width: 128, height: 128 };
const plants = plantsOf(128, 11);

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
        planted = kinds.flatMap((kind) => originals.map((image) => asSetImage(plants[kind]!(image.pixels), '')));
        found = await findCopies({ real, synthetic: planted, training, grid }, source, {
          pictures: null,
          onPart: () => undefined,
        });
        const others = images.slice(122).map((image) => asSetImage(image.pixels, ''));
        const sets = { real, synthetic: others, training, grid };
        strangers = {
          images: others,
          found: await findCopies(sets, source, { pictures: null, onPart: () => undefined }),
        };
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

describe.skipIf(!hasRealImages('chest-xray'))('the threshold for copies (skipped without shared data)', () => {
  it('learnt from 300 real chest X-rays calls at most 1 % of 200 others of other patients copies', async () => {
    const source = await openFeatureSource(await findExtractor(['models'], 'extractor-chest-xray-128'), null);
    const [train, holdout] = [
      await realImages('chest-xray', 'train', 400),
      await realImages('chest-xray', 'holdout', 300),
    ];
    const [training, others] = [train.slice(0, 200), train.slice(200)].map((images) =>
      images.map((image) => asSetImage(image.pixels, image.patient)),
    ) as [SetImage[], SetImage[]];
    const real = holdout.map((image) => asSetImage(image.pixels, image.patient));
    const sets = { real, synthetic: others, training, grid };
    const { copies, threshold, calibratedOn } = await findCopies(sets, source, {
      pictures: null,
      onPart: () => undefined,
    });
    await source.release();
    expect(calibratedOn).toBeGreaterThanOrEqual(299);
    expect(threshold).toBeLessThan(0.86);
    expect(copies.length / others.length).toBeLessThanOrEqual(0.01);
  });
});

describe('a threshold from scores alone', () => {
  const scores = (n: number) => Array.from({ length: n }, (_, i) => 0.5 + (0.4 * i) / n);

  it('is the second highest of 600, the highest of 300 (Wilks: 99 % content with 95 % confidence)', () => {
    expect(copyThreshold(scores(600))).toBeCloseTo(scores(600).at(-2)!, 12);
    expect(copyThreshold(scores(300))).toBeCloseTo(scores(300).at(-1)!, 12);
  });

  it('of few images leaves three deviations above their mean, and stays between 0.7 and 0.95', () => {
    expect(copyThreshold(Array.from({ length: 60 }, (_, i) => 0.6 + (i % 2 === 0 ? 0.05 : -0.05)))).toBeGreaterThan(
      0.74,
    );
    expect(copyThreshold(Array.from({ length: 60 }, () => 0.2))).toBe(0.7);
    expect(copyThreshold(Array.from({ length: 400 }, () => 1))).toBe(0.95);
    expect(() => copyThreshold([0.5])).toThrow(/at least 50/);
  });
});

let count = 0;

function asSetImage(pixels: Float32Array, patient: string): SetImage {
  const sha256 = createHash('sha256')
    .update(new Uint8Array(pixels.buffer, pixels.byteOffset, pixels.byteLength))
    .digest('hex');
  const facts = {
    isColour: false,
    synthetic: patient === '',
    modelId: '',
    label: '',
    scores: null,
    size: '128×128',
    colour: null,
  };
  return { ...facts, name: `${++count}`, sha256, pixels, patient, slide: '' };
}
