import { cpSync, mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { disposeInference } from '../../../main/engine/inference.ts';
import { decodePng } from '../../../main/imaging/png.ts';
import { smallPlace } from '../cli/verisim.ts';
import { type Bench, context, generate, openBench, openPhantom } from '../handlers/workspace.ts';
import { dicomErrors, hasProgram, validator } from '../imaging/tools.ts';

/** A real workspace whose model, with random weights, makes RGB images of 16 × 16. */
const bench = await openColourBench();
const whole = { modelId: 'small-lwdm', classId: 'a', sampler: 'ddim', count: 2 } as const;

afterAll(async () => {
  await bench.workspace.close();
  await disposeInference();
});

describe('a colour model', () => {
  it('keeps its images as 8-bit RGB, and shows the same bytes', async () => {
    const run = await generate(bench, whole);
    expect(run.state).toBe('done');
    expect(run.inputs.map(({ name }) => name).sort()).toEqual(['decoder', 'encoder', 'model']);
    const kept = decodePng(readFileSync(run.outputs[1]?.path ?? ''));
    expect(kept).toMatchObject({ width: 16, height: 16, channels: 3, depth: 8 });
    expect(kept.text.Description).toContain('Synthetic image');
    const preview = decodePng(readFileSync(bench.workspace.folder.runPreview(run.id, 1)));
    expect(preview.values).toEqual(kept.values);
    const image = { kind: 'output', runId: run.id, index: 1 } as const;
    const { range } = await bench.handlers['images.describe']({ image }, context);
    expect(range.max - range.min).toBeGreaterThan(0);
  });

  it('is exported as colour DICOM that is valid and opens again, and as colour NIfTI', async () => {
    const { folder, files } = await exported('dicom');
    const { columns, rows, synthetic } = await openedSeries(folder);
    expect([columns, rows, synthetic]).toEqual([16, 16, true]);
    if (hasProgram(validator)) expect(dicomErrors(files[0] ?? '')).toEqual([]);
    const nifti = await exported('nifti');
    expect((await openedSeries(nifti.folder)).synthetic).toBe(true);
    expect(readFileSync(nifti.files[0] ?? '').readInt16LE(70)).toBe(128);
  });

  it('starts from a colour series, channel by channel', async () => {
    const { folder } = await exported('dicom');
    const { id: seriesId } = await openedSeries(folder);
    const source = { seriesId, sliceIndices: [0], strength: 0 };
    const run = await generate(bench, { ...whole, modelId: 'small-ddpm', count: 1, source });
    expect(run.error).toBeNull();
    const input = decodePng(readFileSync(bench.workspace.folder.runInput(run.id, 0)));
    const output = decodePng(readFileSync(run.outputs[0]?.path ?? ''));
    expect(input).toMatchObject({ channels: 3, width: 16 });
    // Strength 0 leaves the image as it is.
    expect(output.values).toEqual(input.values);
    const first = readFileSync(bench.workspace.folder.runOutput((await generate(bench, whole)).id, 0));
    expect(input.values).toEqual(decodePng(first).values);
  });

  it('does not fit a grey series', async () => {
    const { seriesId } = await openPhantom(bench);
    const run = await generate(bench, { ...whole, source: { seriesId, sliceIndices: [3], strength: 0.5 } });
    expect(run.error?.tag).toBe('ModelDoesNotFit');
    expect(run.error?.message).toContain('makes colour images');
  });
});

async function openColourBench(): Promise<Bench> {
  const place = smallPlace();
  for (const id of ['small-lwdm', 'small-ddpm']) {
    const folder = path.join(place.root, 'models', id);
    mkdirSync(folder);
    cpSync(path.join('tests/fixtures/packs', id), folder, { recursive: true });
  }
  return openBench(place);
}

async function exported(format: 'dicom' | 'nifti'): Promise<{ folder: string; files: string[] }> {
  const run = await generate(bench, whole);
  const folder = path.join(path.dirname(bench.place.home), `${format}-${run.id}`);
  const set = { kind: 'run', runId: run.id } as const;
  const { files } = await bench.handlers['exports.write'](
    { set, format, deidentify: false, folder, originality: { kind: 'unchecked', reason: 'a test' } },
    context,
  );
  return { folder, files };
}

async function openedSeries(folder: string) {
  const { series, skipped } = await bench.handlers['studies.open']({ paths: [folder] }, context);
  const [first] = series;
  if (first === undefined) throw new Error(`Nothing was read: ${JSON.stringify(skipped)}`);
  return first;
}
