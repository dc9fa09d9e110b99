import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ImageSet, ReviewSummary } from '../../../preload/domain.ts';
import { decodePng } from '../../../main/imaging/png.ts';
import { findLeaks } from '../../../main/review/leak.ts';
import { context, generate, openBench, openPhantom, type Bench } from './workspace.ts';

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

const create = (changes: object = {}): Promise<ReviewSummary> =>
  bench.handlers['reviews.create'](
    { title: 'Turing', real, synthetic, casesPerClass: 4, seed: 7, ...changes },
    context,
  );

const answer = (reviewId: string, position: number, changes: object = {}) =>
  bench.handlers['reviews.answer'](
    { reviewId, position, answer: 'real', confidence: 2, elapsedMs: 1500, ...changes },
    context,
  );

describe('a blind review', () => {
  it('is read case by case, survives a restart, and shows its result only at the end', async () => {
    const { id, total, designSha256 } = await create();
    expect(total).toBe(8);
    expect(designSha256).toMatch(/^[0-9a-f]{64}$/);
    for (let position = 0; position < 5; position++) await answer(id, position);
    await expect(bench.handlers['reviews.result']({ reviewId: id }, context)).rejects.toMatchObject({
      tag: 'ReviewLocked',
    });

    await bench.workspace.close();
    bench = await openBench(bench.place);
    const { reviews } = await bench.handlers['reviews.list']({}, context);
    expect(reviews).toMatchObject([{ id, state: 'reading', answered: 5, total: 8, designSha256 }]);
    const last = await bench.handlers['reviews.case']({ reviewId: id, position: 4 }, context);
    expect(last.answer).toEqual({ answer: 'real', confidence: 2, elapsedMs: 1500 });

    for (let position = 5; position < 8; position++) await answer(id, position, { answer: 'synthetic' });
    const result = await bench.handlers['reviews.result']({ reviewId: id }, context);
    expect(result.cases.length).toBe(8);
    expect(result.cases.filter(({ truth }) => truth === 'real').length).toBe(4);
    expect(result.accuracy).toMatchObject({ n: 8 });
    const right = result.cases.filter((one) => one.truth === one.answer).length;
    expect(result.accuracy.value).toBeCloseTo(right / 8);
    const run = await bench.handlers['runs.show']({ runId: id }, context);
    expect(run).toMatchObject({ kind: 'review', state: 'done', result: { reviewId: id } });
  });

  it('lets only the latest answer be changed, in order, until it is finished', async () => {
    const { id } = await create({ casesPerClass: 1 });
    await expect(answer(id, 1)).rejects.toMatchObject({ tag: 'InvalidInput' });
    await answer(id, 0);
    expect((await answer(id, 0, { answer: 'synthetic' })).answered).toBe(1);
    expect((await bench.handlers['reviews.case']({ reviewId: id, position: 0 }, context)).answer?.answer).toBe(
      'synthetic',
    );
    expect(await answer(id, 1)).toMatchObject({ state: 'finished', answered: 2 });
    await expect(answer(id, 1)).rejects.toMatchObject({ tag: 'ReviewLocked' });
    await expect(answer(id, 2)).rejects.toMatchObject({ tag: 'UnknownImage' });
    await expect(answer('absent', 0)).rejects.toMatchObject({ tag: 'UnknownReview' });
  });

  it('is no job: it cannot be cancelled', async () => {
    const { id } = await create({ casesPerClass: 1 });
    await expect(bench.handlers['runs.cancel']({ runId: id }, context)).rejects.toMatchObject({ tag: 'InvalidInput' });
    expect(await bench.handlers['runs.show']({ runId: id }, context)).toMatchObject({ state: 'running' });
  });

  it('tells nobody the truth before its end: not the run, not the case, not the files', async () => {
    const { id } = await create();
    const seen = JSON.stringify([
      await bench.handlers['runs.show']({ runId: id }, context),
      await bench.handlers['reviews.case']({ reviewId: id, position: 0 }, context),
      await bench.handlers['reviews.list']({}, context),
      bench.events,
    ]);
    expect(seen).not.toMatch(/"truth"|slice:|output:/);
    const folder = path.join(bench.place.home, 'reviews', id);
    const cases = bench.workspace.log.reviews.cases(id).map(({ position, truth }) => {
      const bytes = readFileSync(path.join(folder, `${position}.png`));
      const { width, height, depth, channels, values, text } = decodePng(bytes);
      expect({ width, height, depth, channels, text }).toEqual({
        width: 512,
        height: 512,
        depth: 8,
        channels: 1,
        text: {},
      });
      return { truth, pixels: Uint8Array.from(values), width, height, byteLength: bytes.length };
    });
    expect(readdirSync(folder).length).toBe(8);
    const sizes = findLeaks(cases).filter(({ property }) => property === 'width' || property === 'height');
    expect(sizes.map(({ tells }) => tells)).toEqual([false, false]);
  });

  it('has the same design for the same sets and seed, and another for another seed', async () => {
    const [first, same, other] = [await create(), await create(), await create({ seed: 8 })];
    expect(same.designSha256).toBe(first.designSha256);
    expect(other.designSha256).not.toBe(first.designSha256);
  });

  it('refuses sets of the wrong class, and ones that are too small', async () => {
    await expect(create({ real: synthetic })).rejects.toMatchObject({ tag: 'InvalidInput' });
    await expect(create({ synthetic: real })).rejects.toMatchObject({ tag: 'InvalidInput' });
    await expect(create({ casesPerClass: 9 })).rejects.toMatchObject({ tag: 'InvalidInput' });
    expect((await bench.handlers['reviews.list']({}, context)).reviews).toEqual([]);
  });

  it('refuses a synthetic file that was read back as real, and takes it as synthetic', async () => {
    const folder = path.join(path.dirname(bench.place.home), 'exported');
    const { files } = await bench.handlers['exports.write'](
      { set: synthetic, format: 'dicom', deidentify: false, folder },
      context,
    );
    const { series } = await bench.handlers['studies.open']({ paths: files }, context);
    expect(series).toMatchObject([{ synthetic: true }]);
    const readBack: ImageSet = { kind: 'series', seriesId: series[0]?.id ?? '' };
    await expect(create({ real: readBack })).rejects.toMatchObject({ tag: 'InvalidInput' });
    expect(await create({ synthetic: readBack, casesPerClass: 2 })).toMatchObject({ total: 4 });
  });
});
