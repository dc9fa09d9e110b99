import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { ExportFormat, ImageSet } from '../../../preload/domain.ts';
import { sha256Of, temporaryFolder } from '../cli/verisim.ts';
import { context, generate, openBench, openPhantom, type Bench } from './workspace.ts';

let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
});
afterEach(() => bench.workspace.close());

const write = (set: ImageSet, format: ExportFormat, folder: string) =>
  bench.handlers['exports.write']({ set, format, deidentify: false, folder, originality: unchecked }, context);

const unchecked = { kind: 'unchecked' as const, reason: 'a test' };

describe('an export', () => {
  it.each(['dicom', 'nifti', 'png'] as const)(
    'of a run as %s is marked synthetic, and the same each time',
    async (format) => {
      const run = await generate(bench, { count: 2 });
      const [first, second] = [temporaryFolder(), temporaryFolder()];
      const { files } = await write({ kind: 'run', runId: run.id }, format, first);
      const again = await write({ kind: 'run', runId: run.id }, format, second);
      expect(files.map((file) => sha256Of(file))).toEqual(again.files.map((file) => sha256Of(file)));
      expect(files.map((file) => path.basename(file))).toEqual(
        {
          dicom: ['0000.dcm', '0001.dcm'],
          nifti: ['0000.nii', '0000.json', '0001.nii', '0001.json'],
          png: ['0000.png', '0001.png'],
        }[format],
      );
      const mark = {
        dicom: 'Synthesizing Equipment',
        nifti: 'trainedAlgorithmicMedia',
        png: 'trainedAlgorithmicMedia',
      }[format];
      const marked = files.filter((file) => !file.endsWith('.nii'));
      for (const file of marked) expect(readFileSync(file).includes(mark)).toBe(true);
      if (format === 'png')
        expect(files.map((file) => sha256Of(file))).toEqual(run.outputs.map(({ sha256 }) => sha256));
    },
  );

  it('is a run of the log with the hashes of its files', async () => {
    const { seriesId } = await openPhantom(bench);
    const { files } = await write({ kind: 'series', seriesId }, 'nifti', temporaryFolder());
    expect(files.length).toBeGreaterThan(0);
    const filter = { text: '', kind: 'export', state: null, limit: 10, offset: 0 } as const;
    const { rows } = await bench.handlers['runs.list'](filter, context);
    const run = await bench.handlers['runs.show']({ runId: rows[0]?.id ?? '' }, context);
    expect(run).toMatchObject({ kind: 'export', state: 'done', outputCount: files.length });
    for (const { path: file, sha256 } of run.outputs) expect(sha256Of(file)).toBe(sha256);
  });

  it('into a place that cannot be written fails by name, in the answer and in the log', async () => {
    const run = await generate(bench, { count: 1 });
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, 'mine');
    await expect(write({ kind: 'run', runId: run.id }, 'png', file)).rejects.toMatchObject({
      tag: 'OutputNotWritable',
    });
    expect(readFileSync(file, 'utf8')).toBe('mine');
    const filter = { text: '', kind: 'export', state: 'failed', limit: 10, offset: 0 } as const;
    expect((await bench.handlers['runs.list'](filter, context)).rows).toMatchObject([
      { error: { tag: 'OutputNotWritable' } },
    ]);
  });

  it('of many images lists them in order; one that cannot be written, or a cancel, ends all', async () => {
    const run = await generate(bench, { count: 20 });
    const folder = temporaryFolder();
    const { files } = await write({ kind: 'run', runId: run.id }, 'png', folder);
    expect(files.map((file) => sha256Of(file))).toEqual(run.outputs.map(({ sha256 }) => sha256));
    const blocked = temporaryFolder();
    mkdirSync(path.join(blocked, run.id, '0003.png', 'mine'), { recursive: true });
    await expect(write({ kind: 'run', runId: run.id }, 'png', blocked)).rejects.toMatchObject({
      tag: 'OutputNotWritable',
    });
    expect(readdirSync(path.join(blocked, run.id)).some((name) => name.endsWith('.tmp'))).toBe(false);
    const cancelled = temporaryFolder();
    const input = { set: { kind: 'run' as const, runId: run.id }, format: 'png' as const, deidentify: false };
    await expect(
      bench.handlers['exports.write'](
        { ...input, folder: cancelled, originality: unchecked },
        { signal: AbortSignal.abort() },
      ),
    ).rejects.toThrow();
    expect(existsSync(path.join(cancelled, run.id))).toBe(false);
  });

  it('of image to image names the source, unless it is de-identified', async () => {
    const { seriesId } = await openPhantom(bench);
    const folder = temporaryFolder();
    const { files } = await write({ kind: 'series', seriesId }, 'dicom', folder);
    const { series } = await bench.handlers['studies.open']({ paths: files }, context);
    const source = { seriesId: series[0]?.id ?? '', sliceIndices: [10], strength: 0.5 };
    const run = await generate(bench, { count: 1, source });
    const purpose = 'Source image for image processing operation';
    const set: ImageSet = { kind: 'run', runId: run.id };
    const named = await write(set, 'dicom', temporaryFolder());
    expect(readFileSync(named.files[0] ?? '').includes(purpose)).toBe(true);
    const input = {
      set,
      format: 'dicom' as const,
      deidentify: true,
      folder: temporaryFolder(),
      originality: unchecked,
    };
    const unnamed = await bench.handlers['exports.write'](input, context);
    expect(readFileSync(unnamed.files[0] ?? '').includes(purpose)).toBe(false);
    expect(existsSync(path.join(bench.place.home, 'runs', run.id, 'inputs', '0.png'))).toBe(true);
  });
});
