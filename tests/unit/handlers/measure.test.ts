import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { Evaluation, SetPart } from '../../../preload/measure.ts';
import { writeTextures } from '../../fixtures/texture-folder.ts';
import { realPlace, temporaryFolder } from '../cli/verisim.ts';
import { type Bench, context, openBench } from './workspace.ts';

vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });

const extractorId = 'extractor-chest-xray-128';

let bench: Bench;
let root: string;
beforeAll(async () => {
  bench = await openBench(realPlace());
  root = temporaryFolder();
});
afterAll(() => bench.workspace.close());

const part = async (name: string, options: Parameters<typeof writeTextures>[1]): Promise<SetPart> => {
  const folder = writeTextures(path.join(root, name), options);
  const added = await bench.handlers['measure.addFolder']({ folder }, context);
  return { kind: 'folder', folderId: added.folder!.id };
};
const measure = (
  real: SetPart[],
  cohorts: { name: string; parts: SetPart[] }[],
  changes: object = {},
): Promise<Evaluation> =>
  bench.handlers['measure.run'](
    { real, cohorts, training: [], extractorId: null, radiomics: false, bootstrap: 10, ...changes },
    context,
  );

describe('an evaluation', () => {
  it('of two cohorts chooses the extractor by what made them, says what it found, and leaves as a report', async () => {
    const real = await part('real', { count: 60, seed: 1, patients: true });
    const good = await part('good', { count: 56, seed: 2, madeBy: 'chest-xray-ldm-128' });
    const flat = await part('flat', { count: 56, seed: 3, contrast: 0.1, madeBy: 'chest-xray-ldm-128' });
    const evaluation = await measure(
      [real],
      [
        { name: 'good', parts: [good] },
        { name: 'flat', parts: [flat] },
      ],
    );
    const [first, second] = evaluation.cohorts as [Evaluation['cohorts'][number], Evaluation['cohorts'][number]];
    expect(first.result.extractor.id).toBe(extractorId);
    const levels = (cohort: typeof first) => Object.fromEntries(cohort.verdicts.map(({ id, level }) => [id, level]));
    expect(levels(first)).toMatchObject({ quality: 'good', originality: 'open' });
    expect(levels(second)['quality']).toBe('poor');
    expect(second.result.metrics.kid.atFloor!.excess.low).toBeGreaterThan(0);
    expect(evaluation.methods).toContain('no patient in common');
    expect(new Set(evaluation.reporting.map(({ guideline }) => guideline))).toEqual(new Set(['CLAIM', 'MI-CLAIM-GEN']));
    expect(evaluation.reporting.find(({ asks }) => asks === 'Missing data')?.item).toBe('12 (2020: 13)');
    expect(evaluation.reporting.find(({ asks }) => asks === 'Metrics of performance')?.text).toMatch(/FID.*MS-SSIM/);

    const out = path.join(root, 'report');
    await bench.handlers['measure.writeReport']({ runId: evaluation.runId, folder: out }, context);
    const [csv, html, json] = readdirSync(out)
      .sort((a, b) => path.extname(a).localeCompare(path.extname(b)))
      .map((name) => readFileSync(path.join(out, name), 'utf8')) as [string, string, string];
    expect(csv.split('\r\n')[0]).toMatch(/^cohort,class,metric,value/);
    expect(csv.split('\r\n').filter((line) => line.startsWith('flat,,')).length).toBeGreaterThan(10);
    expect((JSON.parse(json) as Evaluation).cohorts.map(({ name }) => name)).toEqual(['good', 'flat']);
    expect(html.match(/<svg /g)!.length).toBeGreaterThan(4);
    expect(html).not.toMatch(/<script|src="(?!data:)/);
    expect((await bench.handlers['measure.list']({}, context)).evaluations[0]?.id).toBe(evaluation.runId);
    expect(await bench.handlers['measure.show']({ runId: evaluation.runId }, context)).toEqual(evaluation);
  });

  it('of images that no network is made for takes radiomic features, and of classes says which one is missing', async () => {
    const classes = async (name: string, seed: number, labels: string[], madeBy = '') => {
      for (const label of labels) writeTextures(path.join(root, name, label), { count: 30, seed: seed++, madeBy });
      const added = await bench.handlers['measure.addFolder']({ folder: path.join(root, name) }, context);
      return { kind: 'folder' as const, folderId: added.folder!.id };
    };
    const real = await classes('with-three', 10, ['a', 'b', 'c']);
    const synthetic = await classes('with-two', 20, ['a', 'b']);
    const { cohorts } = await measure([real], [{ name: 'two', parts: [synthetic] }]);
    const { result, verdicts } = cohorts[0]!;
    expect(result.extractor).toMatchObject({ id: 'radiomics', sha256: '' });
    expect(result.classes.map(({ label }) => label)).toEqual(['a', 'b']);
    expect(result.warnings.join(' ')).toContain('The synthetic set has no image of the class c (30 in the other)');
    expect(verdicts.find(({ id }) => id === 'classes')).toMatchObject({ level: 'mixed' });
  });

  it('of patches of slides takes the extractor for colour, and slides for patients', async () => {
    const real = await Promise.all(
      ['slide-1', 'slide-2'].map((slide, seed) => part(slide, { count: 24, seed: 20 + seed, slide })),
    );
    const made = await part('made', { count: 40, seed: 30, slide: 'synthetic-1' });
    const { cohorts, reporting } = await measure(real, [{ name: 'made', parts: [made] }]);
    const { extractor, metrics, warnings } = cohorts[0]!.result;
    expect(extractor).toMatchObject({ id: 'extractor-histology-128', inColour: true });
    expect(metrics.kid.floor).not.toBeNull();
    expect(warnings.join(' ')).not.toMatch(/brightness|one slide/);
    expect(reporting.find(({ asks }) => asks === 'Preprocessing')?.text).toMatch(/colour in 8 bits/);
  });

  it('of three images refuses each number with the reason, and of an empty folder says so', async () => {
    const real = await part('some', { count: 60, seed: 30 });
    const three = await part('three', { count: 3, seed: 31 });
    const { cohorts } = await measure([real], [{ name: 'three', parts: [three] }], { extractorId });
    const { result, verdicts } = cohorts[0]!;
    for (const { value, note } of Object.values(result.metrics)) {
      expect(value).toBeNull();
      expect(note).toMatch(/Not given/);
    }
    expect(verdicts.find(({ id }) => id === 'quality')).toMatchObject({ level: 'open' });
    const empty = await part('empty', { count: 0, seed: 32 });
    await expect(measure([real], [{ name: 'empty', parts: [empty] }])).rejects.toMatchObject({ tag: 'EmptyFolder' });
    const filter = { text: '', kind: 'evaluation', state: 'failed', limit: 1, offset: 0 } as const;
    expect((await bench.handlers['runs.list'](filter, context)).rows[0]).toMatchObject({
      error: { tag: 'EmptyFolder' },
    });
  });

  it('of a set against itself says that every image is a copy', async () => {
    const set = await part('twice', { count: 60, seed: 40 });
    const { cohorts } = await measure([set], [{ name: 'itself', parts: [set] }], { extractorId });
    const { result, verdicts } = cohorts[0]!;
    expect(result.originality.copies).toHaveLength(60);
    expect(result.originality.authPct).toBe(0);
    expect(verdicts.find(({ id }) => id === 'originality')).toMatchObject({ level: 'poor' });
  });

  it('is refused for a folder that is not known, and shows nothing of another kind of run', async () => {
    const unknown: SetPart = { kind: 'folder', folderId: 'none' };
    await expect(measure([unknown], [{ name: 'x', parts: [unknown] }])).rejects.toMatchObject({ tag: 'InvalidInput' });
    await expect(bench.handlers['measure.show']({ runId: 'none' }, context)).rejects.toMatchObject({
      tag: 'UnknownRun',
    });
  });

  it('under way when the workspace closes ends as cancelled, and the log closes after it', async () => {
    const own = await openBench(realPlace());
    const folder = writeTextures(path.join(root, 'closing'), { count: 60, seed: 50 });
    const real = [
      { kind: 'folder' as const, folderId: (await own.handlers['measure.addFolder']({ folder }, context)).folder!.id },
    ];
    const running = own.handlers['measure.run'](
      {
        ...{ real, cohorts: [{ name: 'itself', parts: real }], training: [] },
        ...{ extractorId: 'radiomics', radiomics: true, bootstrap: 10 },
      },
      context,
    );
    const ended = running.catch((error: unknown) => error);
    await vi.waitFor(() => expect(own.events).toContainEqual(expect.objectContaining({ event: 'runs.changed' })));
    await own.workspace.close();
    expect(await ended).toMatchObject({ tag: 'Cancelled' });
    const again = await openBench(own.place);
    expect(
      again.workspace.log.runs.list({ text: '', kind: 'evaluation', state: null, limit: 5, offset: 0 }).rows,
    ).toMatchObject([{ state: 'cancelled' }]);
    await again.workspace.close();
  });
});
