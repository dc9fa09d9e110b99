import { execFileSync } from 'node:child_process';
import { readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ErrorTag } from '../../../preload/errors.ts';
import { dryRun } from '../../../main/engine/dry-run.ts';
import { readOnnxGraph } from '../../../main/engine/onnx-graph.ts';
import { checkCandidate, readCandidate } from '../../../main/engine/pack-import.ts';
import { readPacks } from '../../../main/engine/packs.ts';
import { writeOnnx, type WrittenGraph } from './onnx-writer.ts';
import { temporaryFolder } from './small-pack.ts';
import {
  edited,
  fixture,
  flipped,
  hugePack,
  packOf,
  renamed,
  replaceByLink,
  smallPack,
  sound,
  withManifest,
} from './strange-packs.ts';

const brain = path.resolve('models/brain-mri-wdm-128');
const options = { signal: new AbortController().signal };
async function check(folder: string) {
  return (await checkCandidate(await readCandidate(folder), options)).report;
}

describe('a pack that can be used', () => {
  it('is reported with its files and what the dry run took', async () => {
    const report = await check(brain);
    expect(report.id).toBe('brain-mri-wdm-128');
    expect(report.files.map(({ name }) => name)).toEqual(['denoiser.onnx']);
    expect(report.trial.provider).toBe('cpu');
    // The weights alone are 26 MB in float32; a machine of the smallest kind has 4 GB.
    expect(report.trial.peakBytes).toBeGreaterThan(26e6);
    expect(report.trial.peakBytes).toBeLessThan(600e6);
  });

  it('may be as small as five operators', async () => {
    expect((await check(packOf(sound))).trial.seconds).toBeGreaterThan(0);
  });
});

describe('a pack is refused before it is run', () => {
  const cases: [string, ErrorTag, RegExp, () => string][] = [
    ['there is no model.json', 'PackInvalid', /holds no model\.json/, () => temporaryFolder()],
    ['packs lie in subfolders only', 'PackInvalid', /holds no model\.json/, () => path.dirname(smallPack())],
    ['model.json is not JSON', 'PackInvalid', /could not be read as JSON/, () => withManifest('{"id":')],
    ['model.json is a list', 'PackInvalid', /does not follow the schema/, () => withManifest('[]')],
    [
      'it measures images instead of making them',
      'PackInvalid',
      /makes no images/,
      () => smallPack((m) => (m.role = 'extractor')),
    ],
    ['model.json is very long', 'TooLarge', /more than the 1048576/, () => withManifest(' '.repeat(2 ** 20 + 1))],
    [
      'a field is unknown',
      'PackInvalid',
      /Unrecognized key: "colour"/,
      () => smallPack((m) => Object.assign(m, { colour: 1 })),
    ],
    [
      'its id is the folder above',
      'PackInvalid',
      /an id begins and ends/,
      () => smallPack((m) => (m.id = '..'), 'inner'),
    ],
    [
      'a file lies outside',
      'PackInvalid',
      /files\.denoiser\.path/,
      () => smallPack((m) => (m.files.denoiser.path = '../x.onnx')),
    ],
    ['the weights are missing', 'PackInvalid', /denoiser\.onnx.* cannot be read/, () => edited((file) => rmSync(file))],
    ['the weights are cut off', 'HashMismatch', /have 100 bytes/, () => edited((file) => truncateSync(file, 100))],
    [
      'the weights are others',
      'HashMismatch',
      /SHA-256/,
      () => edited((file) => writeFileSync(file, flipped(readFileSync(file), 99))),
    ],
    ['a weight file is a link', 'PackInvalid', /is a link/, () => edited(replaceByLink)],
    ['the weights have 3 GB', 'TooLarge', /more than the 2147483647/, () => hugePack()],
    [
      'an autoencoder is named by a wavelet pack',
      'PackInvalid',
      /autoencoder/,
      () => smallPack((m) => (m.autoencoder = { factor: 4, channels: 3, scale: 1 })),
    ],
    [
      'the latent grid is another than the wavelet makes',
      'PackInvalid',
      /latent/,
      () => smallPack((m) => (m.latent.width = 4)),
    ],
  ];
  it.each(cases)('when %s', async (_, tag, reason, make) => {
    await expect(check(make())).rejects.toMatchObject({ tag, message: expect.stringMatching(reason) as string });
  });
});

describe('a network is refused', () => {
  const external: WrittenGraph = {
    ...sound,
    weights: [
      { name: 'factor', value: { file: '/etc/hostname' } },
      { name: 'nothing', value: 0 },
    ],
  };
  const withNode = (operator: string, domain?: string): WrittenGraph => ({
    ...sound,
    nodes: sound.nodes.map((node, i) =>
      i === 0 ? { ...node, operator, ...(domain === undefined ? {} : { domain }) } : node,
    ),
  });
  const cases: [string, RegExp, () => Uint8Array][] = [
    ['its weights lie in another file', /keeps the numbers of factor in another file/, () => writeOnnx(external)],
    [
      'it names a file of the machine beside its folder',
      /in another file/,
      () =>
        writeOnnx({
          ...external,
          weights: [
            { name: 'factor', value: { file: '../../secret' } },
            { name: 'nothing', value: 0 },
          ],
        }),
    ],
    [
      'it asks for an operator of another library',
      /the operator ai\.example\.Magic, which is not supported/,
      () => writeOnnx(withNode('Magic', 'ai.example')),
    ],
    [
      'it asks for a compiled program of a provider',
      /the operator com\.microsoft\.EPContext/,
      () => writeOnnx(withNode('EPContext', 'com.microsoft')),
    ],
    [
      'ONNX has no such operator',
      /the operator Multiply, which is not supported/,
      () => writeOnnx(withNode('Multiply')),
    ],
    [
      'ONNX Runtime has no such operator in its own library',
      /the operator com\.microsoft:Nope, which is not supported/,
      () => writeOnnx(withNode('Nope', 'com.microsoft')),
    ],
    ['its operators are newer than ONNX Runtime', /opset/i, () => writeOnnx({ ...sound, opset: 999 })],
    [
      'its input has another name',
      /input sample float32 .* was expected, nothing of that name/,
      () => writeOnnx(renamed('sample', 'x')),
    ],
    [
      'its output has another name',
      /output prediction float32 .* was expected, nothing of that name/,
      () => writeOnnx(renamed('prediction', 'y')),
    ],
    [
      'its input has another shape',
      /\[4, 16, 2, 2\] was expected, float32 \[2, 16, 2, 2\]/,
      () => fixture('other-batch'),
    ],
    ['it returns NaN', /not finite numbers in the dry run, at timestep 0/, () => fixture('not-finite')],
    ['it is no ONNX', /cannot be read as ONNX/, () => Buffer.from('a letter to a friend, not a network')],
    [
      'it is cut off',
      /cannot be read as ONNX: a part of it reaches beyond its end/,
      () => writeOnnx(sound).subarray(0, 300),
    ],
    [
      'the brain network is cut off in the middle',
      /cannot be read as ONNX/,
      () => readFileSync(path.join(brain, 'denoiser.onnx')).subarray(0, 7_000_000),
    ],
  ];
  it.each(cases)('when %s', async (_, reason, make) => {
    const refusal = check(packOf(make()));
    await expect(refusal).rejects.toMatchObject({
      tag: 'PackInvalid',
      message: expect.stringMatching(reason) as string,
    });
  });
});

describe('a hostile network', () => {
  it('with any bit flipped is refused or runs, and nothing outside its process ends', async () => {
    const whole = fixture('whole-timesteps');
    for (let trial = 0; trial < 8; trial++) {
      const outcome = await check(packOf(flipped(whole, 7 + trial * 37))).then(
        () => 'runs',
        (error: unknown) => (error as { tag: string }).tag,
      );
      expect(['runs', 'PackInvalid', 'InferenceFailed', 'NotEnoughMemory']).toContain(outcome);
    }
  });

  it('that ends its process is refused with the signal', async () => {
    const { packs } = await readPacks([brain]);
    const [pack] = packs;
    if (pack === undefined) throw new Error('the brain pack is absent');
    const running = dryRun({ pack, provider: 'cpu' }, options);
    const killed = abortDryRunProcess();
    await expect(running).rejects.toMatchObject({ tag: 'PackInvalid', details: { found: 'signal SIGABRT' } });
    await killed;
  });

  it('is left when the person cancels', async () => {
    const abort = new AbortController();
    const running = checkCandidate(await readCandidate(brain), { signal: abort.signal });
    setTimeout(() => abort.abort(), 300);
    await expect(running).rejects.toSatisfy(
      (error: Error & { tag?: string }) => error.tag === 'Cancelled' || error.name === 'AbortError',
    );
  });

  it('is refused where it needs more memory than there is', async () => {
    const side = 2 ** 22;
    const large = { ...sound, nodes: sound.nodes.map((node) => ({ ...node })) };
    const bytes = writeOnnx({ ...large, outputs: [...large.outputs, { name: 'scaled', shape: [side, side] }] });
    await expect(check(packOf(bytes))).rejects.toMatchObject({
      tag: 'NotEnoughMemory',
      message: expect.stringMatching(
        /needs about 65536\.\d GB of memory and .* is free\. Close other programs/,
      ) as string,
    });
  });
});

describe('the reader of ONNX files', () => {
  it('agrees with the manifest of the brain pack on its weights and batch', () => {
    const graph = readOnnxGraph(readFileSync(path.join(brain, 'denoiser.onnx')));
    const elements = [...graph.weights.values()].reduce((sum, weight) => sum + weight.elements, 0);
    // A few parameters are folded into other constants by the exporter.
    expect(Math.abs(elements - 6_542_480)).toBeLessThan(10_000);
    expect(graph.outside).toEqual([]);
    expect(graph.nodes.filter(({ operator }) => operator === 'Conv')).toHaveLength(42);
  });
});

/** Waits until the child of this process is there, then ends it as a failed assertion of a native library would. */
async function abortDryRunProcess(): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    const children = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(process.pid)], { encoding: 'utf8' });
    const line = children.split('\n').find((one) => one.includes('dry-run-process'));
    if (line === undefined) continue;
    process.kill(Number(line.trim().split(/\s+/)[0]), 'SIGABRT');
    return;
  }
  throw new Error('the dry run started no process');
}
