import { cpSync, mkdirSync, readFileSync, symlinkSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import sharp from 'sharp';
import { expect, test } from 'vitest';
import type { SlideGenerationResult } from '../../../preload/slides.ts';
import { makePyramid } from '../../../main/imaging/slide/make-pyramid.ts';
import { openSlide } from '../../../main/imaging/slide/open.ts';
import { readRegion } from '../../../main/imaging/slide/region.ts';
import { type Place, repositoryRoot, startVerisim, temporaryFolder, verisim } from '../cli/verisim.ts';

/** An installation that holds the small wavelet pack of colour images. */
function waveletPlace(): Place & { folder: string } {
  const folder = temporaryFolder();
  const root = path.join(folder, 'root');
  mkdirSync(path.join(root, 'models'), { recursive: true });
  symlinkSync(path.join(repositoryRoot, 'resources'), path.join(root, 'resources'));
  const pack = path.join('tests', 'fixtures', 'packs', 'small-wdm');
  cpSync(path.join(repositoryRoot, pack), path.join(root, 'models', 'small-wdm'), { recursive: true });
  return { home: path.join(folder, 'home'), root, folder };
}

const common = ['slide', 'generate', '--model', 'small-wdm', '--seed', '3', '--block', '256'];

async function generated(args: string[], place: Place): Promise<SlideGenerationResult> {
  const { status, stdout, stderr } = await verisim([...common, ...args, '--json'], place);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as SlideGenerationResult;
}

test('a region that is killed goes on with the next block and ends with the bytes of an undisturbed one', async () => {
  const place = waveletPlace();
  const size = ['--width', '300', '--height', '270', '--steps', '2'];
  const [whole, broken] = [path.join(place.folder, 'whole.tif'), path.join(place.folder, 'broken', 'slide.tif')];
  expect((await generated([...size, '--out', whole], place)).kept).toBe(0);

  const { child, finished } = startVerisim([...common, ...size, '--out', broken], place);
  const blocks = async (): Promise<number> => {
    const text = await readFile(`${broken}.progress.json`, 'utf8').catch(() => '{"blocks":0}');
    return (JSON.parse(text) as { blocks: number }).blocks;
  };
  while ((await blocks()) < 1) await wait(5);
  child.kill('SIGKILL');
  await finished;

  const again = await generated([...size, '--out', broken], place);
  expect(again.kept).toBeGreaterThanOrEqual(1);
  expect(Buffer.compare(readFileSync(broken), readFileSync(whole))).toBe(0);
  expect(await readdir(path.dirname(broken))).toEqual(['slide.tif']);
}, 60_000);

test('a variant of strength 0 is the part of the slide, and says that it was made from one', async () => {
  const place = waveletPlace();
  const [side, part] = [200, 128];
  const source = path.join(place.folder, 'source.png');
  const rgb = Buffer.from(
    Array.from({ length: side * side * 3 }, (_, i) => {
      const [x, y] = [Math.floor(i / 3) % side, Math.floor(i / 3 / side)];
      return 128 + 60 * Math.sin(x / 9 + (i % 3)) + 50 * Math.cos(y / 7);
    }),
  );
  await writeFile(
    source,
    await sharp(rgb, { raw: { width: side, height: side, channels: 3 } })
      .png()
      .toBuffer(),
  );
  const slide = path.join(place.folder, 'source.tif');
  await makePyramid(source, slide, { micronsPerPixel: 0.5 });
  const variant = path.join(place.folder, 'variant.tif');
  const from = ['--from', slide, '--region', `50,60,${part},${part}`, '--strength', '0'];
  const { slide: made } = await generated([...from, '--steps', '2', '--out', variant], place);
  expect([made.synthetic, made.micronsPerPixel?.x.toFixed(3)]).toEqual([true, '0.500']);
  expect(made.properties['description']).toContain('a variant of a part of another slide');

  const read = async (file: string, x: number, y: number): Promise<Uint8Array> => {
    const opened = await openSlide(file);
    const { rgb: pixels } = await readRegion(opened, { level: 0, x, y, width: part, height: part });
    await opened.close();
    return pixels;
  };
  const [real, same] = [await read(slide, 50, 60), await read(variant, 0, 0)];
  const apart = real.reduce((sum, value, i) => sum + Math.abs(value - (same[i] ?? 0)), 0) / real.length;
  // What is left is the JPEG of the new file.
  expect(apart).toBeLessThan(1.5);
}, 60_000);
