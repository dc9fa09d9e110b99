import { expect, test } from 'vitest';
import { VerisimError } from '../../../preload/errors.ts';
import { defaultTiling, type TilingSettings } from '../../../preload/slides.ts';
import { focusOf } from '../../../main/imaging/slide/tiling/focus.ts';
import type { TissueFraction } from '../../../main/imaging/slide/tissue/fraction.ts';
import { inBlocks, planTiling, tileName } from '../../../main/imaging/slide/tiling/plan.ts';
import { readPolygons } from '../../../main/imaging/slide/tiling/polygons.ts';

const slide = {
  path: 'slide.svs',
  micronsPerPixel: { x: 0.499, y: 0.499 },
  levels: [{ width: 2220, height: 2967, downsample: 1, tileWidth: 240, tileHeight: 240 }],
};
const everywhere: TissueFraction = () => 1;
const plan = (settings: Partial<TilingSettings>, fraction = everywhere) =>
  planTiling(slide, { ...defaultTiling, ...settings }, fraction);

test('224 pixels at 1 µm stay 224, on a grid that does not drift', () => {
  const { places, columns, rows, side } = plan({ size: 224, micronsPerPixel: 1 });
  expect(side).toBeCloseTo(224 / 0.499, 9);
  expect([columns, rows]).toEqual([Math.floor(2220 / side), Math.floor(2967 / side)]);
  expect(places.at(-1)?.x).toBeCloseTo((columns - 1) * side, 9);
  expect(places).toHaveLength(columns * rows);
});

test('a patch that ends exactly at the edge is there', () => {
  expect(plan({ size: 555 }).columns).toBe(4);
  expect(plan({ size: 222, micronsPerPixel: 0.499 }).columns).toBe(10);
});

test('neighbours share as many pixels as the overlap', () => {
  const { places, step, side } = plan({ size: 200, overlap: 50, micronsPerPixel: 0.998 });
  expect(side - step).toBeCloseTo(100, 9);
  expect((places[1]?.x ?? 0) - (places[0]?.x ?? 0)).toBeCloseTo(300, 9);
  expect(() => plan({ size: 200, overlap: 200 })).toThrow(VerisimError);
});

test('a place without enough tissue or outside the regions is left out and counted', () => {
  const half = (place: { x: number }): number => (place.x < 1000 ? 0.4 : 0.6);
  const { places, background, columns, rows } = plan({ size: 200 }, half);
  expect(places.every(({ x }) => x >= 1000)).toBe(true);
  expect(places.length + background).toBe(columns * rows);
  const ring = [
    [0, 0],
    [500, 0],
    [500, 500],
    [0, 500],
    [0, 0],
  ] as const;
  expect(plan({ size: 200, regions: [[ring]] }).places).toHaveLength(4);
  const hole = ring.map(([x, y]) => [150 + x * 0.4, 150 + y * 0.4] as const);
  expect(plan({ size: 200, regions: [[ring, hole]] }).places).toHaveLength(3);
});

test('without a resolution µm cannot be made, own pixels can', () => {
  const unknown = { ...slide, micronsPerPixel: null };
  expect(() => planTiling(unknown, { ...defaultTiling, micronsPerPixel: 1 }, everywhere)).toThrow(/does not say/);
  expect(planTiling(unknown, defaultTiling, everywhere).side).toBe(224);
});

test('blocks keep every place once', () => {
  const { places } = plan({ size: 32 });
  const order = inBlocks(places);
  expect(new Set(order.map(({ index }) => index)).size).toBe(places.length);
  expect(order.slice(0, 12).map(({ index }) => index)).toEqual([...Array(12).keys()]);
});

test('names are those of QuPath', () => {
  const settings = { ...defaultTiling, size: 224 };
  expect(tileName('CMU-1', { x: 897.7956, y: 448.9, side: 448.8978 }, settings)).toBe(
    'CMU-1 (d=2.004,x=898,y=449,w=449,h=449).png',
  );
  expect(tileName('a', { x: 0, y: 0, side: 224 }, { ...settings, format: 'jpeg' })).toBe(
    'a (d=1,x=0,y=0,w=224,h=224).jpg',
  );
});

test("polygons come out of QuPath's GeoJSON: features, collections, several at once", () => {
  const ring = [
    [0, 0],
    [4, 0],
    [4, 4],
    [0, 0],
  ];
  const feature = { type: 'Feature', geometry: { type: 'Polygon', coordinates: [ring] }, properties: {} };
  const many = { type: 'Feature', geometry: { type: 'MultiPolygon', coordinates: [[ring], [ring]] } };
  expect(readPolygons(JSON.stringify({ type: 'FeatureCollection', features: [feature, many] }), 'a')).toHaveLength(3);
  expect(readPolygons(JSON.stringify([feature]), 'a')).toEqual([[ring]]);
  expect(() => readPolygons('{', 'a')).toThrow(VerisimError);
});

test('what is blurred has less focus than what it was made of', () => {
  const [width, height] = [64, 64];
  const sharp = Uint8Array.from(
    { length: width * height * 3 },
    (_, i) => (((Math.floor(i / 3) % width) >> 2) % 2) * 200,
  );
  const blurred = sharp.map((_, i) => {
    const around = [-9, -6, -3, 0, 3, 6, 9].map((step) => sharp[i + step] ?? 100);
    return around.reduce((sum, value) => sum + value, 0) / around.length;
  });
  expect(focusOf({ width, height, rgb: sharp })).toBeGreaterThan(5 * focusOf({ width, height, rgb: blurred }));
  expect(focusOf({ width, height, rgb: new Uint8Array(width * height * 3).fill(243) })).toBe(0);
});
