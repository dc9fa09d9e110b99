import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import sharp from 'sharp';
import { afterAll, describe, expect, it } from 'vitest';
import type { CallInput } from '../../../preload/contract.ts';
import type { SetPart } from '../../../preload/measure.ts';
import { defaultTiling } from '../../../preload/slides.ts';
import { disposeInference } from '../../../main/engine/inference.ts';
import { decodePng } from '../../../main/imaging/png.ts';
import { makePyramid } from '../../../main/imaging/slide/make-pyramid.ts';
import { syntheticXmp } from '../../../main/imaging/slide/synthetic-xmp.ts';
import { randomSource } from '../../../main/review/random.ts';
import { smallPlace } from '../cli/verisim.ts';
import { stainedField } from '../review/stained-field.ts';
import { studyPlan } from './requests.ts';
import { type TiledPatches, writeTiledPatches } from './tiled-patches.ts';
import { type Bench, context, exportedSeries, generate, openBench, openPhantom } from './workspace.ts';

const bench = await openColourBench();
const home = path.dirname(bench.place.home);
const random = randomSource(9);
const run = await generate(bench, { modelId: 'small-lwdm', classId: 'a', sampler: 'ddim', count: 12 });
const model: SetPart = { kind: 'run', runId: run.id };

afterAll(async () => {
  await bench.workspace.close();
  await disposeInference();
});

async function tiledFolder(name: string, facts: Partial<TiledPatches> = {}): Promise<SetPart> {
  const folder = path.join(home, name);
  await writeTiledPatches(folder, { slide: name, ...facts });
  return folderPart(folder);
}

async function folderPart(folder: string): Promise<SetPart> {
  const { folder: known } = await bench.handlers['measure.addFolder']({ folder }, context);
  return { kind: 'folder', folderId: known?.id ?? '' };
}

const survey = (real: SetPart[], synthetic: SetPart[]) =>
  bench.handlers['reviews.survey']({ real, synthetic }, context);
const create = (real: SetPart[], synthetic: SetPart[], changes: Partial<CallInput<'reviews.create'>> = {}) =>
  bench.handlers['reviews.create'](
    { ...studyPlan({ real: model, synthetic: model }, changes), real, synthetic },
    context,
  );

async function readAll(reviewId: string) {
  const reader = { pseudonym: 'P1', yearsOfExperience: null, specialty: 'Pathology' };
  const { id: readingId, total } = await bench.handlers['reviews.begin']({ reviewId, reader }, context);
  for (let position = 0; position < total; position++)
    await bench.handlers['reviews.answer'](
      { readingId, position, choice: position % 2, confidence: 3, elapsedMs: 900, mark: null, comment: '' },
      context,
    );
  await bench.handlers['reviews.close']({ reviewId }, context);
  return bench.handlers['reviews.result']({ reviewId }, context);
}

const shownOf = (reviewId: string, number: number) =>
  decodePng(readFileSync(bench.workspace.folder.reviewCase(reviewId, number)));

describe('a review of patches', () => {
  it('shows colours at one size, offers no window, and names slides and patches only at its end', async () => {
    const { id, tools, notes, total } = await create([await tiledFolder('biopsy')], [model], {
      tools: { zoom: true, window: true, mark: false, comment: false },
    });
    expect([total, tools]).toEqual([8, { zoom: true, window: false, mark: false, comment: false }]);
    expect(notes.join(' ')).not.toContain('biopsy');
    const { design } = bench.workspace.log.reviews.get(id);
    expect(design).not.toMatch(/biopsy|patch|output/);
    const pictures = Array.from({ length: 8 }, (_, number) => shownOf(id, number));
    for (const { values, ...facts } of pictures) {
      expect(facts).toEqual({ width: 512, height: 512, depth: 8, channels: 3, text: {} });
      expect(values.some((value, i) => i % 3 === 0 && value !== values[i + 1])).toBe(true);
    }
    const { items } = await readAll(id);
    const images = items.flatMap((item) => item.images);
    expect(images.filter(({ truth }) => truth === 'real').map(({ slide }) => slide)).toEqual(Array(4).fill('biopsy'));
    expect(images.every(({ truth, title }) => /^biopsy, patch at \d+, 0$/.test(title) === (truth === 'real'))).toBe(
      true,
    );
  });

  it('tells how far its making is, and leaves nothing when that is cancelled', async () => {
    const { folder, log } = bench.workspace;
    const before = [log.reviews.list().length, readdirSync(path.dirname(folder.review('none')))];
    const told = () => bench.events.filter(({ event }) => event === 'reviews.progress').slice(earlier);
    const earlier = bench.events.filter(({ event }) => event === 'reviews.progress').length;
    const parts = [await tiledFolder('cancelled', { count: 60 })];
    const making = create(parts, [model], { casesPerClass: 12 });
    const watch = setInterval(() => {
      if (told().length > 1) void bench.handlers['reviews.cancel']({}, context);
    }, 1);
    await expect(making).rejects.toMatchObject({ name: 'AbortError' });
    clearInterval(watch);
    expect(told()[0]?.payload).toEqual({ done: 1, total: 24 });
    expect(told().length).toBeLessThan(24);
    expect([log.reviews.list().length, readdirSync(path.dirname(folder.review('none')))]).toEqual(before);
  });

  it('a patch that has the size of the study is shown with the very colours of its file', async () => {
    const { id } = await create([await tiledFolder('exact')], [model], { casesPerClass: 2 });
    const { items } = await readAll(id);
    const real = items.flatMap((item) => item.images).find(({ truth }) => truth === 'real');
    const x = /at (\d+),/.exec(real?.title ?? '')?.[1];
    const file = path.join(home, 'exact', `exact (d=1,x=${x},y=0,w=16,h=16).png`);
    const [of, shown] = [decodePng(readFileSync(file)).values, shownOf(id, real?.number ?? 0)];
    const mean = (values: ArrayLike<number>, channel: number) => {
      let sum = 0;
      for (let i = channel; i < values.length; i += 3) sum += values[i]!;
      return (3 * sum) / values.length;
    };
    for (const channel of [0, 1, 2]) expect(Math.abs(mean(of, channel) - mean(shown.values, channel))).toBeLessThan(1);
  });

  it('draws evenly from the slides of a folder, and keeps patches of one slide apart', async () => {
    const parts = [await tiledFolder('a'), await tiledFolder('b', { count: 2 }), await tiledFolder('c', { count: 2 })];
    const { id, notes } = await create(parts, [model], { casesPerClass: 6 });
    const { items, notes: atTheEnd } = await readAll(id);
    expect(atTheEnd.join(' ')).toMatch(/6 cases are patches of 3 slides and are counted as independent/);
    const slides = items.flatMap(({ images }) =>
      images.filter(({ truth }) => truth === 'real').map(({ slide }) => slide),
    );
    expect(slides.toSorted()).toEqual(['a', 'a', 'b', 'b', 'c', 'c']);
    expect(notes.some((note) => note.includes('neighbouring'))).toBe(false);
  });

  it('brings patches of two resolutions to the coarser one, and says so', async () => {
    const fine = await tiledFolder('fine', { side: 32, micronsPerPixel: 0.25 });
    const coarse = await tiledFolder('coarse', { micronsPerPixel: 0.5, synthetic: true });
    const { real, synthetic, notes, problem } = await survey([fine], [coarse]);
    expect(real).toMatchObject([{ images: 12, slides: 1, micronsPerPixel: 0.25, size: { width: 32, height: 32 } }]);
    expect(synthetic).toMatchObject([{ images: 12, slides: 1, micronsPerPixel: 0.5, isColour: true }]);
    expect(problem).toBeNull();
    expect(notes).toEqual([
      'The patches were cut at 0.25 and 0.5 µm per pixel. All are shown at 0.5 µm per pixel, the middle 16 × 16 px of each.',
    ]);
    const made = await create([fine], [coarse]);
    expect(made.notes).toEqual(notes);
    expect((await survey([fine], [model])).notes.join(' ')).toMatch(/32 × 32 and 16 × 16 px.*shown at 16 × 16.*nuclei/);
  });

  it('takes a tiling run of a slide as either half, by what the slide is', async () => {
    const tiling = await tiledRun('scan');
    const { real } = await survey([tiling], [model]);
    expect(real).toMatchObject([{ slides: 1, micronsPerPixel: 0.5, size: { width: 32, height: 32 }, problem: null }]);
    expect(real[0]!.images).toBeGreaterThanOrEqual(8);
    const { id } = await create([tiling], [model], { casesPerClass: 3 });
    const { items } = await readAll(id);
    const titles = items.flatMap(({ images }) =>
      images.filter(({ truth }) => truth === 'real').map(({ title }) => title),
    );
    expect(titles.every((title) => /^scan, patch at \d+, \d+$/.test(title))).toBe(true);
    const { nodes } = await bench.handlers['runs.lineage']({ runId: id, index: null }, context);
    expect(nodes.map(({ kind, title }) => `${kind} ${title}`)).toEqual(
      expect.arrayContaining(['series scan.tif', 'other Tiles of scan.tif', 'review Turing']),
    );
  });

  it('takes a plain folder of colour pictures, with patients and classes from its table', async () => {
    const folder = path.join(home, 'plain');
    mkdirSync(folder);
    for (let k = 0; k < 6; k++)
      await sharp(stainedField(20, random), { raw: { width: 20, height: 20, channels: 3 } })
        .jpeg()
        .toFile(path.join(folder, `p${k}.jpg`));
    const lines = Array.from({ length: 6 }, (_, k) => `p${k}.jpg,patient ${k % 3},tumour`);
    writeFileSync(path.join(folder, 'manifest.csv'), ['file,patient,label', ...lines].join('\n'));
    const { id } = await create([await folderPart(folder)], [model], { casesPerClass: 3 });
    const { items } = await readAll(id);
    const real = items.flatMap(({ images }) => images.filter(({ truth }) => truth === 'real'));
    const patients = real.map(({ title }) => Number(/p(\d)\.jpg$/.exec(title)?.[1]) % 3);
    expect(patients.toSorted()).toEqual([0, 1, 2]);
    expect(real[0]).toMatchObject({ group: 'real, tumour', slide: '' });
    expect(real[0]?.title).toMatch(/^plain\/p\d\.jpg$/);
  });

  it('takes a colour series that was read back, slice by slice and in colour', async () => {
    const folder = path.join(home, 'exported');
    const series = await exportedSeries(bench, { kind: 'run', runId: run.id }, folder);
    const parts = series.map(({ id: seriesId }): SetPart => ({ kind: 'series', seriesId }));
    const { id } = await create([await tiledFolder('against series')], parts, { casesPerClass: 2 });
    expect([0, 1, 2, 3].map((number) => shownOf(id, number).channels)).toEqual([3, 3, 3, 3]);
  });

  it('shows a folder of grey pictures against a grey model as any grey study, with its window', async () => {
    const folder = path.join(home, 'grey');
    mkdirSync(folder);
    for (let k = 0; k < 4; k++) {
      const image = sharp(stainedField(24, random), { raw: { width: 24, height: 24, channels: 3 } }).greyscale();
      // Grey as grey, and grey written as colour.
      await (k % 2 === 0 ? image : image.toColourspace('srgb')).png().toFile(path.join(folder, `${k}.png`));
    }
    const grey = await generate(bench, { count: 4 });
    const { id, tools } = await create([await folderPart(folder)], [{ kind: 'run', runId: grey.id }], {
      tools: { zoom: true, window: true, mark: false, comment: false },
    });
    expect(tools.window).toBe(true);
    const shown = Array.from({ length: 8 }, (_, number) => shownOf(id, number));
    expect(shown.every(({ channels, width }) => channels === 1 && width === 512)).toBe(true);
    expect(shown.every(({ values }) => values.includes(255) && values.includes(0))).toBe(true);
  });
});

describe('sets that cannot stand in a review of patches', () => {
  it('synthetic patches as real ones: by what the tiling noted, and by the mark in a file', async () => {
    const noted = await tiledFolder('noted', { synthetic: true });
    const refused = { tag: 'InvalidInput', message: expect.stringContaining('Choose another set') as string };
    await expect(create([noted], [model])).rejects.toMatchObject(refused);
    expect((await survey([noted], [model])).real[0]?.problem).toContain('synthetic slide');
    const exported = await folderPart(path.dirname(bench.workspace.folder.runOutput(run.id, 0)));
    await expect(create([exported], [model])).rejects.toMatchObject(refused);
  });

  it('grey images against coloured ones, and a folder without pictures', async () => {
    const { seriesId } = await openPhantom(bench);
    await expect(create([{ kind: 'series', seriesId }], [model])).rejects.toMatchObject({
      tag: 'InvalidInput',
      message: expect.stringContaining('sets of one kind') as string,
    });
    const empty = path.join(home, 'empty');
    mkdirSync(empty);
    const { real } = await survey([await folderPart(empty)], [model]);
    expect(real[0]?.problem).toMatch(/holds no PNG, JPEG, TIFF or WebP patches/);
  });

  it('a synthetic half that no file calls synthetic is taken with a word of warning, and never overlaps the real one', async () => {
    const [one, other] = [await tiledFolder('unmarked'), await tiledFolder('marked', { synthetic: true })];
    const warned = /No file of the set that stands as synthetic/;
    expect((await survey([await tiledFolder('r')], [one])).notes.join()).toMatch(warned);
    expect((await survey([await tiledFolder('r')], [other])).notes.join()).not.toMatch(warned);
    await expect(create([one], [one])).rejects.toMatchObject({ message: expect.stringContaining('overlap') as string });
  });
});

it('an image that stands in both sets, whatever its file, is refused by name; one that repeats in a set is counted', async () => {
  const [once, again] = ['once', 'again'].map((name) => path.join(home, name)) as [string, string];
  const real = await tiledFolder('once');
  const [name = ''] = readdirSync(once).filter((one) => one.startsWith('once'));
  cpSync(path.join(once, name), path.join(once, 'copy.png'));
  const synthetic = await tiledFolder('again', { count: 13 });
  const { notes } = await create([real], [synthetic], { casesPerClass: 13 });
  expect(notes.join(' ')).toContain('One image stands in its set twice');
  await sharp(path.join(once, name)).tiff({ compression: 'lzw' }).toFile(path.join(again, 'other.tif'));
  rmSync(
    path.join(
      again,
      readdirSync(again).find((file) => file.startsWith('again'))!,
    ),
  );
  await expect(create([real], [await folderPart(again)], { casesPerClass: 13 })).rejects.toMatchObject({
    message: expect.stringMatching(/“.*” of the real set and “.*other.tif” of the synthetic set/) as string,
  });
});

it('what tells the sets apart without a look at the tissue is said, without saying which is which', async () => {
  const pale = path.join(home, 'second');
  mkdirSync(pale);
  for (let k = 0; k < 12; k++) {
    const rgb = stainedField(16, random).map((value) => 255 - (255 - value) / 3);
    const image = sharp(rgb, { raw: { width: 16, height: 16, channels: 3 } }).withXmp(syntheticXmp);
    await image.png().toFile(path.join(pale, `${k}.png`));
  }
  const sets = [[await tiledFolder('first')], [await folderPart(pale)]] as const;
  const { notes } = await create([...sets[0]], [...sets[1]], { casesPerClass: 12 });
  const told = notes.find((note) => note.includes('brightness'));
  expect(told).toMatch(
    /^The sets can be told apart by .*brightness \(area 1\.00\).* alone\. Bring the stains of both sets/,
  );
  expect(notes.join(' ')).not.toMatch(/real|synthetic|first|second/);

  const matched = await create([...sets[0]], [...sets[1]], { casesPerClass: 12, stain: 'reinhard' });
  expect(matched.notes.join(' ')).toContain('brought to one reference (Reinhard)');
  expect(matched.notes.join(' ')).not.toMatch(/brightness|saturation/);
});

async function openColourBench(): Promise<Bench> {
  const place = smallPlace();
  const folder = path.join(place.root, 'models', 'small-lwdm');
  mkdirSync(folder);
  cpSync(path.join('tests/fixtures/packs/small-lwdm'), folder, { recursive: true });
  return openBench(place);
}

/** Tiles a drawn slide as the Slides screen does. */
async function tiledRun(name: string): Promise<SetPart> {
  const side = 160;
  const flat = path.join(home, `${name}.png`);
  await sharp(stainedField(side, random), { raw: { width: side, height: side, channels: 3 } })
    .png()
    .toFile(flat);
  const file = path.join(home, `${name}.tif`);
  await makePyramid(flat, file, { micronsPerPixel: 0.5 });
  const { slides } = await bench.handlers['studies.open']({ paths: [file] }, context);
  const tiling = { ...defaultTiling, size: 32, tissueFraction: 0 };
  const out = path.join(home, `${name}-patches`);
  const { result } = await bench.handlers['slides.tile']({ slideIds: [slides[0]?.id ?? ''], tiling, out }, context);
  return { kind: 'run', runId: result?.runId ?? '' };
}
