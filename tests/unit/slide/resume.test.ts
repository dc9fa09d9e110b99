import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync } from 'node:fs';
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

/** An installation that holds small packs. */
function placeWith(...packIds: string[]): Place & { folder: string } {
  const folder = temporaryFolder();
  const root = path.join(folder, 'root');
  mkdirSync(path.join(root, 'models'), { recursive: true });
  symlinkSync(path.join(repositoryRoot, 'resources'), path.join(root, 'resources'));
  for (const packId of packIds) {
    const pack = path.join('tests', 'fixtures', 'packs', packId);
    cpSync(path.join(repositoryRoot, pack), path.join(root, 'models', packId), { recursive: true });
  }
  return { home: path.join(folder, 'home'), root, folder };
}

const common = ['slide', 'generate', '--seed', '3', '--block', '256', '--steps', '2'];

async function generated(args: string[], place: Place): Promise<SlideGenerationResult> {
  const { status, stdout, stderr } = await verisim([...common, ...args, '--json'], place);
  if (status !== 0) throw new Error(stderr);
  return JSON.parse(stdout) as SlideGenerationResult;
}

/** Starts a job and sends it a signal when so many of its tasks are done. */
async function interrupted(
  args: string[],
  place: Place,
  { signal, file, tasks }: { signal: NodeJS.Signals; file: () => string; tasks: number },
): Promise<void> {
  const { child, finished } = startVerisim([...common, ...args], place);
  const done = async (): Promise<number> => {
    const text = await readFile(`${file()}.progress.json`, 'utf8').catch(() => '');
    return text === '' ? 0 : (JSON.parse(text) as { tasks: number }).tasks;
  };
  while ((await done()) < tasks && child.exitCode === null) await wait(5);
  child.kill(signal);
  await finished;
}

const differs = (one: string, other: string): number => Buffer.compare(readFileSync(one), readFileSync(other));

test.each([
  ['small-wdm', 'SIGKILL', 1, ['--width', '300', '--height', '270']],
  ['small-ldm', 'SIGKILL', 6, ['--width', '600', '--height', '530']],
  ['small-lwdm', 'SIGINT', 7, ['--width', '600', '--height', '530']],
] as const)(
  'a region by %s that is ended by %s goes on with the next block and ends with the bytes of an undisturbed one',
  async (packId, signal, tasks, size) => {
    const place = placeWith(packId);
    const [whole, broken] = [path.join(place.folder, 'whole.tif'), path.join(place.folder, 'broken', 'slide.tif')];
    const args = ['--model', packId, ...size];
    const first = await generated([...args, '--out', whole], place);
    expect(first.kept).toBe(0);
    expect(first.warnings.join()).toContain('not for slides');

    await interrupted([...args, '--out', broken], place, { signal, tasks, file: () => broken });
    const again = await generated([...args, '--out', broken], place);
    expect(again.kept).toBeGreaterThanOrEqual(1);
    expect(differs(broken, whole)).toBe(0);
    expect(await readdir(path.dirname(broken))).toEqual(['slide.tif']);
  },
  120_000,
);

test('coarse to fine, killed in both parts, ends with the same bytes: detail around the coarse picture, and says so', async () => {
  const place = placeWith('small-wdm');
  const model = ['--model', 'small-wdm'];
  const args = [...model, '--width', '600', '--height', '300', '--coarse-to-fine', '2'];
  const names = ['whole.tif', 'broken.tif', 'coarse.tif'].map((name) => path.join(place.folder, name));
  const [whole = '', broken = '', coarse = ''] = names;
  const { slide, blocks } = await generated([...args, '--out', whole, '--mpp', '0.25'], place);
  expect(blocks).toBe(2 + 6);
  expect(slide.micronsPerPixel?.x.toFixed(3)).toBe('0.250');
  expect(slide.synthetic).toBe(true);
  expect(slide.properties['description']).toContain('drawn from noise at a coarse scale, 2 times smaller');

  const drawn = path.join(place.home, 'cache', 'slides');
  const coarseFile = (): string => {
    const [name = ''] = existsSync(drawn) ? readdirSync(drawn).filter((one) => one.endsWith('.progress.json')) : [];
    return path.join(drawn, name.replace(/\.progress\.json$/, ''));
  };
  const again = [...args, '--out', broken, '--mpp', '0.25'];
  await interrupted(again, place, { signal: 'SIGKILL', tasks: 1, file: coarseFile });
  await interrupted(again, place, { signal: 'SIGKILL', tasks: 2, file: () => broken });
  expect((await generated(again, place)).kept).toBeGreaterThanOrEqual(2 + 2);
  expect(differs(broken, whole)).toBe(0);
  expect(readdirSync(drawn)).toEqual([]);

  await generated([...model, '--width', '300', '--height', '150', '--mpp', '0.5', '--out', coarse], place);
  const [small, large] = [await pixelsOf(coarse), await pixelsOf(whole)];
  const means = Array.from(small.rgb, (_, i) => {
    const [x, y, c] = [Math.floor(i / 3) % small.width, Math.floor(i / 3 / small.width), i % 3];
    const at = (dx: number, dy: number): number => large.rgb[((2 * y + dy) * large.width + 2 * x + dx) * 3 + c] ?? 0;
    return (at(0, 0) + at(1, 0) + at(0, 1) + at(1, 1)) / 4;
  });
  // The pack's weights are random: what is beyond black and white is cut off, which means do not survive unchanged.
  expect(correlation(Array.from(small.rgb), means)).toBeGreaterThan(0.85);
}, 120_000);

function correlation(one: readonly number[], other: readonly number[]): number {
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [oneMean, otherMean] = [mean(one), mean(other)];
  const products = (a: readonly number[], aMean: number, b: readonly number[], bMean: number): number =>
    a.reduce((sum, value, i) => sum + (value - aMean) * ((b[i] ?? 0) - bMean), 0);
  const together = products(one, oneMean, other, otherMean);
  return together / Math.sqrt(products(one, oneMean, one, oneMean) * products(other, otherMean, other, otherMean));
}

test('what a model cannot do is refused before anything is drawn', async () => {
  const ldm = placeWith('small-ldm');
  const out = path.join(ldm.folder, 'no.tif');
  const size = ['--width', '300', '--height', '300', '--out', out];
  const refused = async (place: Place, args: string[]): Promise<string> => {
    const { status, stderr } = await verisim([...common, ...args, ...size], place);
    expect(status).not.toBe(0);
    return stderr;
  };
  expect(await refused(ldm, ['--model', 'small-ldm', '--coarse-to-fine', '2'])).toContain('ModelDoesNotFit');
  expect(await refused(ldm, ['--model', 'small-ldm', '--coarse-to-fine', '3'])).toContain('WrongUse');
  const wdm = placeWith('small-wdm');
  expect(await refused(wdm, ['--model', 'small-wdm', '--coarse-to-fine', '4'])).toContain('2 levels');
}, 60_000);

async function pixelsOf(file: string): Promise<{ rgb: Uint8Array; width: number }> {
  const slide = await openSlide(file);
  const [level] = slide.levels;
  const { width, height } = level ?? { width: 0, height: 0 };
  const { rgb } = await readRegion(slide, { level: 0, x: 0, y: 0, width, height });
  await slide.close();
  return { rgb, width };
}

test('a variant of strength 0 is the part of the slide, and says that it was made from one', async () => {
  const place = placeWith('small-wdm', 'small-ldm');
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
  const { slide: made } = await generated(['--model', 'small-wdm', ...from, '--out', variant], place);
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
  const byLatent = [...common, '--model', 'small-ldm', ...from, '--out', path.join(place.folder, 'no.tif')];
  expect((await verisim(byLatent, place)).stderr).toContain('cannot make regions of other slides');
}, 60_000);
