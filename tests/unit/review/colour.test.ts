import { describe, expect, it } from 'vitest';
import type { ReaderAnswer } from '../../../preload/review.ts';
import { fitPicture } from '../../../main/imaging/patches/fit-picture.ts';
import { throughJpeg } from '../../../main/imaging/patches/patch-picture.ts';
import { aucWithInterval } from '../../../main/review/delong.ts';
import { equaliseColourCase } from '../../../main/review/equalise.ts';
import { equalisingQuality, jpegSquares } from '../../../main/review/jpeg-squares.ts';
import { findLeaks, measureCase, type ShownCase } from '../../../main/review/leak.ts';
import { luminance } from '../../../main/review/leak-properties.ts';
import { randomSource } from '../../../main/review/random.ts';
import { stainedField } from './stained-field.ts';

const side = 64;
const grid = { width: side, height: side };
const random = randomSource(12);
const field = () => stainedField(side, random);
const squaresOf = (rgb: Uint8Array) => jpegSquares(luminance({ pixels: rgb, channels: 3, ...grid }), grid);
const coded = async (rgb: Uint8Array, quality: number) =>
  (await throughJpeg({ ...grid, rgb }, { quality, chroma: '4:2:0' })).rgb;

/** As a scan is: coded by JPEG, and a patch cut out of it somewhere. */
async function cutFromScan(quality: number): Promise<Uint8Array> {
  const large = { width: side + 16, height: side + 16 };
  const rgb = stainedField(large.width, random);
  const scan = await throughJpeg({ ...large, rgb }, { quality, chroma: '4:2:0' });
  const [left, top] = [3, 5];
  return Uint8Array.from({ length: 3 * side * side }, (_, i) => {
    const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
    return scan.rgb[3 * ((top + y) * large.width + left + x) + (i % 3)]!;
  });
}

describe('an equalised colour case', () => {
  it('keeps its colours: neither window nor luminance touch them', () => {
    const pink = Uint8Array.from({ length: 3 * 16 * 16 }, (_, i) => [231, 120, 180][i % 3]!);
    const { pixels, width, height } = equaliseColourCase({ rgb: pink, grid: { width: 16, height: 16 }, size: 64 });
    expect([width, height, pixels.length]).toEqual([64, 64, 3 * 64 * 64]);
    expect(pixels.every((value, i) => value === [231, 120, 180][i % 3])).toBe(true);
  });

  it('refuses pixels that are not on the grid', () => {
    expect(() => equaliseColourCase({ rgb: new Uint8Array(48), grid, size: 128 })).toThrow(/16 pixels/);
  });
});

describe('a picture on the grid', () => {
  it('is cut from the middle at the resolution asked for, with no border', () => {
    const [width, height] = [90, 60];
    const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => 100 + (i % 3));
    const fitted = fitPicture({ width, height, rgb }, { width: 16, height: 16 }, 2.5);
    expect([fitted.width, fitted.height]).toEqual([16, 16]);
    expect(fitted.rgb.every((value, i) => value === 100 + (i % 3))).toBe(true);
  });

  it('is a copy where it has the size already, and its middle where only that is smaller', () => {
    const rgb = field();
    expect(fitPicture({ ...grid, rgb }, grid, Infinity).rgb).toEqual(rgb);
    const middle = fitPicture({ ...grid, rgb }, { width: 32, height: 32 }, 1).rgb;
    expect(middle.subarray(0, 96)).toEqual(rgb.subarray(3 * (16 * side + 16), 3 * (16 * side + 48)));
  });

  it('reduces by means of what each pixel covers', () => {
    const checks = Uint8Array.from({ length: 3 * side * side }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
      return (x + y) % 2 === 0 ? 0 : 200;
    });
    const { rgb } = fitPicture({ ...grid, rgb: checks }, { width: 32, height: 32 }, Infinity);
    expect(rgb.every((value) => value === 100)).toBe(true);
  });
});

describe('the squares of JPEG', () => {
  it('stand out in a patch cut from a scan wherever they begin, and not in one that was never coded', async () => {
    const scans = await Promise.all(Array.from({ length: 8 }, async () => squaresOf(await cutFromScan(60))));
    const never = Array.from({ length: 8 }, () => squaresOf(field()));
    expect(Math.min(...scans)).toBeGreaterThan(Math.max(...never));
  });

  it('are made to stand out alike by one more coding of both classes', async () => {
    const pool = { real: [] as Uint8Array[], synthetic: [] as Uint8Array[] };
    for (let k = 0; k < 15; k++) {
      pool.real.push(await cutFromScan(65));
      pool.synthetic.push(field());
    }
    const measure = async (quality: number | null) => {
      const of = (truth: ReaderAnswer) =>
        Promise.all(pool[truth].map(async (rgb) => squaresOf(quality === null ? rgb : await coded(rgb, quality))));
      return { real: await of('real'), synthetic: await of('synthetic') };
    };
    const without = await measure(null);
    const quality = await equalisingQuality(measure);
    expect(quality).not.toBeNull();
    const after = await measure(quality);
    const area = (one: typeof after) => aucWithInterval(one).value;
    expect(area(without)).toBeLessThan(0.1);
    expect(Math.abs(area(after) - 0.5)).toBeLessThan(0.2);
  });

  it('call for no coding where they tell nothing, nor where none helps', async () => {
    const alike = { real: [0.1, 0.2, 0.3], synthetic: [0.1, 0.2, 0.3] };
    expect(await equalisingQuality(() => Promise.resolve(alike))).toBeNull();
    expect(await equalisingQuality(() => Promise.resolve({ ...alike, synthetic: [1, 2, 3] }))).toBeNull();
  });
});

describe('the leak test in colour', () => {
  const shown = (truth: ReaderAnswer, pixels: Uint8Array, place: number): ShownCase => ({
    ...{ truth, pixels, channels: 3, ...grid, byteLength: 0, loadMs: 0, place, imageNumber: place },
  });
  const perClass = 60;
  const pairs = Array.from({ length: perClass }, () => [field(), field()] as const);
  const report = async (change: (rgb: Uint8Array) => Uint8Array | Promise<Uint8Array>) => {
    const cases: ShownCase[] = [];
    for (const [k, [real, synthetic]] of pairs.entries())
      cases.push(
        shown('real', real, 2 * k + (k % 2)),
        shown('synthetic', await change(synthetic), 2 * k + 1 - (k % 2)),
      );
    return findLeaks(cases.map(measureCase));
  };
  const telling = ({ properties }: Awaited<ReturnType<typeof report>>) =>
    properties.filter(({ tells }) => tells).map(({ kind }) => kind);

  it('finds nothing where both classes are of one kind', async () => {
    const found = await report((rgb) => rgb);
    expect(telling(found)).toEqual([]);
    expect(Math.abs(found.auc.value - 0.5)).toBeLessThan(0.16);
  });

  it.each([
    ['fewer bits', 'depth', (rgb: Uint8Array) => rgb.map((value) => value & 0xf0)],
    ['another stain', 'colour', (rgb: Uint8Array) => rgb.map((value, i) => (i % 3 === 0 ? value - 12 : value))],
    ['the squares of JPEG', 'jpeg', (rgb: Uint8Array) => coded(rgb, 60)],
    [
      'a drawn border',
      'border',
      (rgb: Uint8Array) =>
        rgb.map((value, i) => {
          const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
          return x === 0 || y === 0 || x === side - 1 || y === side - 1 ? 255 : value;
        }),
    ],
  ] as const)('finds %s', async (_name, kind, change) => {
    const found = await report(change);
    expect(telling(found)).toContain(kind);
    expect(found.auc.value).toBeGreaterThan(0.8);
  });
});
