import { readFileSync, rmSync, utimesSync } from 'node:fs';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { alignTo } from '../../../main/handlers/align.ts';
import { writeNiftiFile } from './nifti-file.ts';
import { context, generate, openBench, openPhantom, type Bench } from './workspace.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.workspace.close());

const fromSlices = (seriesId: string, strength: number) => ({
  source: { seriesId, sliceIndices: [10, 5], strength },
});

describe('comparison', () => {
  it('measures an image against what it was made from, and logs the pair once', async () => {
    const { seriesId } = await openPhantom(bench);
    const run = await generate(bench, fromSlices(seriesId, 0.5));
    expect(run).toMatchObject({ state: 'done', outputCount: 4 });
    const pair = {
      left: { kind: 'runInput', runId: run.id, index: 1 },
      right: { kind: 'output', runId: run.id, index: 1 },
    } as const;
    const first = await bench.handlers['compare.pair'](pair, context);
    const second = await bench.handlers['compare.pair'](pair, context);
    expect(second.runId).toBe(first.runId);
    // The grid of the small pack is below the window of SSIM.
    expect(first.metrics).toBeNull();
    expect(first.metricsNote).toContain('11 × 11');
    expect(first.left.synthetic).toBe(false);
    expect(first.right.synthetic).toBe(true);
    const { rows, total } = await bench.handlers['runs.list'](
      { text: '', kind: 'comparison', state: null, limit: 10, offset: 0 },
      context,
    );
    expect(total).toBe(1);
    expect(rows[0]).toMatchObject({ id: first.runId, state: 'done' });
  });

  it('measures against the slice itself, on the grid of the slice; not against another slice', async () => {
    const { seriesId } = await openPhantom(bench);
    const run = await generate(bench, fromSlices(seriesId, 0.5));
    const right = { kind: 'output', runId: run.id, index: 0 } as const;
    const paired = await bench.handlers['compare.pair'](
      { left: { kind: 'slice', seriesId, sliceIndex: 10 }, right },
      context,
    );
    expect(paired.metrics).toMatchObject({ psnrDb: expect.any(Number), ssim: expect.any(Number) });
    expect(paired.difference).toMatchObject({ width: 40, height: 48 });
    const bytes = readFileSync(bench.workspace.folder.imagePixels(paired.difference.id));
    expect(bytes.length).toBe(40 * 48 * 4);
    const other = await bench.handlers['compare.pair'](
      { left: { kind: 'slice', seriesId, sliceIndex: 5 }, right },
      context,
    );
    expect(other.metrics).toBeNull();
    expect(other.metricsNote).not.toBe('');
    expect(other.difference.range.max).toBeGreaterThan(0);
  });

  it('says of an image that equals its source that the two are identical: PSNR has no value then', async () => {
    const { seriesId } = await openPhantom(bench);
    const run = await generate(bench, fromSlices(seriesId, 0));
    const slice = { kind: 'slice', seriesId, sliceIndex: 10 } as const;
    const itself = {
      left: { kind: 'runInput', runId: run.id, index: 0 },
      right: { kind: 'output', runId: run.id, index: 0 },
    } as const;
    const { metrics, metricsNote, difference } = await bench.handlers['compare.pair'](itself, context);
    expect([difference.range.min, difference.range.max]).toEqual([0, 0]);
    expect(metrics).toBeNull();
    expect(metricsNote).not.toBe('');
    expect(
      (await bench.handlers['compare.pair']({ left: slice, right: itself.right }, context)).metrics,
    ).not.toBeNull();
  });

  it('finds the slice an image was made from as its nearest', async () => {
    const { seriesId } = await openPhantom(bench);
    const run = await generate(bench, fromSlices(seriesId, 0));
    const { nearest } = await bench.handlers['compare.nearest'](
      { runId: run.id, index: 1, seriesId, most: 3 },
      context,
    );
    expect(nearest.length).toBe(3);
    expect(nearest[0]?.reference).toEqual({ kind: 'slice', seriesId, sliceIndex: 5 });
    expect(nearest[0]?.distance).toBeLessThan(0.01);
    expect(nearest[0]?.correlation).toBeGreaterThan(0.99);
    expect(nearest[1]?.distance).toBeGreaterThan(nearest[0]?.distance ?? 0);
  });
});

describe('image to image', () => {
  it('gives the same bytes when it is repeated, and refuses another file in the place of its source', async () => {
    const { seriesId, file } = await openPhantom(bench);
    const run = await generate(bench, fromSlices(seriesId, 0.5));
    expect(run.inputs.map(({ name }) => name)).toEqual(['model', 'source']);
    const again = await bench.handlers['runs.rerun']({ runId: run.id }, context);
    await bench.workspace.queue.finished(again.runId);
    const repeated = await bench.handlers['runs.show'](again, context);
    expect(repeated.outputs.map(({ sha256 }) => sha256)).toEqual(run.outputs.map(({ sha256 }) => sha256));

    writeNiftiFile(file, { seed: 9 });
    utimesSync(file, new Date(), new Date(Date.now() + 5000));
    const changed = await bench.handlers['runs.rerun']({ runId: run.id }, context);
    expect(await bench.workspace.queue.finished(changed.runId)).toMatchObject({
      state: 'failed',
      error: { tag: 'HashMismatch' },
    });
    rmSync(file);
    const missing = await bench.handlers['runs.rerun']({ runId: run.id }, context);
    expect(await bench.workspace.queue.finished(missing.runId)).toMatchObject({
      state: 'failed',
      error: { tag: 'FileNotReadable', message: expect.stringContaining(file) },
    });
  });

  it('refuses a slice that the series does not have', async () => {
    const { seriesId } = await openPhantom(bench);
    const source = { seriesId, sliceIndices: [99], strength: 0.5 };
    await expect(generate(bench, { source })).rejects.toMatchObject({ tag: 'UnknownImage' });
  });
});

describe('alignment', () => {
  const grid = (width: number, height: number, mm: number) => ({ width, height, spacingMm: [mm, mm] as const });

  it('of equal grids changes nothing', () => {
    const values = Float32Array.of(0, 0.25, 0.5, 1);
    expect(alignTo(values, grid(2, 2, 1), grid(2, 2, 3))).toEqual(values);
  });

  it('of a coarser onto a finer grid is bilinear about a common centre', () => {
    const values = Float32Array.of(0, 1, 0, 1);
    const fine = alignTo(values, grid(2, 2, 2), grid(4, 4, 1));
    expect([...fine.subarray(4, 8)].map((value) => Number(value.toFixed(3)))).toEqual([0, 0.25, 0.75, 0.75]);
  });

  it('lays the square that holds a narrow slice over the square image made from it', () => {
    const square = Float32Array.from({ length: 16 }, (_, i) => (i % 4 === 1 || i % 4 === 2 ? 1 : 0));
    expect([...alignTo(square, grid(4, 4, 1), grid(2, 4, 1))]).toEqual(new Array(8).fill(1));
  });
});
