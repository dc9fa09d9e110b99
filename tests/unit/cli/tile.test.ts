import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { beforeAll, expect, test } from 'vitest';
import type { SlideSummary, TilingResult } from '../../../preload/slides.ts';
import { corpora, hasCorpora, titleWith } from '../imaging/shared.ts';
import { smallPlace, startVerisim, temporaryFolder, verisim } from './verisim.ts';

const svs = path.join(corpora, 'wsi', 'CMU-1-Small-Region.svs');
const place = smallPlace();
const folder = temporaryFolder();
const whole = path.join(folder, 'whole');
const args = ['tile', svs, '--size', '96', '--mpp', '0.6', '--overlap', '16', '--json'];
const only = (title: string): string => titleWith(title, hasCorpora, 'the corpus');

/** Every file of a folder and its folders with the hash of its bytes. */
function contents(of: string): Record<string, string> {
  return Object.fromEntries(
    readdirSync(of, { recursive: true, withFileTypes: true }).flatMap((entry) => {
      if (!entry.isFile()) return [];
      const file = path.join(entry.parentPath, entry.name);
      const hash = createHash('sha256').update(readFileSync(file)).digest('hex');
      return [[path.relative(of, file), hash]];
    }),
  );
}

async function tile(out: string, extra: string[] = []): Promise<TilingResult> {
  const { status, stdout, stderr } = await verisim([...args, '--out', out, ...extra], place);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as TilingResult;
}

let undisturbed: TilingResult;
beforeAll(async () => {
  if (hasCorpora) undisturbed = await tile(whole);
});

test.skipIf(!hasCorpora)(only('patches, table and outlines tell the same'), async () => {
  const names = readdirSync(whole).filter((name) => name.endsWith('.png') && name !== 'mask.png');
  expect(undisturbed.patches).toBe(names.length);
  expect(undisturbed.patches).toBeGreaterThan(100);
  expect(undisturbed.files.every((file) => existsSync(file))).toBe(true);
  const rows = readFileSync(path.join(whole, 'tiles.csv'), 'utf8').trim().split('\n').slice(1);
  expect(rows.map((row) => /"(.*)"/.exec(row)?.[1]).toSorted()).toEqual(names.toSorted());
  const { features } = JSON.parse(readFileSync(path.join(whole, 'tiles.geojson'), 'utf8')) as {
    features: { geometry: { coordinates: [number, number][][] }; properties: { name: string } }[];
  };
  const [first] = features;
  const [, x, y, w] = /x=(\d+),y=(\d+),w=(\d+)/.exec(first?.properties.name ?? '')?.map(Number) ?? [];
  const [corner, next] = first?.geometry.coordinates[0] ?? [];
  expect([corner?.[0], corner?.[1], next?.[0]].map((value) => Math.round(value ?? NaN))).toEqual([
    x,
    y,
    (x ?? 0) + (w ?? 0),
  ]);
  expect(await sharp(path.join(whole, names[0] ?? '')).metadata()).toMatchObject({
    width: 96,
    height: 96,
    channels: 3,
  });
});

test.skipIf(!hasCorpora)(only('a job killed with kill -9 goes on and ends with the same bytes'), async () => {
  const out = path.join(folder, 'killed');
  for (const share of [0.2, 0.6]) {
    const { child, finished } = startVerisim([...args, '--out', out], place);
    const wanted = share * undisturbed.patches;
    await new Promise<void>((resolve) => {
      const watch = setInterval(() => {
        const made = existsSync(out) ? readdirSync(out).filter((name) => name.endsWith('.png')).length : 0;
        if (made < wanted && child.exitCode === null) return;
        clearInterval(watch);
        resolve();
      }, 5);
    });
    child.kill('SIGKILL');
    await finished;
    expect(existsSync(path.join(out, 'tiles.csv'))).toBe(false);
  }
  const resumed = await tile(out);
  expect(resumed.kept).toBeGreaterThan(0);
  expect(resumed.kept).toBeLessThan(undisturbed.patches);
  expect(contents(out)).toEqual(contents(whole));
});

test.skipIf(!hasCorpora)(only('only the tiles that are missing are made again'), async () => {
  const before = contents(whole);
  const names = Object.keys(before).filter((name) => name.includes('(d='));
  for (const name of names.slice(0, 3)) rmSync(path.join(whole, name));
  const again = await tile(whole);
  expect([again.kept, again.patches]).toEqual([names.length - 3, names.length]);
  expect(contents(whole)).toEqual(before);
});

test.skipIf(!hasCorpora)(only('a folder with other tiles is refused'), async () => {
  const { status, stderr } = await verisim([...args, '--out', whole, '--tissue', '0.9'], place);
  expect(status).toBe(1);
  expect(stderr).toContain('InvalidInput');
});

test.skipIf(!hasCorpora)(only('a broken slide among several is told, the others are tiled'), async () => {
  const broken = path.join(folder, 'broken.svs');
  writeFileSync(broken, readFileSync(svs).subarray(0, 100_000));
  const out = path.join(folder, 'several');
  const { status, stdout } = await verisim(['tile', broken, svs, '--size', '512', '--out', out, '--json'], place);
  const result = JSON.parse(stdout) as TilingResult;
  expect(status).toBe(1);
  expect(result.failed.map(({ error }) => error.tag)).toEqual(['SlideInvalid']);
  expect(result.slides.map(({ path: file }) => file)).toEqual([svs]);
  expect(result.patches).toBeGreaterThan(0);
});

test.skipIf(!hasCorpora)(only('a dry run counts what tiling then makes, and writes nothing'), async () => {
  const { stdout } = await verisim([...args, '--dry-run'], place);
  const { slides } = JSON.parse(stdout) as { slides: { patches: number; bytes: number }[] };
  const bytes = undisturbed.files
    .filter((file) => file.includes('(d='))
    .reduce((sum, file) => sum + readFileSync(file).length, 0);
  expect(slides[0]?.patches).toBe(undisturbed.patches);
  expect((slides[0]?.bytes ?? 0) / bytes).toBeGreaterThan(0.6);
  expect((slides[0]?.bytes ?? 0) / bytes).toBeLessThan(1.6);
});

test.skipIf(!hasCorpora)(only('info lists slides beside series, and what cannot be read with its tag'), async () => {
  const { status, stdout } = await verisim(['info', path.join(corpora, 'wsi'), '--json'], place);
  const { slides, skipped } = JSON.parse(stdout) as { slides: SlideSummary[]; skipped: object[] };
  expect([status, skipped]).toEqual([0, []]);
  expect(slides.map(({ name, format }) => [name, format])).toEqual([
    ['CMU-1-Small-Region.svs', 'aperio'],
    ['multi-channel-z-series.ome.tif', 'ome-tiff'],
    ['viv-multi-channel.ome.tif', 'ome-tiff'],
  ]);
});

test.skipIf(!hasCorpora)(only('a flat picture becomes a pyramid with its resolution'), async () => {
  const [flat, slide] = [path.join(folder, 'flat.png'), path.join(folder, 'slide.tif')];
  const region = [
    'slide',
    'region',
    svs,
    '--x',
    '800',
    '--y',
    '900',
    '--width',
    '700',
    '--height',
    '600',
    '--out',
    flat,
  ];
  expect((await verisim(region, place)).status).toBe(0);
  const { stdout } = await verisim(['slide', 'pyramid', flat, '--out', slide, '--mpp', '0.5', '--json'], place);
  const made = JSON.parse(stdout) as SlideSummary;
  expect([made.width, made.height, made.levels.length]).toEqual([700, 600, 3]);
  expect(made.micronsPerPixel?.x).toBeCloseTo(0.5, 3);
});
