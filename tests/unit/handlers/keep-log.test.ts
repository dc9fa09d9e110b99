import { spawn } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { checkLog, mendLog } from '../../../main/handlers/check-log.ts';
import { repositoryRoot, sha256Of, smallPlace, temporaryFolder } from '../cli/verisim.ts';
import { studyPlan } from './requests.ts';
import { context, generate, openBench, openPhantom, type Bench } from './workspace.ts';

const benches: Bench[] = [];
let bench: Bench;
beforeEach(async () => {
  bench = await openBench();
  benches.push(bench);
});
afterEach(async () => {
  for (const one of benches.splice(0)) await one.workspace.close();
});

const { signal } = context;
const everything = { text: '', kind: null, state: null };

describe('the check of the log', () => {
  const longAgo = new Date(Date.now() - 3_600_000);

  it('finds nothing where nothing is wrong', async () => {
    await generate(bench);
    const found = await checkLog(bench.workspace, { thorough: true, signal });
    expect(found).toMatchObject({ runs: 1, files: 4, missing: [], orphans: [], damage: [] });
  });

  it('finds missing, exchanged and unknown files, makes the missing ones again and takes the unknown ones aside', async () => {
    const { workspace, place } = bench;
    const run = await generate(bench);
    const [first, second] = run.outputs;
    rmSync(first!.path);
    writeFileSync(path.join(path.dirname(first!.path), '0009.png'), 'left by a crash');
    const unknown = path.join(place.home, 'runs', 'unknown');
    mkdirSync(unknown);
    writeFileSync(path.join(unknown, '0000.png'), 'whose');
    utimesSync(unknown, longAgo, longAgo);
    mkdirSync(path.join(place.home, 'reviews', 'being-drawn'));
    writeFileSync(second!.path, 'something else');

    const quick = await checkLog(workspace, { thorough: false, signal });
    expect(quick.missing).toEqual([{ runId: run.id, title: run.title, indices: [0], canBeRemade: true }]);
    expect(quick.orphans).toEqual([path.join('runs', run.id, '0009.png'), path.join('runs', 'unknown')]);
    const thorough = await checkLog(workspace, { thorough: true, signal });
    expect(thorough.missing).toMatchObject([{ indices: [0, 1] }]);

    const mended = await mendLog(workspace, { remake: true, setAside: true, signal });
    expect(mended.remade).toEqual([run.id]);
    expect(readFileSync(path.join(mended.folder ?? '', 'runs', 'unknown', '0000.png'), 'utf8')).toBe('whose');
    await workspace.queue.finished(run.id);
    expect(await checkLog(workspace, { thorough: true, signal })).toMatchObject({ missing: [], orphans: [] });
    for (const { path: file, sha256 } of run.outputs) expect(sha256Of(file)).toBe(sha256);
    expect(workspace.log.runs.row(run.id)).toMatchObject({ state: 'done', outputCount: 4 });
  });

  it('lets alone what was not asked for', async () => {
    const run = await generate(bench);
    rmSync(run.outputs[0]!.path);
    expect(await mendLog(bench.workspace, { remake: false, setAside: false, signal })).toEqual({
      remade: [],
      setAside: [],
      folder: null,
    });
    expect(bench.workspace.log.runs.row(run.id).state).toBe('done');
  });
});

describe('a project', () => {
  it('is one folder that opens elsewhere by itself, and is merged into another log once', async () => {
    const { seriesId } = await openPhantom(bench);
    const source = { seriesId, sliceIndices: [1], strength: 0.5 };
    const parent = await generate(bench, { count: 2, source });
    const { runId } = await bench.handlers['runs.rerun']({ runId: parent.id }, context);
    await bench.workspace.queue.finished(runId);
    const left = await generate(bench, { seed: 99 });
    await bench.handlers['runs.mark'](
      { runIds: [runId], starred: true, note: 'for the paper', addTags: ['paper'] },
      context,
    );
    const folder = path.join(temporaryFolder(), 'project');
    const receipt = await bench.handlers['projects.archive']({ runIds: [runId], folder }, context);
    expect(receipt).toMatchObject({ runs: 2, notes: [expect.stringContaining('original images of 1 series')] });
    expect(JSON.parse(readFileSync(path.join(folder, 'project.json'), 'utf8'))).toMatchObject({ schema: 1, runs: 2 });
    await expect(bench.handlers['projects.archive']({ runIds: [runId], folder }, context)).rejects.toMatchObject({
      tag: 'InvalidInput',
    });

    // Elsewhere: the place it came from is gone.
    const moved = path.join(temporaryFolder(), 'moved');
    cpSync(folder, moved, { recursive: true });
    rmSync(path.join(bench.place.home, 'runs'), { recursive: true });
    const itself = await openBench({ ...bench.place, home: path.join(temporaryFolder(), 'home') });
    benches.push(itself);
    const merged = await itself.handlers['projects.open']({ folder: moved }, context);
    expect(merged).toMatchObject({ runs: 2, known: 0 });
    expect(await itself.handlers['projects.open']({ folder: moved }, context)).toMatchObject({ runs: 0, known: 2 });
    const rows = await itself.handlers['runs.list']({ ...everything, text: 'paper', limit: 10, offset: 0 }, context);
    expect(rows.rows).toMatchObject([
      { id: runId, starred: true, tags: ['paper'], note: 'for the paper', parentRunId: parent.id },
    ]);
    const run = await itself.handlers['runs.show']({ runId }, context);
    for (const { path: file, sha256 } of run.outputs) {
      expect(file.startsWith(itself.place.home)).toBe(true);
      expect(sha256Of(file)).toBe(sha256);
    }
    expect(itself.workspace.log.runs.exists(left.id)).toBe(false);
    expect(await checkLog(itself.workspace, { thorough: true, signal })).toMatchObject({
      missing: [],
      orphans: [],
      damage: [],
    });
    const image = await itself.handlers['images.describe']({ image: { kind: 'output', runId, index: 1 } }, context);
    expect(image.width).toBe(8);

    const alone = await openBench({ ...bench.place, home: moved });
    benches.push(alone);
    expect(await alone.handlers['runs.show']({ runId }, context)).toMatchObject({ state: 'done', outputCount: 2 });
  });

  it('that was changed, is not whole or is none is refused, and nothing is added', async () => {
    const run = await generate(bench);
    const folder = path.join(temporaryFolder(), 'project');
    await bench.handlers['projects.archive']({ runIds: [run.id], folder }, context);
    const other = await openBench({ ...smallPlace() });
    benches.push(other);
    const open = () => other.handlers['projects.open']({ folder }, context);
    const image = path.join(folder, 'runs', run.id, '0001.png');
    const bytes = readFileSync(image);
    writeFileSync(
      image,
      Uint8Array.from(bytes, (byte, at) => (at === 60 ? byte ^ 1 : byte)),
    );
    await expect(open()).rejects.toMatchObject({
      tag: 'HashMismatch',
      message: expect.stringContaining('0001.png') as string,
    });
    rmSync(image);
    await expect(open()).rejects.toMatchObject({ tag: 'FileNotReadable' });
    rmSync(path.join(folder, 'project.json'));
    await expect(open()).rejects.toMatchObject({ tag: 'NotRecognised' });
    expect((await other.handlers['runs.list']({ ...everything, limit: 10, offset: 0 }, context)).total).toBe(0);
  });

  it('keeps the key of a study that is open on its own machine', async () => {
    const { seriesId } = await openPhantom(bench);
    const made = await generate(bench);
    const { id } = await bench.handlers['reviews.create'](
      studyPlan(
        { real: { kind: 'series', seriesId }, synthetic: { kind: 'run', runId: made.id } },
        { casesPerClass: 2 },
      ),
      context,
    );
    const folder = path.join(temporaryFolder(), 'project');
    const { notes, runs } = await bench.handlers['projects.archive']({ runIds: [id], folder }, context);
    expect(runs).toBe(2);
    expect(notes).toContainEqual(expect.stringContaining('keys of studies'));
    expect(existsSync(path.join(folder, 'review-secrets', id))).toBe(false);
    expect(readdirSync(path.join(folder, 'reviews', id))).toHaveLength(4);
  });
});

describe('the exported log', () => {
  it('is a table with one column for every parameter and result, of the runs that the filter leaves', async () => {
    const one = await generate(bench);
    await generate(bench, { steps: 7 });
    await bench.handlers['runs.mark']({ runIds: [one.id], note: 'a "quoted", note\nof two lines' }, context);
    const file = path.join(temporaryFolder(), 'log.csv');
    expect(
      await bench.handlers['log.export']({ ...everything, text: 'steps=4', format: 'csv', path: file }, context),
    ).toEqual({ path: file, runs: 1 });
    const [header = '', row = ''] = readFileSync(file, 'utf8').split('\r\n');
    expect(header).toContain(',parameter.steps,');
    expect(header).toContain(',result.seconds.total');
    expect(row).toContain('"a ""quoted"", note\nof two lines"');
  });

  it('is one flat object a line, with the same fields in each', async () => {
    await generate(bench);
    await generate(bench, { steps: 7 });
    const file = path.join(temporaryFolder(), 'log.jsonl');
    await bench.handlers['log.export']({ ...everything, format: 'jsonl', path: file }, context);
    const lines = readFileSync(file, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as { parameter: { steps: number } });
    expect(lines.map(({ parameter }) => parameter.steps)).toEqual([4, 7]);
    expect(Object.keys(lines[0]!)).toEqual(Object.keys(lines[1]!));
  });

  it('is a folder as MLflow keeps its runs', async () => {
    const parent = await generate(bench);
    const { runId } = await bench.handlers['runs.rerun']({ runId: parent.id }, context);
    await bench.workspace.queue.finished(runId);
    const folder = path.join(temporaryFolder(), 'mlruns');
    expect(
      await bench.handlers['log.export']({ ...everything, format: 'mlflow', path: folder }, context),
    ).toMatchObject({ runs: 2 });
    expect(readFileSync(path.join(folder, '1', 'meta.yaml'), 'utf8')).toMatch(/^experiment_id: "1"$/m);
    const runs = readdirSync(path.join(folder, '1')).filter((name) => /^[0-9a-f]{32}$/.test(name));
    const text = (run: string, ...parts: string[]) => readFileSync(path.join(folder, '1', run, ...parts), 'utf8');
    const child = runs.find((run) => text(run, 'tags', 'verisim.run') === runId)!;
    const meta = text(child, 'meta.yaml');
    expect(meta).toMatch(new RegExp(`^run_id: "${child}"$`, 'm'));
    expect(meta).toMatch(/^status: 3$/m);
    expect(meta).toMatch(/^start_time: \d{13}$/m);
    expect(text(child, 'params', 'steps')).toBe('4');
    expect(text(child, 'metrics', 'seconds.total')).toMatch(/^\d{13} [\d.]+ 0\n$/);
    expect(runs).toContain(text(child, 'tags', 'mlflow.parentRunId'));
    expect(readdirSync(path.join(folder, '1', child, 'artifacts'))).toHaveLength(4);
    await expect(
      bench.handlers['log.export']({ ...everything, format: 'mlflow', path: folder }, context),
    ).rejects.toMatchObject({ tag: 'InvalidInput' });
  });
});

describe('two processes beside each other', () => {
  it('write a thousand rows each into one log, and none is lost', async () => {
    const script = `
      import { openLog } from '${repositoryRoot}/main/log/log.ts';
      import { newRun } from '${repositoryRoot}/tests/unit/log/new-run.ts';
      const log = openLog(process.argv[1]);
      for (let at = 0; at < 1000; at++) log.runs.create(newRun(process.argv[2] + at));
      log.close();`;
    const write = (name: string): Promise<number | null> =>
      new Promise((resolve) => {
        const args = ['--input-type=module-typescript', '-e', script, bench.workspace.folder.database, name];
        spawn(process.execPath, args, { stdio: 'inherit' }).on('close', resolve);
      });
    expect(await Promise.all([write('a'), write('b')])).toEqual([0, 0]);
    const page = { ...everything, limit: 10, offset: 0 };
    expect(bench.workspace.log.runs.list(page).total).toBe(2000);
    expect(bench.workspace.log.damage()).toEqual([]);
  });
});
