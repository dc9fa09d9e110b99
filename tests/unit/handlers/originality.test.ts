import { copyFileSync, existsSync, mkdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunDetail } from '../../../preload/domain.ts';
import type { OriginalityCheck, OriginalityDecision } from '../../../preload/originality.ts';
import { writeTextures } from '../../fixtures/texture-folder.ts';
import { temporaryFolder } from '../cli/verisim.ts';
import { type Bench, context, generate, openBench } from './workspace.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let bench: Bench;
let run: RunDetail;
let check: OriginalityCheck;

beforeAll(async () => {
  bench = await openBench();
  run = await generate(bench, { count: 3 });
  // Real images of people, and an exact copy of the second output among them.
  const real = writeTextures(path.join(temporaryFolder(), 'real'), { count: 60, seed: 9 });
  mkdirSync(real, { recursive: true });
  copyFileSync(run.outputs[1]!.path, path.join(real, 'planted.png'));
  const { folder } = await bench.handlers['measure.addFolder']({ folder: real }, context);
  const against = [{ kind: 'folder' as const, folderId: folder!.id }];
  check = await bench.handlers['originality.check']({ set: { kind: 'run', runId: run.id }, against }, context);
});
afterAll(() => bench.workspace.close());

const write = (originality?: OriginalityDecision, out = temporaryFolder()) =>
  bench.handlers['exports.write'](
    { set: { kind: 'run', runId: run.id }, format: 'png', deidentify: false, folder: out, originality },
    context,
  );
const decided = (changes: Partial<Extract<OriginalityDecision, { kind: 'checked' }>> = {}): OriginalityDecision => ({
  kind: 'checked',
  checkId: check.checkId,
  threshold: check.threshold,
  excluded: [],
  kept: [],
  ...changes,
});
const lastExport = async () => {
  const filter = { text: '', kind: 'export', state: 'done', limit: 1, offset: 0 } as const;
  const { rows } = await bench.handlers['runs.list'](filter, context);
  return bench.handlers['runs.show']({ runId: rows[0]!.id }, context);
};

describe('the gate before an export of generated images', () => {
  it('finds the planted copy, names it, and keeps a picture of both', () => {
    expect(check.learnt).toBe(true);
    expect(check.searched).toBe(61);
    const [first] = check.pairs;
    expect(first).toMatchObject({ index: 1, real: 'planted.png' });
    expect(first!.score).toBeGreaterThan(0.99);
    expect(check.pairs.filter(({ score }) => score > check.threshold).map(({ index }) => index)).toEqual([1]);
    expect(existsSync(bench.workspace.folder.runPicture(check.checkId, first!.picture))).toBe(true);
    expect(bench.workspace.log.runs.detail(check.checkId)).toMatchObject({ kind: 'originality', parentRunId: run.id });
  });

  it('is shut while nobody looked or a suspect is undecided, and for another run’s check or a lower threshold', async () => {
    for (const decision of [
      undefined,
      decided(),
      decided({ threshold: check.threshold - 0.1, excluded: [1] }),
      decided({ checkId: run.id, excluded: [1] }),
    ])
      await expect(write(decision)).rejects.toMatchObject({ tag: 'OriginalityOpen' });
  });

  it('lets the others pass where the suspect is left out, and the log says so', async () => {
    const { files } = await write(decided({ excluded: [1] }));
    expect(files.map((file) => path.basename(file))).toEqual(['0000.png', '0002.png']);
    expect((await lastExport()).warnings).toEqual([expect.stringMatching(/Image 2 was left out: .* planted\.png/)]);
  });

  it('lets a suspect pass with a reason, or under a raised threshold, and the log says so', async () => {
    expect((await write(decided({ kept: [{ index: 1, reason: 'planted by a test' }] }))).files).toHaveLength(3);
    expect((await lastExport()).warnings).toEqual([expect.stringContaining('planted by a test')]);
    expect((await write(decided({ threshold: 1 }))).files).toHaveLength(3);
    expect((await lastExport()).warnings).toEqual([expect.stringContaining('raised')]);
  });

  it('is remembered with the real images, for the run and for further runs of the model', async () => {
    expect(
      (await bench.handlers['originality.find']({ set: { kind: 'run', runId: run.id } }, context)).check?.checkId,
    ).toBe(check.checkId);
    const other = await generate(bench, { count: 1, seed: 77 });
    const found = await bench.handlers['originality.find']({ set: { kind: 'run', runId: other.id } }, context);
    expect(found).toEqual({ check: null, against: check.against });
  });

  it('refuses a run that holds no generated images', async () => {
    const wrong = bench.handlers['originality.check'](
      { set: { kind: 'run', runId: check.checkId }, against: check.against },
      context,
    );
    await expect(wrong).rejects.toMatchObject({ tag: 'UnknownImage' });
  });
});
