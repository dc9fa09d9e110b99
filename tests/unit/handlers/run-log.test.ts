import { rmSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { Lineage, LineageNode } from '../../../preload/run-log.ts';
import { sha256Of, temporaryFolder } from '../cli/verisim.ts';
import { smallRequest, studyPlan } from './requests.ts';
import { context, generate, openBench, openPhantom, type Bench } from './workspace.ts';

// Radiomic features of eight images: seconds, on a loaded machine a minute.
vi.setConfig({ testTimeout: 240_000 });

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.workspace.close());

const request = smallRequest({ seed: 3 });

describe('marks', () => {
  it('are put on many runs at once, tell every window, and are found by the filter', async () => {
    const [one, two] = [await generate(bench), await generate(bench, { seed: 4 })];
    await bench.handlers['runs.mark'](
      { runIds: [one.id, two.id], starred: true, addTags: ['pilot', 'figure'] },
      context,
    );
    await bench.handlers['runs.mark'](
      { runIds: [two.id], removeTags: ['pilot'], note: 'blurred at the edge' },
      context,
    );
    const list = async (text: string) =>
      (await bench.handlers['runs.list']({ text, kind: null, state: null, limit: 10, offset: 0 }, context)).rows;
    expect((await list('tag=pilot')).map(({ id }) => id)).toEqual([one.id]);
    expect(await list('blurred')).toMatchObject([
      { id: two.id, starred: true, tags: ['figure'], note: 'blurred at the edge' },
    ]);
    expect(bench.events.at(-1)).toMatchObject({
      event: 'runs.changed',
      payload: { id: two.id, note: 'blurred at the edge' },
    });
    expect(await bench.handlers['runs.vocabulary']({}, context)).toMatchObject({
      fields: expect.arrayContaining(['state', 'tag']) as unknown,
      names: expect.arrayContaining(['steps', 'timings.total']) as unknown,
      tags: ['figure', 'pilot'],
    });
    await expect(
      bench.handlers['runs.mark']({ runIds: [one.id, 'absent'], starred: false }, context),
    ).rejects.toMatchObject({ tag: 'UnknownRun' });
    expect(await list('is:starred')).toHaveLength(2);
  });
});

describe('a grid', () => {
  it('queues one run for every combination with one tag, or none where one of them is impossible', async () => {
    const { runIds, tag } = await bench.handlers['runs.grid'](
      { ...request, tag: 'sweep', grid: { steps: [2, 4], guidance: [1, 2], seed: [7] } },
      context,
    );
    expect(tag).toBe('sweep');
    await Promise.all(runIds.map((id) => bench.workspace.queue.finished(id)));
    const made = await Promise.all(runIds.map((runId) => bench.handlers['runs.show']({ runId }, context)));
    expect(made.map(({ parameters }) => [parameters.steps, parameters.guidance, parameters.seed])).toEqual([
      [2, 1, 7],
      [2, 2, 7],
      [4, 1, 7],
      [4, 2, 7],
    ]);
    expect(made.every(({ state, tags }) => state === 'done' && tags.includes('sweep'))).toBe(true);
    await expect(
      bench.handlers['runs.grid']({ ...request, tag: null, grid: { steps: [2, 900_000] } }, context),
    ).rejects.toMatchObject({ tag: 'InvalidInput' });
    const many = Array.from({ length: 501 }, (_, seed) => seed);
    await expect(bench.handlers['runs.grid']({ ...request, tag: null, grid: { seed: many } }, context)).rejects.toThrow(
      /501 runs/,
    );
    const { total } = await bench.handlers['runs.list'](
      { text: '', kind: null, state: null, limit: 10, offset: 0 },
      context,
    );
    expect(total).toBe(4);
  });
});

describe('runs beside each other', () => {
  it('show the parameters that differ, the metrics of each, and the images that all have', async () => {
    const [one, two] = [await generate(bench, { count: 3 }), await generate(bench, { count: 2, steps: 5 })];
    const compared = await bench.handlers['runs.compare']({ runIds: [one.id, two.id] }, context);
    expect(compared.differing).toEqual([
      { group: 'parameters', name: 'count', values: ['3', '2'] },
      { group: 'parameters', name: 'steps', values: ['4', '5'] },
    ]);
    expect(compared.equal).toBeGreaterThan(6);
    expect(compared.metrics.find(({ name }) => name === 'total, s')?.values.map((one) => one?.value)).toEqual([
      one.timings.total,
      two.timings.total,
    ]);
    expect(compared.imageIndices).toEqual([0, 1]);
  });

  it('show an interval where the result has one', async () => {
    const { workspace } = bench;
    const [one, two] = [await generate(bench), await generate(bench)];
    const fid = { value: 4.2, low: 3.3, high: 5.5, n: 400 };
    workspace.log.runs.change(two.id, { result: { model: { width: 8 }, metrics: { fid, ssim: 0.5 }, rows: [1, 2] } });
    const { metrics } = await bench.handlers['runs.compare']({ runIds: [one.id, two.id] }, context);
    expect(metrics.find(({ name }) => name === 'metrics.fid')?.values).toEqual([null, fid]);
    expect(metrics.find(({ name }) => name === 'metrics.ssim')?.values[1]).toMatchObject({ value: 0.5, low: null });
    expect(metrics.some(({ name }) => name.startsWith('model') || name.startsWith('rows'))).toBe(false);
  });
});

describe('lineage', () => {
  const titled = ({ nodes }: Lineage, kind: LineageNode['kind']) => nodes.filter((node) => node.kind === kind);
  const reaches = ({ edges }: Lineage, from: string, to: string): boolean =>
    from === to || edges.some((edge) => edge.from === from && reaches({ nodes: [], edges, notes: [] }, edge.to, to));

  it('goes from the source slice to what a reader said of the image', async () => {
    const { seriesId } = await openPhantom(bench);
    const source = { seriesId, sliceIndices: [2, 3], strength: 0.6 };
    const made = await generate(bench, { count: 4, source });
    const image = { kind: 'output', runId: made.id, index: 1 } as const;
    await bench.handlers['compare.pair']({ left: { kind: 'slice', seriesId, sliceIndex: 3 }, right: image }, context);
    const { id: reviewId } = await bench.handlers['reviews.create'](
      studyPlan({ real: { kind: 'series', seriesId }, synthetic: { kind: 'run', runId: made.id } }),
      context,
    );
    const reader = { pseudonym: 'Ada', yearsOfExperience: 8, specialty: '' };
    const reading = await bench.handlers['reviews.begin']({ reviewId, reader }, context);
    for (let position = 0; position < reading.total; position++) {
      const answer = { choice: 1, confidence: 3 as const, elapsedMs: 2500, mark: null, comment: '' };
      await bench.handlers['reviews.answer']({ readingId: reading.id, position, ...answer }, context);
    }
    const part = { kind: 'run', runId: made.id } as const;
    const few = await openPhantom(bench, { name: 'few.nii', seed: 2, slices: 4 });
    const evaluation = await bench.handlers['measure.run'](
      {
        real: [{ kind: 'series', seriesId: few.seriesId }],
        cohorts: [{ name: 'variants', parts: [part] }],
        training: [],
        extractorId: 'radiomics',
        radiomics: false,
        bootstrap: 2,
      },
      context,
    );
    const folder = temporaryFolder();
    await bench.handlers['exports.write'](
      { set: part, format: 'dicom', folder, deidentify: false, originality: { kind: 'unchecked', reason: 'phantoms' } },
      context,
    );
    const query = { runId: made.id, index: 1 };
    const sealed = await bench.handlers['runs.lineage'](query, context);
    expect(titled(sealed, 'answer')).toEqual([]);
    expect(titled(sealed, 'review')).toMatchObject([{ detail: 'key sealed' }]);
    expect(sealed.notes).toEqual([expect.stringContaining('stays sealed')]);

    await bench.handlers['reviews.close']({ reviewId }, context);
    const lineage = await bench.handlers['runs.lineage'](query, context);
    const [answer] = titled(lineage, 'answer');
    expect(titled(lineage, 'slice')).toMatchObject([{ title: 'Slice 4' }]);
    expect(titled(lineage, 'comparison')).toHaveLength(1);
    expect(answer).toMatchObject({ title: 'Ada: synthetic', detail: 'confidence 3 of 4 · 2.5 s' });
    expect(reaches(lineage, `series ${seriesId}`, answer?.id ?? '')).toBe(true);
    expect(reaches(lineage, 'model small', answer?.id ?? '')).toBe(true);

    expect(titled(lineage, 'evaluation')).toMatchObject([{ runId: evaluation.runId }]);
    const file = path.join(folder, made.id, '0001.dcm');
    expect(titled(lineage, 'export')).toMatchObject([{ detail: `0001.dcm · ${sha256Of(file).slice(0, 12)}` }]);
    for (const kind of ['evaluation', 'export'] as const)
      expect(reaches(lineage, `slice ${seriesId} 3`, titled(lineage, kind)[0]!.id)).toBe(true);

    // And back, from what was done with the images to the slices they are made of.
    for (const runId of [evaluation.runId, titled(lineage, 'export')[0]!.runId!, reviewId]) {
      const back = await bench.handlers['runs.lineage']({ runId, index: null }, context);
      expect(back.nodes.filter(({ asked }) => asked).map(({ id }) => id)).toEqual([`run ${runId}`]);
      for (const source of [`series ${seriesId}`, 'model small', `run ${made.id}`])
        expect(reaches(back, source, `run ${runId}`)).toBe(true);
      expect(titled(back, 'reading')).toMatchObject(runId === reviewId ? [{ title: 'Ada', detail: '8 answers' }] : []);
    }

    const other = await bench.handlers['runs.lineage']({ runId: made.id, index: 0 }, context);
    expect(titled(other, 'comparison')).toEqual([]);
    expect(titled(other, 'answer')).toHaveLength(1);
  });

  it('says which files are gone, and knows what was made again of a run', async () => {
    const made = await generate(bench);
    const { runId } = await bench.handlers['runs.rerun']({ runId: made.id }, context);
    await bench.workspace.queue.finished(runId);
    rmSync(made.outputs[2]?.path ?? '');
    const lineage = await bench.handlers['runs.lineage']({ runId: made.id, index: 2 }, context);
    expect(lineage.nodes.find(({ asked }) => asked)).toMatchObject({ kind: 'image', missing: true });
    expect(reaches(lineage, `image ${made.id} 2`, `run ${runId}`)).toBe(true);
    const upwards = await bench.handlers['runs.lineage']({ runId, index: null }, context);
    expect(reaches(upwards, `run ${made.id}`, `run ${runId}`)).toBe(true);
  });
});
