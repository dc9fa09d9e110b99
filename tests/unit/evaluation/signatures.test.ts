import { describe, expect, it } from 'vitest';
import { powerSpectrum } from '../../../main/evaluation/fourier.ts';
import { areaUnderCurve, failureSignatures } from '../../../main/evaluation/signatures.ts';
import { spectralScores } from '../../../main/evaluation/spectrum.ts';
import { hasRealImages, type RealImage, realImages } from './real-images.ts';

describe('the power spectrum', () => {
  it.each([
    [16, 8],
    [12, 10],
    [7, 9],
  ])('of %i × %i pixels is that of the sum over all pixels', (width, height) => {
    const pixels = Float64Array.from({ length: width * height }, (_, i) => Math.sin(i * i) + 0.3 * i);
    const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
    const power = powerSpectrum(pixels, { width, height, windowed: false });
    for (let v = 0; v < height; v++)
      for (let u = 0; u < width; u++) {
        let [re, im] = [0, 0];
        for (let i = 0; i < pixels.length; i++) {
          const angle = 2 * Math.PI * (((i % width) * u) / width + (Math.floor(i / width) * v) / height);
          re += (pixels[i]! - mean) * Math.cos(angle);
          im -= (pixels[i]! - mean) * Math.sin(angle);
        }
        expect(power[v * width + u]).toBeCloseTo(re * re + im * im, 6);
      }
  });

  it('of a wave stands at its frequency', () => {
    const pixels = Float64Array.from({ length: 64 * 64 }, (_, i) => Math.cos((2 * Math.PI * 16 * (i % 64)) / 64));
    const { radial } = spectralScores(pixels, { width: 64, height: 64 });
    expect(radial.indexOf(Math.max(...radial.filter(Number.isFinite)))).toBe(32);
  });

  it('refuses an image of less than 16 pixels', () => {
    expect(() => spectralScores(new Float32Array(64), { width: 8, height: 8 })).toThrow(/16 by 16/);
  });
});

it('the area under the curve counts pairs, ties half', () => {
  expect(areaUnderCurve([1, 2, 3], [2, 4])).toBeCloseTo((1.5 + 3) / 6, 12);
  expect(areaUnderCurve([1, 2], [1, 2])).toBe(0.5);
});

for (const data of ['chest-xray', 'brain-mri'] as const)
  describe.skipIf(!hasRealImages(data))(
    `failures planted into real images of ${data} (skipped without shared data)`,
    () => {
      const planted = async (change: (image: RealImage) => ArrayLike<number>) => {
        const images = await realImages(data, 'train', 120);
        // The table is sorted by class: both halves get every second image.
        const real = images.filter((_, i) => i % 2 === 0).map((image) => spectralScores(image.pixels, image));
        const synthetic = images.filter((_, i) => i % 2 === 1).map((image) => spectralScores(change(image), image));
        return failureSignatures(real, synthetic);
      };

      it('untouched images of other patients show none', async () => {
        const { checkerboard, overSmoothing, grain } = await planted(({ pixels }) => pixels);
        for (const { auc } of [checkerboard, overSmoothing, grain]) expect(Math.abs(auc - 0.5)).toBeLessThan(0.2);
      });

      it('a checkerboard of one grey level in a hundred is found, AUC ≥ 0.95', async () => {
        const { checkerboard } = await planted(({ pixels, width }) =>
          pixels.map((value, i) => value + ((i + Math.floor(i / width)) % 2 === 0 ? 0.01 : -0.01)),
        );
        expect(checkerboard.auc).toBeGreaterThanOrEqual(0.95);
        expect(checkerboard.beyondReal).toBeGreaterThan(0.8);
      });

      it('every second column brighter by two in a hundred, as an upsampling leaves it, is found, AUC ≥ 0.95', async () => {
        const { checkerboard } = await planted(({ pixels, width }) =>
          pixels.map((value, i) => value * ((i % width) % 2 === 0 ? 1.02 : 0.98)),
        );
        expect(checkerboard.auc).toBeGreaterThanOrEqual(0.95);
      });

      it('a slight blur is found as over-smoothing, AUC ≥ 0.95', async () => {
        const { overSmoothing } = await planted((image) => blurred(blurred(image)).pixels);
        expect(overSmoothing.auc).toBeGreaterThanOrEqual(0.95);
      });

      it('grain is found, AUC ≥ 0.95', async () => {
        const { grain } = await planted(({ pixels }) =>
          pixels.map((value, i) => value + 0.08 * ((Math.sin(i * 12.9898) * 43758.5453) % 1)),
        );
        expect(grain.auc).toBeGreaterThanOrEqual(0.95);
      });
    },
  );

/** Weights 1 2 1 along rows and columns: a Gaussian of σ 0.7. */
function blurred(image: RealImage): RealImage {
  const { width, height } = image;
  const along = (pixels: Float32Array, step: number, size: number, place: (i: number) => number) =>
    pixels.map((value, i) => {
      const before = place(i) > 0 ? pixels[i - step]! : value;
      const after = place(i) < size - 1 ? pixels[i + step]! : value;
      return (before + 2 * value + after) / 4;
    });
  const rows = along(image.pixels, 1, width, (i) => i % width);
  return { ...image, pixels: along(rows, width, height, (i) => Math.floor(i / width)) };
}
