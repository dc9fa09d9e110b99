import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { RunDetail } from '../../../preload/domain.ts';
import type { SetPart } from '../../../preload/measure.ts';
import { canLook, decide, deliverGated, type GatePolicy, nothingNamed } from '../../../main/handlers/gate.ts';
import { writeTextures } from '../../fixtures/texture-folder.ts';
import { temporaryFolder } from '../cli/verisim.ts';
import { type Bench, context, generate, openBench } from './workspace.ts';

vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

let bench: Bench;
let run: RunDetail;
let against: SetPart[];
const policy = (changes: Partial<GatePolicy> = {}): GatePolicy => ({
  ...{ against: null, unchecked: null, keep: null, threshold: null },
  ...changes,
});
const deliver = async (changes: Partial<GatePolicy>) => {
  const folder = temporaryFolder();
  const delivery = { folder, formats: ['png' as const] };
  const { words } = await deliverGated(bench.workspace, { runId: run.id, policy: policy(changes), delivery }, context);
  return { files: readdirSync(folder).sort(), words: words.join(' ') };
};

beforeAll(async () => {
  bench = await openBench();
  run = await generate(bench, { count: 3 });
  const real = writeTextures(path.join(temporaryFolder(), 'real'), { count: 6, seed: 9 });
  copyFileSync(run.outputs[1]!.path, path.join(real, 'planted.png'));
  const { folder } = await bench.handlers['measure.addFolder']({ folder: real }, context);
  against = [{ kind: 'folder', folderId: folder!.id }];
});
afterAll(() => bench.workspace.close());

describe('a gate that nobody can be asked at', () => {
  it('cannot look while no real images are named or remembered, and says so', async () => {
    expect(canLook(bench.workspace, 'small', policy())).toBe(false);
    const set = { kind: 'run', runId: run.id } as const;
    const { decision } = await decide(bench.workspace, { set, policy: policy() }, context);
    expect(decision).toEqual({ kind: 'unchecked', reason: nothingNamed });
  });

  it('leaves a suspect out, remembers where it looked, and passes it with a reason', async () => {
    const out = await deliver({ against });
    expect(out).toMatchObject({
      files: ['0000.png', '0002.png'],
      words: expect.stringContaining('left out') as string,
    });
    expect(canLook(bench.workspace, 'small', policy())).toBe(true);
    const kept = await deliver({ keep: 'planted by a test' });
    expect(kept).toMatchObject({ files: ['0000.png', '0001.png', '0002.png'] });
    expect(kept.words).toContain('planted by a test');
    const unchecked = await deliver({ unchecked: 'a test' });
    expect(unchecked.words).toBe('Exported without a search for copies: a test');
  });

  it('is shut for a synthetic series until it is decided on, and takes no single slice out of it', async () => {
    const made = temporaryFolder();
    await bench.handlers['exports.write'](
      {
        ...{ set: { kind: 'run', runId: run.id }, format: 'dicom', deidentify: false, folder: made },
        originality: { kind: 'unchecked', reason: 'a test' },
      },
      context,
    );
    const { series } = await bench.handlers['studies.open']({ paths: [made] }, context);
    const set = { kind: 'series' as const, seriesId: series[0]!.id };
    const write = (originality?: Parameters<(typeof bench.handlers)['exports.write']>[0]['originality']) =>
      bench.handlers['exports.write'](
        { set, format: 'nifti', deidentify: false, folder: temporaryFolder(), originality },
        context,
      );
    await expect(write()).rejects.toMatchObject({ tag: 'OriginalityOpen' });
    const check = await bench.handlers['originality.check']({ set, against }, context);
    const decided = { kind: 'checked' as const, checkId: check.checkId, threshold: check.threshold, kept: [] };
    await expect(write({ ...decided, excluded: [1] })).rejects.toMatchObject({
      message: expect.stringContaining('cannot be left out') as string,
    });
    const kept = check.pairs
      .filter(({ score }) => score > check.threshold)
      .map(({ index }) => ({ index, reason: 'planted by a test' }));
    expect(kept.map(({ index }) => index)).toContain(1);
    expect((await write({ ...decided, excluded: [], kept })).files.length).toBeGreaterThan(0);
    expect((await bench.handlers['originality.find']({ set }, context)).check?.checkId).toBe(check.checkId);
  });
});
