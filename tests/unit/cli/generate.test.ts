import { existsSync, readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { decodePng } from '../../../main/imaging/png.ts';
import { slicesInSpreadOrder } from '../../../main/cli/slice-order.ts';
import { generate, realPlace, sha256Of, smallPlace, startVerisim, temporaryFolder, verisim } from './verisim.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const model = 'brain-mri-wdm-128';
const hasModel = existsSync(path.join(realPlace().root, 'models', model, 'denoiser.onnx'));

describe.skipIf(!hasModel)(`the model ${model} (skipped where it is not installed)`, () => {
  it('gives the same bytes for the same seed, whatever the count, and again when the run is repeated', async () => {
    const place = realPlace();
    const [eight, three, again] = [temporaryFolder(), temporaryFolder(), temporaryFolder()];
    const options = ['--model', model, '--seed', '5', '--steps', '2'];
    const first = await generate([...options, '--count', '8', '--out', eight], place);
    await generate([...options, '--count', '3', '--out', three], place);
    const hashes = first.outputs.map(({ path: file }) => sha256Of(file));
    expect(new Set(hashes).size).toBe(8);
    expect(readdirSync(three).sort()).toEqual(['0000.png', '0001.png', '0002.png']);
    expect(
      readdirSync(three)
        .sort()
        .map((name) => sha256Of(path.join(three, name))),
    ).toEqual(hashes.slice(0, 3));

    const rerun = await verisim(['runs', 'rerun', first.runId, '--out', again, '--json'], place);
    expect(rerun.status).toBe(0);
    expect(
      readdirSync(again)
        .sort()
        .map((name) => sha256Of(path.join(again, name))),
    ).toEqual(hashes);
  });
});

describe('generate', () => {
  it('prints what it made, with seeds and hashes of the files, and logs it', async () => {
    const place = smallPlace();
    const out = temporaryFolder();
    const { runId, outputs, ...rest } = await generate(
      ['--model', 'small', '--count', '3', '--seed', '4294967295', '--out', out],
      place,
    );
    expect(outputs.map(({ path: file }) => path.basename(file))).toEqual(['0000.png', '0001.png', '0002.png']);
    expect(outputs.map(({ seed }) => seed)).toEqual([4294967295, 0, 1]);
    for (const { path: file, sha256 } of outputs) expect(sha256Of(file)).toBe(sha256);
    expect(rest).toMatchObject({ provider: 'cpu', seconds: { total: expect.any(Number), write: expect.any(Number) } });
    const shown = JSON.parse((await verisim(['runs', 'show', runId], place)).stdout) as object;
    expect(shown).toMatchObject({
      id: runId,
      state: 'done',
      seed: 4294967295,
      outputCount: 3,
      inputs: [{ name: 'model' }],
      parameters: { modelId: 'small', count: 3, source: null },
      versions: { verisim: expect.any(String), model: '1' },
    });
  });

  it('writes 16-bit PNGs that say how they were made and neither when nor in which run', async () => {
    const place = smallPlace();
    const out = temporaryFolder();
    const { runId } = await generate(['--model', 'small', '--seed', '9', '--out', out], place);
    const bytes = readFileSync(path.join(out, '0000.png'));
    const { depth, text } = decodePng(bytes);
    expect(depth).toBe(16);
    expect(JSON.parse(text['Verisim:generation'] ?? '{}')).toMatchObject({ modelId: 'small', seed: 9, strength: null });
    expect(text['XML:com.adobe.xmp']).toContain('digitalsourcetype/trainedAlgorithmicMedia');
    expect(bytes.includes(runId)).toBe(false);
    expect(bytes.includes('tIME')).toBe(false);
  });

  it('ends cleanly on an interrupt, keeps what is finished and says so', async () => {
    const place = smallPlace();
    const out = temporaryFolder();
    const { child, finished } = startVerisim(
      ['generate', '--model', 'small', '--count', '400', '--steps', '100', '--seed', '1', '--out', out, '--json'],
      place,
    );
    while (!existsSync(path.join(out, '0007.png'))) await new Promise((resolve) => setTimeout(resolve, 20));
    child.kill('SIGINT');
    const { status, stdout, stderr } = await finished;
    expect(status).toBe(130);
    expect(stderr).toContain('"Cancelled"');
    const kept = (JSON.parse(stdout) as { outputs: { path: string; sha256: string }[] }).outputs;
    expect(kept.length).toBeGreaterThanOrEqual(8);
    expect(kept.length).toBeLessThan(400);
    for (const { path: file, sha256 } of kept) expect(sha256Of(file)).toBe(sha256);
    const rows = JSON.parse((await verisim(['runs', '--json'], place)).stdout) as object[];
    expect(rows).toMatchObject([{ state: 'cancelled', outputCount: kept.length }]);
  });

  it('starts image to image from slices that are the same for every count, the middle first', () => {
    expect(slicesInSpreadOrder(181, 3)).toEqual([90, 45, 135]);
    expect(slicesInSpreadOrder(181, 8).slice(0, 3)).toEqual([90, 45, 135]);
    expect(slicesInSpreadOrder(5, 100).sort()).toEqual([0, 1, 2, 3, 4]);
    expect(slicesInSpreadOrder(1, 4)).toEqual([0]);
  });
});
