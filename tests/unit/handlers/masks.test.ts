import { readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { decodePng } from '../../../main/imaging/png.ts';
import { inpaintingDefaults } from '../../../preload/generation-request.ts';
import { saveMaskFile } from '../../../main/handlers/masks.ts';
import { context, generate, openBench, openPhantom } from './workspace.ts';

const bench = await openBench();
afterAll(() => bench.workspace.close());
const { seriesId, file } = await openPhantom(bench);
const [columns, rows] = [40, 48];

/** The phantom's own file with other voxels: 1 in a box of slice 9 (its lower left as stored), 0 elsewhere. */
function niftiMask(name: string, change: (bytes: Buffer) => void = () => undefined): string {
  const bytes = Buffer.from(readFileSync(file));
  bytes.fill(0, 352);
  for (let j = 4; j < 20; j++) {
    for (let i = 6; i < 22; i++) bytes.writeInt16LE(1, 352 + 2 * ((9 * rows + j) * columns + i));
  }
  change(bytes);
  const target = path.join(path.dirname(file), name);
  writeFileSync(target, bytes);
  return target;
}

function keep(maskFile: string) {
  const series = bench.workspace.log.series.get(seriesId).summary;
  return saveMaskFile(bench.workspace, { path: maskFile, series }, context.signal);
}

describe('a mask', () => {
  it('as a NIfTI file marks slices of the series as they are shown: rows from the anterior, columns from the right', async () => {
    const { maskId } = await keep(niftiMask('mask.nii'));
    const { width, height, values } = decodePng(readFileSync(bench.workspace.folder.mask(maskId)));
    expect([width, height]).toEqual([columns, rows * 20]);
    const marked = (x: number, y: number): boolean => values[(9 * rows + y) * columns + x] === 255;
    // Stored i runs to the right and j to the anterior, both against what is shown.
    expect(marked(columns - 1 - 6, rows - 1 - 4)).toBe(true);
    expect(marked(columns - 1 - 21, rows - 1 - 19)).toBe(true);
    expect(marked(6, 4)).toBe(false);
    expect(values.filter((value) => value === 255).length).toBe(16 * 16);
  });

  it('leaves the source outside as it was, and is refused for slices that it does not mark', async () => {
    const { maskId } = await keep(niftiMask('mask.nii'));
    const inpaint = { maskId, ...inpaintingDefaults };
    const run = await generate(bench, { count: 1, source: { seriesId, sliceIndices: [9], strength: 1 }, inpaint });
    expect(run.state).toBe('done');
    expect(run.title).toContain('inpainting');
    const made = decodePng(readFileSync(run.outputs[0]?.path ?? '')).values;
    const source = decodePng(readFileSync(bench.workspace.folder.runInput(run.id, 0))).values;
    const same = Array.from(made, (value, i) => value === source[i]);
    expect(same.filter(Boolean).length).toBeGreaterThan(made.length / 2);
    expect(same.filter((equal) => !equal).length).toBeGreaterThan(4);
    const unmarked = await generate(bench, { count: 1, source: { seriesId, sliceIndices: [3], strength: 1 }, inpaint });
    expect(unmarked).toMatchObject({ state: 'failed', error: { tag: 'InvalidInput' } });
    await expect(generate(bench, { inpaint })).rejects.toMatchObject({ tag: 'InvalidInput' });
    const unknown = { ...inpaint, maskId: '0'.repeat(64) };
    const source9 = { seriesId, sliceIndices: [9], strength: 1 };
    await expect(generate(bench, { inpaint: unknown, source: source9 })).rejects.toMatchObject({
      tag: 'FileNotReadable',
    });
  });

  it('on another grid than the series is refused, with both grids named', async () => {
    const moved = niftiMask('moved.nii', (bytes) => bytes.writeFloatLE(7, 280 + 4 * 3));
    await expect(keep(moved)).rejects.toMatchObject({
      tag: 'InvalidInput',
      message: expect.stringMatching(/another grid/),
    });
  });

  it('that was drawn has the name of its content, and needs a bit for every pixel', async () => {
    const bits = Buffer.alloc((columns * rows) / 8);
    bits[0] = 0x80;
    const save = (bytes: Buffer) =>
      bench.handlers['masks.save']({ columns, rows, bits: bytes.toString('base64') }, context);
    const { maskId } = await save(bits);
    expect((await save(bits)).maskId).toBe(maskId);
    const { values } = decodePng(readFileSync(bench.workspace.folder.mask(maskId)));
    expect(values.indexOf(255)).toBe(0);
    expect(values.lastIndexOf(255)).toBe(0);
    await expect(save(bits.subarray(1))).rejects.toMatchObject({ tag: 'InvalidInput' });
    await expect(save(Buffer.alloc(bits.length))).rejects.toMatchObject({ tag: 'InvalidInput' });
  });
});
