import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { CallInput } from '../../../preload/contract.ts';
import type { ImageSet } from '../../../preload/domain.ts';
import type { ReadingSummary, ReviewSummary } from '../../../preload/review.ts';
import { smallPlace } from '../cli/verisim.ts';
import { decodePng } from '../../../main/imaging/png.ts';
import { studyPlan } from './requests.ts';
import { context, exportedSeries, generate, openBench, openPhantom, type Bench } from './workspace.ts';

let bench: Bench;
let real: ImageSet;
let synthetic: ImageSet;
beforeEach(async () => {
  bench = await openBench();
  const { seriesId } = await openPhantom(bench);
  real = { kind: 'series', seriesId };
  synthetic = { kind: 'run', runId: (await generate(bench, { count: 8 })).id };
});
afterEach(() => bench.workspace.close());

const plan = (changes: Partial<CallInput<'reviews.create'>> = {}) =>
  studyPlan({ real, synthetic }, { showsResult: true, ...changes });
const create = (changes: Partial<CallInput<'reviews.create'>> = {}): Promise<ReviewSummary> =>
  bench.handlers['reviews.create'](plan(changes), context);

const reader = (pseudonym: string) => ({ pseudonym, yearsOfExperience: 8, specialty: 'Neuroradiology' });
const begin = (reviewId: string, pseudonym = 'R1', at = bench): Promise<ReadingSummary> =>
  at.handlers['reviews.begin']({ reviewId, reader: reader(pseudonym) }, context);

const answer = (readingId: string, position: number, changes: object = {}, at = bench) =>
  at.handlers['reviews.answer'](
    { readingId, position, choice: 0, confidence: 2, elapsedMs: 1500, mark: null, comment: '', ...changes },
    context,
  );

async function readAll(reading: ReadingSummary, at = bench): Promise<void> {
  for (let position = reading.answered; position < reading.total; position++)
    await answer(
      reading.id,
      position,
      { choice: (position + reading.reader.pseudonym.length) % 2, confidence: 1 + (position % 4) },
      at,
    );
}

describe('a blind review', () => {
  it('is read case by case, survives a restart, and shows its result only at the end', async () => {
    const { id, total, designSha256 } = await create();
    const reading = await begin(id);
    expect(total).toBe(8);
    expect(designSha256).toMatch(/^[0-9a-f]{64}$/);
    const mark = { image: 0, x: 0.5, y: 0.25, radius: 0.1 };
    for (let position = 0; position < 5; position++) await answer(reading.id, position, { mark, comment: 'edge' });
    await expect(bench.handlers['reviews.result']({ reviewId: id }, context)).rejects.toMatchObject({
      tag: 'ReviewLocked',
    });

    await bench.workspace.close();
    bench = await openBench(bench.place);
    const { reviews } = await bench.handlers['reviews.list']({}, context);
    expect(reviews).toMatchObject([
      { id, state: 'open', designSha256, readings: [{ answered: 5, total: 8, state: 'reading' }] },
    ]);
    expect((await begin(id)).id).toBe(reading.id);
    const last = await bench.handlers['reviews.case']({ readingId: reading.id, position: 4 }, context);
    expect(last.answer).toEqual({ choice: 0, confidence: 2, elapsedMs: 1500, mark, comment: 'edge' });

    for (let position = 5; position < 8; position++) await answer(reading.id, position, { choice: 1 });
    const result = await bench.handlers['reviews.result']({ reviewId: id }, context);
    expect(result.items).toHaveLength(8);
    expect(result.items.filter(({ images }) => images[0]?.truth === 'real')).toHaveLength(4);
    const right = result.items.filter(({ rightShare }) => rightShare === 1).length;
    expect(result.readers[0]?.accuracy).toMatchObject({ n: 8, value: right / 8 });
    expect(result.several).toBeNull();
    const run = await bench.handlers['runs.show']({ runId: id }, context);
    expect(run).toMatchObject({ kind: 'review', state: 'done', result: { reviewId: id } });
  });

  it('lets only the latest answer be changed, in order, until it is finished', async () => {
    const { id } = await create({ casesPerClass: 1 });
    const reading = await begin(id);
    await expect(answer(reading.id, 1)).rejects.toMatchObject({ tag: 'InvalidInput' });
    await answer(reading.id, 0);
    expect((await answer(reading.id, 0, { choice: 1 })).reading.answered).toBe(1);
    await expect(answer(reading.id, 1, { choice: 4 })).rejects.toMatchObject({ tag: 'InvalidInput' });
    expect((await answer(reading.id, 1)).reading).toMatchObject({ state: 'finished', answered: 2 });
    await expect(answer(reading.id, 1)).rejects.toMatchObject({ tag: 'ReviewLocked' });
    await expect(answer(reading.id, 2)).rejects.toMatchObject({ tag: 'UnknownImage' });
    await expect(answer('absent', 0)).rejects.toMatchObject({ tag: 'UnknownReview' });
  });

  it('tells nobody the truth before its end: not the log, not the run, not the case, not the files', async () => {
    const { id } = await create();
    const reading = await begin(id);
    const seen = JSON.stringify([
      await bench.handlers['runs.show']({ runId: id }, context),
      await bench.handlers['reviews.case']({ readingId: reading.id, position: 0 }, context),
      await bench.handlers['reviews.list']({}, context),
      bench.workspace.log.reviews.get(id),
      bench.events,
    ]);
    expect(seen).not.toMatch(/"truth"|slice:|output:/);
    const folder = path.join(bench.place.home, 'reviews', id);
    const files = readdirSync(folder).map((name) => path.join(folder, name));
    expect(files).toHaveLength(8);
    expect(new Set(files.map((file) => statSync(file).size)).size).toBe(1);
    for (const file of files) {
      const { values: _, ...facts } = decodePng(readFileSync(file));
      expect(facts).toEqual({ width: 512, height: 512, depth: 8, channels: 1, text: {} });
    }
    expect(statSync(path.join(bench.place.home, 'review-secrets', id)).mode & 0o777).toBe(0o600);
  });

  it('trains with feedback, plants repeats, and counts neither as a case of its own', async () => {
    const { id, total, trainingCases } = await create({
      casesPerClass: 3,
      trainingCases: 2,
      repeats: 2,
      showsResult: false,
    });
    expect([total, trainingCases]).toEqual([2 + 6 + 2, 2]);
    const reading = await begin(id);
    expect((await answer(reading.id, 0)).feedback).toBeTypeOf('number');
    await expect(answer(reading.id, 0, { choice: 1 })).rejects.toMatchObject({ tag: 'InvalidInput' });
    await answer(reading.id, 1);
    expect((await answer(reading.id, 2)).feedback).toBeNull();
    await readAll({ ...reading, answered: 3 });
    await bench.handlers['reviews.close']({ reviewId: id }, context);
    const result = await bench.handlers['reviews.result']({ reviewId: id }, context);
    expect(result.readers[0]).toMatchObject({ n: 6, repeats: { agreement: { n: 2 } } });
    expect(result.items).toHaveLength(6);
  });

  it('of four images asks for the real one: chance is a quarter', async () => {
    const { id, total } = await create({ question: 'which-is-real', choices: 4, casesPerClass: 2 });
    const reading = await begin(id);
    const shown = await bench.handlers['reviews.case']({ readingId: reading.id, position: 0 }, context);
    expect([total, shown.images.length]).toEqual([2, 4]);
    await readAll(reading);
    const { chance, items } = await bench.handlers['reviews.result']({ reviewId: id }, context);
    expect(chance).toBe(0.25);
    expect(items.every(({ images }) => images.filter(({ truth }) => truth === 'real').length === 1)).toBe(true);
  });

  it('asks for quality and for a lesion without a right answer, and for the better of two with one', async () => {
    for (const question of ['quality', 'lesion', 'which-is-better'] as const) {
      const { id } = await create({ question, casesPerClass: 3, title: question });
      const reading = await begin(id);
      for (let position = 0; position < reading.total; position++)
        await answer(reading.id, position, { choice: question === 'quality' ? 1 + (position % 5) : position % 2 });
      const { chance, readers, items } = await bench.handlers['reviews.result']({ reviewId: id }, context);
      expect([chance, readers[0]?.accuracy === null]).toEqual(
        question === 'which-is-better' ? [0.5, false] : [null, true],
      );
      expect(items.every(({ meanScore }) => (meanScore === null) === (question === 'which-is-better'))).toBe(true);
    }
  });

  it('a second session waits for the wash-out; a change of the plan is a new version', async () => {
    const { id } = await create({ sessions: 2, washOutDays: 14, showsResult: false });
    await readAll(await begin(id));
    await expect(begin(id)).rejects.toMatchObject({
      tag: 'ReviewLocked',
      message: expect.stringContaining('14 days') as string,
    });
    expect(await create({ seed: 8 })).toMatchObject({ version: 2 });
  });

  it('refuses sets of the wrong class, and ones that are too small', async () => {
    await expect(create({ real: [synthetic] })).rejects.toMatchObject({ tag: 'InvalidInput' });
    await expect(create({ synthetic: [real] })).rejects.toMatchObject({ tag: 'InvalidInput' });
    await expect(create({ casesPerClass: 9 })).rejects.toMatchObject({ tag: 'InvalidInput' });
    expect((await bench.handlers['reviews.list']({}, context)).reviews).toEqual([]);
    expect(readdirSync(path.join(bench.place.home, 'reviews'))).toEqual([]);
  });

  it('refuses a synthetic file that was read back as real, and takes it as synthetic', async () => {
    const folder = path.join(path.dirname(bench.place.home), 'exported');
    const series = await exportedSeries(bench, synthetic, folder);
    const readBack: ImageSet = { kind: 'series', seriesId: series[0]?.id ?? '' };
    await expect(create({ real: [readBack] })).rejects.toMatchObject({ tag: 'InvalidInput' });
    expect(await create({ synthetic: [readBack], casesPerClass: 2 })).toMatchObject({ total: 4 });
  });
});

describe('a study on three machines', () => {
  const fileOf = (name: string) => path.join(path.dirname(bench.place.home), name);

  it('is packed without its key, read elsewhere, merged once, and analysed', async () => {
    const { id } = await create({ showsResult: false });
    const study = fileOf('heads.verisim-study');
    await bench.handlers['reviews.write']({ what: 'study', id, file: study }, context);
    expect(gunzipSync(readFileSync(study)).toString('utf8')).not.toMatch(/"truth"|slice:|output:|salt/);

    await readAll(await begin(id, 'A'));
    const answers: string[] = [];
    for (const name of ['BB', 'CCC']) {
      const other = await openBench(smallPlace());
      const { review } = await other.handlers['reviews.read']({ file: study }, context);
      expect(review).toMatchObject({ origin: 'imported', total: 8 });
      const reading = await begin(review!.id, name, other);
      await readAll(reading, other);
      await expect(other.handlers['reviews.close']({ reviewId: review!.id }, context)).rejects.toMatchObject({
        tag: 'ReviewLocked',
      });
      const file = fileOf(`${name}.verisim-answers`);
      await other.handlers['reviews.write']({ what: 'answers', id: reading.id, file }, context);
      answers.push(file);
      await other.workspace.close();
    }
    for (const file of answers) await bench.handlers['reviews.read']({ file }, context);

    await expect(bench.handlers['reviews.read']({ file: answers[0]! }, context)).rejects.toMatchObject({
      tag: 'InvalidInput',
    });
    const tampered = fileOf('tampered.verisim-answers');
    writeFileSync(tampered, readFileSync(answers[0]!, 'utf8').replace('"choice": 0', '"choice": 1'));
    await expect(bench.handlers['reviews.read']({ file: tampered }, context)).rejects.toMatchObject({
      tag: 'HashMismatch',
    });

    const closed = await bench.handlers['reviews.close']({ reviewId: id }, context);
    expect(closed).toMatchObject({
      state: 'closed',
      readings: [{ merged: false }, { merged: true }, { merged: true }],
    });
    const result = await bench.handlers['reviews.result']({ reviewId: id }, context);
    expect(result.readers.map(({ reader: one }) => one.pseudonym).sort()).toEqual(['A', 'BB', 'CCC']);
    expect(result.several).toMatchObject({ readers: 3, figure: 'area' });
    expect(result.several?.estimates.length).toBeGreaterThanOrEqual(2);
    expect(result.agreement?.fleissKappa).toBeTypeOf('number');
    for (const what of ['csv', 'imrmc', 'json', 'html'] as const)
      await bench.handlers['reviews.write']({ what, id, file: fileOf(`result.${what}`) }, context);
    const imrmc = readFileSync(fileOf('result.imrmc'), 'utf8');
    expect(imrmc).toMatch(/BEGIN DATA:\ntruth,case\d+,truth,[01]\n/);
    expect(imrmc.split('\n').filter((line) => /^(A|BB|CCC),case/.test(line))).toHaveLength(24);
    expect(readFileSync(fileOf('result.csv'), 'utf8').trim().split('\r\n')).toHaveLength(25);
    await expect(begin(id, 'D')).rejects.toMatchObject({ tag: 'ReviewLocked' });
  });

  it('refuses a pack whose images or design were changed, and a file of something else', async () => {
    const { id } = await create();
    const study = fileOf('s.verisim-study');
    await bench.handlers['reviews.write']({ what: 'study', id, file: study }, context);
    const lines = gunzipSync(readFileSync(study)).toString('utf8').split('\n');
    writeFileSync(study, gzipSync([lines[0], lines[2], lines[1], ...lines.slice(3)].join('\n')));
    await expect(bench.handlers['reviews.read']({ file: study }, context)).rejects.toMatchObject({
      tag: 'HashMismatch',
    });
    const design = { ...(JSON.parse(lines[0]!) as { design: object }).design, orders: [[99]] };
    writeFileSync(study, gzipSync(JSON.stringify({ format: 'verisim-study', version: 1, design })));
    await expect(bench.handlers['reviews.read']({ file: study }, context)).rejects.toMatchObject({
      tag: 'NotRecognised',
    });
    writeFileSync(study, 'no study');
    await expect(bench.handlers['reviews.read']({ file: study }, context)).rejects.toMatchObject({
      tag: 'NotRecognised',
    });
  });

  it('needs its sealed key: a changed one is not opened', async () => {
    const { id } = await create({ showsResult: false });
    await readAll(await begin(id));
    writeFileSync(path.join(bench.place.home, 'review-secrets', id), Buffer.alloc(32).toString('base64'));
    await expect(bench.handlers['reviews.close']({ reviewId: id }, context)).rejects.toMatchObject({
      tag: 'HashMismatch',
    });
  });
});
