import { expect, test } from 'vitest';
import { defaultTissue, type TissueSettings } from '../../../preload/slides.ts';
import { tissueFeatures } from '../../../main/imaging/slide/tissue/features.ts';
import { tissueFraction } from '../../../main/imaging/slide/tissue/fraction.ts';
import { findTissue, otsu } from '../../../main/imaging/slide/tissue/mask.ts';
import { cleanPieces } from '../../../main/imaging/slide/tissue/pieces.ts';

const pink = [222, 150, 190] as const;
const glass = [243, 243, 243] as const;

/** Glass with rectangles of colour. */
function picture(
  width: number,
  height: number,
  marks: { x: number; y: number; w: number; h: number; colour: readonly number[] }[],
) {
  const rgb = new Uint8Array(width * height * 3);
  for (let i = 0; i < width * height; i++) rgb.set(glass, 3 * i);
  for (const { x, y, w, h, colour } of marks) {
    for (let row = y; row < y + h; row++)
      for (let column = x; column < x + w; column++) rgb.set(colour, 3 * (row * width + column));
  }
  return { width, height, rgb };
}

/** Ten pixels of level 0 of half a µm each: 25 µm² a pixel of the mask. */
const scale = { downsample: 10, micronsPerPixel: 0.5 };

function maskOf(image: ReturnType<typeof picture>, settings: Partial<TissueSettings> = {}): Uint8Array {
  return findTissue(
    tissueFeatures(image),
    { ...defaultTissue, smallestPieceUm2: 0, largestHoleUm2: 0, ...settings },
    scale,
  ).values;
}

const area = (mask: Uint8Array): number => mask.reduce((sum, value) => sum + value, 0);

test("Otsu's threshold parts two classes where they part", () => {
  const values = Uint8Array.from({ length: 1000 }, (_, i) => (i < 700 ? 10 + (i % 5) : 90 + (i % 20)));
  expect(otsu(values)).toBeGreaterThanOrEqual(14);
  expect(otsu(values)).toBeLessThan(90);
});

test('tissue is found on glass but for its four corners, which smoothing takes, and a blank slide has none', () => {
  expect(area(maskOf(picture(100, 80, [{ x: 20, y: 20, w: 30, h: 40, colour: pink }])))).toBeGreaterThanOrEqual(1196);
  expect(area(maskOf(picture(100, 80, [])))).toBe(0);
});

test('a picture without glass is tissue everywhere, however few µm² it shows', () => {
  const violet = [140, 70, 160];
  const nuclei = Array.from({ length: 30 }, (_, i) => ({
    x: (i % 6) * 4,
    y: Math.floor(i / 6) * 5,
    w: 2,
    h: 3,
    colour: [70, 20, 140],
  }));
  const region = picture(24, 24, [{ x: 0, y: 0, w: 24, h: 24, colour: violet }, ...nuclei]);
  expect(24 * 24 * 25).toBeLessThan(defaultTissue.smallestPieceUm2);
  const { values } = findTissue(tissueFeatures(region), defaultTissue, scale);
  expect(area(values)).toBe(24 * 24);
});

test('pieces and holes go by their area in µm²', () => {
  const image = picture(120, 100, [
    { x: 10, y: 10, w: 60, h: 60, colour: pink },
    { x: 30, y: 30, w: 8, h: 8, colour: glass },
    { x: 90, y: 80, w: 6, h: 6, colour: pink },
  ]);
  const [hole, piece] = [34 * 120 + 34, 83 * 120 + 93];
  const all = maskOf(image);
  expect([all[hole], all[piece]]).toEqual([0, 1]);
  // 6 × 6 pixels of 25 µm², a little more by the smoothing; the hole a little less than 8 × 8.
  expect(maskOf(image, { smallestPieceUm2: 36 * 25 * 3 })[piece]).toBe(0);
  expect(maskOf(image, { smallestPieceUm2: 36 * 25 * 0.8 })[piece]).toBe(1);
  expect(maskOf(image, { largestHoleUm2: 64 * 25 * 1.1 })[hole]).toBe(1);
  expect(maskOf(image, { largestHoleUm2: 16 * 25 })[hole]).toBe(0);
});

test('holes that reach the edge are background, diagonal pixels are one piece', () => {
  const mask = Uint8Array.from([1, 0, 1, 1, /**/ 0, 1, 0, 1, /**/ 1, 1, 1, 1]);
  const copy = mask.slice();
  cleanPieces(copy, { width: 4, height: 3 }, { smallestPiece: 9, largestHole: 0 });
  expect(area(copy)).toBe(9);
  cleanPieces(mask, { width: 4, height: 3 }, { smallestPiece: 0, largestHole: 1 });
  expect([...mask]).toEqual([1, 0, 1, 1, 0, 1, 1, 1, 1, 1, 1, 1]);
});

test('ink of a green or blue pen and black edges are no tissue unless they are to be', () => {
  for (const colour of [
    [30, 160, 60],
    [20, 60, 200],
    [15, 15, 18],
  ]) {
    const image = picture(100, 80, [{ x: 20, y: 20, w: 30, h: 40, colour }]);
    expect(area(maskOf(image, { saturation: 40 }))).toBeLessThan(200);
  }
  const green = picture(100, 80, [{ x: 20, y: 20, w: 30, h: 40, colour: [30, 160, 60] }]);
  expect(area(maskOf(green, { withoutInk: false }))).toBeGreaterThan(1000);
});

test('what the brush adds is tissue and what it takes away is none, also after everything else', () => {
  const image = picture(100, 80, [{ x: 20, y: 20, w: 30, h: 40, colour: pink }]);
  const strokes = [
    { add: true, radius: 50, points: [[800, 400] as const, [800, 600] as const] },
    { add: false, radius: 50, points: [[350, 400] as const] },
  ];
  const mask = maskOf(image, { strokes, smallestPieceUm2: 5000 });
  expect([mask[50 * 100 + 80], mask[40 * 100 + 35], mask[25 * 100 + 25]]).toEqual([1, 0, 1]);
});

test('a pale pixel with texture is tissue where the rule says so', () => {
  const image = picture(100, 80, []);
  for (let i = 0; i < 2000; i++) image.rgb.fill(200 + ((i * 37) % 50), 3 * (30 * 100 + i), 3 * (30 * 100 + i) + 3);
  expect(area(maskOf(image))).toBe(0);
  expect(area(maskOf(image, { texture: 8 }))).toBeGreaterThan(1500);
});

test('the share of tissue counts parts of mask pixels', () => {
  const values = new Uint8Array(16);
  values[5] = 1;
  const fraction = tissueFraction({ width: 4, height: 4, values, saturation: 0 }, { width: 400, height: 400 });
  expect(fraction({ x: 100, y: 100, width: 100, height: 100 })).toBeCloseTo(1, 12);
  expect(fraction({ x: 50, y: 100, width: 100, height: 100 })).toBeCloseTo(0.5, 12);
  expect(fraction({ x: 150, y: 150, width: 100, height: 100 })).toBeCloseTo(0.25, 12);
  expect(fraction({ x: 300, y: 300, width: 100, height: 100 })).toBe(0);
});

test('a slider is answered within a tenth of a second', () => {
  const image = picture(2048, 1536, [{ x: 200, y: 200, w: 1500, h: 1000, colour: pink }]);
  for (let i = 0; i < 60_000; i++) image.rgb.set(pink, 3 * ((i * 7919) % (2048 * 1536)));
  const features = tissueFeatures(image);
  const times = Array.from({ length: 7 }, (_, i) => {
    const before = process.threadCpuUsage();
    findTissue(features, { ...defaultTissue, saturation: 20 + i }, scale);
    const { user, system } = process.threadCpuUsage(before);
    return (user + system) / 1000;
  }).sort((a, b) => a - b);
  // Milliseconds of a processor, the middle one of seven: what others do on the machine does not count.
  expect(times[3]).toBeLessThan(100);
});
