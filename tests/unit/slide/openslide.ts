import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Region } from '../../../main/imaging/slide/region.ts';
import { pythonWith } from '../imaging/tools.ts';
import { plainDirectory } from './tiff-bytes.ts';

/** Debian's python3-openslide and Pillow. */
export const openslidePython = pythonWith('openslide', 'PIL');
export const hasVips = spawnSync('vips', ['--version']).status === 0;
export const hasOpenJpeg = spawnSync('opj_compress', ['-h']).error === undefined;

const script = `
import json, sys, openslide
from PIL import Image
slide = openslide.OpenSlide(sys.argv[1])
white = lambda image: Image.alpha_composite(Image.new('RGBA', image.size, (255, 255, 255, 255)), image).convert('RGB').tobytes()
with open(sys.argv[3], 'wb') as out:
    for region in json.loads(sys.argv[2]):
        down = slide.level_downsamples[region['level']]
        place = (round(region['x'] * down), round(region['y'] * down))
        out.write(white(slide.read_region(place, region['level'], (region['width'], region['height']))))
    for name in sys.argv[4:]:
        out.write(white(slide.associated_images[name]))
print(json.dumps({'levels': slide.level_dimensions, 'properties': dict(slide.properties)}))
`;

/** What OpenSlide reads: RGB on white of each region, one after another, then of the named pictures. */
export function readWithOpenSlide(
  slide: string,
  regions: Region[],
  options: { folder: string; pictures?: string[] },
): { levels: [number, number][]; properties: Record<string, string>; rgb: Buffer } {
  const out = path.join(options.folder, 'openslide.raw');
  const { stdout, stderr, status } = spawnSync(
    openslidePython ?? '',
    ['-c', script, slide, JSON.stringify(regions), out, ...(options.pictures ?? [])],
    { encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(stderr);
  return {
    ...(JSON.parse(stdout) as { levels: [number, number][]; properties: Record<string, string> }),
    rgb: readFileSync(out),
  };
}

export function vips(...args: string[]): void {
  const { stderr, status } = spawnSync('vips', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`vips ${args.join(' ')}: ${stderr}`);
}

/** Regions at random places of every level, whose upper left corner is a whole pixel of level 0 as OpenSlide asks for. */
export function randomRegions(
  levels: readonly { width: number; height: number; downsample: number }[],
  perLevel: number,
  seed = 1,
): Region[] {
  let state = seed;
  const next = (below: number): number => {
    state = (state * 1_103_515_245 + 12_345) % 2 ** 31;
    return Math.floor((state / 2 ** 31) * Math.max(1, below));
  };
  return levels.flatMap(({ width, height }, level) =>
    Array.from({ length: perLevel }, () => {
      const size = { width: Math.min(width, 40 + next(60)), height: Math.min(height, 40 + next(60)) };
      return { level, x: next(width - size.width), y: next(height - size.height), ...size };
    }),
  );
}

/** Tile after tile of JPEG 2000 in the layout of Aperio's SVS: what its own scanners write and no free tool does. */
export function writeJpeg2000Svs(
  file: string,
  image: { tiles: Buffer[]; width: number; height: number; tile: number; compression: 33003 | 33005 },
): void {
  const description = Buffer.from(
    `Aperio Image Library v11\n${image.width}x${image.height} (${image.tile}x${image.tile}) J2K/KDU Q=70|AppMag = 40|MPP = 0.2500\0`,
  );
  let at = 8;
  const offsets = image.tiles.map((tile) => {
    const here = at;
    at += tile.length + (tile.length % 2);
    return here;
  });
  const extra: Buffer[] = [];
  const place = (bytes: Buffer): number => {
    const here = at;
    extra.push(bytes, Buffer.alloc(bytes.length % 2));
    at += bytes.length + (bytes.length % 2);
    return here;
  };
  const longs = (values: number[]): Buffer => {
    const bytes = Buffer.alloc(4 * values.length);
    values.forEach((value, i) => bytes.writeUInt32LE(value, 4 * i));
    return bytes;
  };
  const many = (values: number[]): number => (values.length === 1 ? (values[0] ?? 0) : place(longs(values)));
  const bits = Buffer.from([8, 0, 8, 0, 8, 0]);
  const fields: [number, number, number, number][] = [
    [256, 4, 1, image.width],
    [257, 4, 1, image.height],
    [258, 3, 3, place(bits)],
    [259, 4, 1, image.compression],
    [262, 4, 1, 2],
    [270, 2, description.length, place(description)],
    [277, 4, 1, 3],
    [322, 4, 1, image.tile],
    [323, 4, 1, image.tile],
    [324, 4, image.tiles.length, many(offsets)],
    [325, 4, image.tiles.length, many(image.tiles.map(({ length }) => length))],
  ];
  const directory = plainDirectory(fields, 4);
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(at, 4);
  const padded = image.tiles.flatMap((tile) => [tile, Buffer.alloc(tile.length % 2)]);
  writeFileSync(file, Buffer.concat([header, ...padded, ...extra, directory]));
}
