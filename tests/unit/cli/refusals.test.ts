import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { generate, smallPlace, temporaryFolder, verisim, type Place } from './verisim.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let place: Place;
beforeAll(() => {
  place = smallPlace();
});

/** One tagged error on stderr, nothing else; with --json the same as JSON. */
async function expectError(args: string[], expected: { tag: string; status: number; of?: Place }): Promise<void> {
  const plain = await verisim(args, expected.of ?? place);
  expect(plain.stderr).toMatch(new RegExp(`^error ${expected.tag}: .+\\.\\n$`));
  expect(plain.status).toBe(expected.status);
}

async function expectJsonError(args: string[], expected: { tag: string; status: number; of?: Place }): Promise<void> {
  const json = await verisim([...args, '--json'], expected.of ?? place);
  expect(json.status).toBe(expected.status);
  expect(JSON.parse(json.stderr)).toMatchObject({
    error: { tag: expected.tag, message: expect.stringMatching(/\.$/) },
  });
}

describe('wrong use ends with 2', () => {
  it.each([
    [['dance']],
    [['generate', '--model', 'small']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--count', 'many']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--count', '0']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--seed', '4294967296']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--sampler', 'best']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--format', 'bmp']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--strength', '0.5']],
    [['generate', '--model', 'small', '--out', '/tmp/x', '--colour', 'red']],
    [['info']],
    [['export', '/tmp/a', '/tmp/b', '--format', 'png', '--out', '/tmp/x']],
    [['runs', 'show']],
    [['runs', 'shuffle']],
  ])('%j', (args) => expectError(args, { tag: 'WrongUse', status: 2 }));

  it('with --json the error is JSON', () =>
    expectJsonError(['generate', '--model', 'small'], { tag: 'WrongUse', status: 2 }));

  it('no command prints how to use it', async () => {
    const { status, stderr } = await verisim([], place);
    expect(status).toBe(2);
    expect(stderr).toContain('verisim COMMAND');
  });

  it('every command has help', async () => {
    for (const command of ['info', 'export', 'models', 'generate', 'runs']) {
      const { status, stdout } = await verisim([command, '--help'], place);
      expect(status).toBe(0);
      expect(stdout).toContain(`verisim ${command}`);
    }
  });
});

describe('what cannot be done ends with 1 and one tagged error', () => {
  it('an unknown model, with the known ones named', async () => {
    await expectError(['generate', '--model', 'absent', '--out', temporaryFolder()], {
      tag: 'UnknownModel',
      status: 1,
    });
  });

  it('an unknown class, more steps than were trained, an unknown run', async () => {
    const out = temporaryFolder();
    const generation = ['generate', '--model', 'small', '--out', out];
    await expectError([...generation, '--class', 'absent'], { tag: 'InvalidInput', status: 1 });
    await expectJsonError(['runs', 'show', 'absent'], { tag: 'UnknownRun', status: 1 });
    expect(readdirSync(out)).toEqual([]);
  });

  it('weights that are not those of the manifest', async () => {
    const broken = smallPlace();
    const weights = path.join(broken.root, 'models', 'small', 'denoiser.onnx');
    const bytes = readFileSync(weights);
    bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 0xff;
    writeFileSync(weights, bytes);
    const args = ['generate', '--model', 'small', '--out', temporaryFolder()];
    await expectError(args, { tag: 'HashMismatch', status: 1, of: broken });
  });

  it('a run cannot be repeated with other weights than it was made with', async () => {
    const changed = smallPlace();
    const { runId } = await generate(['--model', 'small', '--out', temporaryFolder()], changed);
    const folder = path.join(changed.root, 'models', 'small');
    const manifest = readFileSync(path.join(folder, 'model.json'), 'utf8');
    const weights = readFileSync(path.join(folder, 'denoiser.onnx'));
    const { createHash } = await import('node:crypto');
    const hash = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex');
    // A protobuf field that no reader knows makes the file another one and changes nothing else.
    const other = Buffer.concat([weights, Buffer.from([0xf8, 0x3f, 0x01])]);
    writeFileSync(path.join(folder, 'denoiser.onnx'), other);
    const replaced = manifest
      .replace(hash(weights), hash(other))
      .replace(`"bytes":${weights.length}`, `"bytes":${other.length}`);
    writeFileSync(path.join(folder, 'model.json'), replaced);
    await expectError(['runs', 'rerun', runId], { tag: 'HashMismatch', status: 1, of: changed });
  });

  it('an output folder that cannot be written; the log says so and keeps what is finished', async () => {
    const own = smallPlace();
    const file = path.join(temporaryFolder(), 'file');
    writeFileSync(file, '');
    const args = ['generate', '--model', 'small', '--out', path.join(file, 'below')];
    await expectError(args, { tag: 'OutputNotWritable', status: 1, of: own });
    const rows = JSON.parse((await verisim(['runs', '--json'], own)).stdout) as object[];
    expect(rows).toMatchObject([{ state: 'failed', error: { tag: 'OutputNotWritable' } }]);
  });

  it('a log that is no database', async () => {
    const own = smallPlace();
    mkdirSync(own.home, { recursive: true });
    copyFileSync(import.meta.filename, path.join(own.home, 'verisim.sqlite'));
    await expectError(['runs'], { tag: 'DatabaseUnusable', status: 1, of: own });
  });
});
