import { execFileSync } from 'node:child_process';
import { copyFileSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { writeNiftiFile } from '../handlers/nifti-file.ts';
import { generate, sha256Of, smallPlace, temporaryFolder, verisim, type Place } from './verisim.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

let place: Place;
let folder: string;
let nifti: string;
let dicom: string[];

beforeAll(async () => {
  place = smallPlace();
  folder = temporaryFolder();
  nifti = path.join(folder, 'phantom.nii');
  writeNiftiFile(nifti);
  const out = path.join(folder, 'dicom');
  const { status, stdout, stderr } = await verisim(
    ['export', nifti, '--format', 'dicom', '--out', out, '--json'],
    place,
  );
  expect(stderr).toBe('');
  expect(status).toBe(0);
  dicom = (JSON.parse(stdout) as { files: string[] }).files;
});

interface Info {
  series: { id: string; format: string; slices: number; columns: number }[];
  slides: unknown[];
  skipped: { path: string; error: { tag: string; message: string } }[];
}

async function info(...paths: string[]): Promise<Info & { status: number | null; stderr: string }> {
  const { status, stdout, stderr } = await verisim(['info', ...paths, '--json'], place);
  return { status, stderr, ...(JSON.parse(stdout || '{"series":[],"skipped":[]}') as Info) };
}

function bad(name: string, content: Uint8Array | string): string {
  const file = path.join(temporaryFolder(), name);
  writeFileSync(file, content);
  return file;
}

const badFiles: [what: string, tag: string, make: () => string][] = [
  [
    'a DICOM file that was cut',
    'DicomInvalid',
    () => {
      const file = bad('cut.dcm', readFileSync(dicom[0] ?? ''));
      truncateSync(file, readFileSync(file).length - 500);
      return file;
    },
  ],
  ['text renamed to .dcm', 'NotRecognised', () => bad('letter.dcm', 'Dear colleague,\n'.repeat(100))],
  ['an empty folder', 'EmptyFolder', () => temporaryFolder()],
  [
    'a NIfTI file with a wrong header',
    'NiftiInvalid',
    () => {
      const bytes = Buffer.from(readFileSync(nifti));
      bytes.writeInt16LE(-7, 42);
      return bad('wrong.nii', bytes);
    },
  ],
  ['a NIfTI file that was cut', 'NiftiInvalid', () => bad('cut.nii', readFileSync(nifti).subarray(0, 5000))],
  [
    'a damaged ZIP archive',
    'ArchiveInvalid',
    () => bad('broken.zip', Buffer.concat([Buffer.from('PK\u0003\u0004'), Buffer.alloc(200)])),
  ],
  ['a path that does not exist', 'FileNotReadable', () => path.join(folder, 'absent.dcm')],
];

describe('info', () => {
  it('lists what a file, and a folder of files, holds', async () => {
    const one = await info(nifti);
    expect(one).toMatchObject({ status: 0, stderr: '', slides: [], skipped: [] });
    expect(one.series).toMatchObject([{ format: 'nifti', columns: 40, slices: 20 }]);
    const both = await info(folder);
    expect(both.status).toBe(0);
    expect(both.series.map(({ format }) => format).sort()).toEqual(['dicom', 'nifti']);
  });

  it.each(badFiles)('%s ends with 1 and %s', async (_what, tag, make) => {
    const { status, stderr, series } = await info(make());
    expect(status).toBe(1);
    expect(series).toEqual([]);
    expect(JSON.parse(stderr.trim().split('\n')[0] ?? '')).toMatchObject({ error: { tag } });
  });

  it('names a bad file beside good ones, and goes on with the rest', async () => {
    const file = bad('letter.dcm', 'Dear colleague,\n'.repeat(100));
    const named = await info(nifti, file);
    expect(named.status).toBe(1);
    expect(named.series.length).toBe(1);
    expect(named.skipped).toMatchObject([{ path: file, error: { tag: 'NotRecognised' } }]);
    copyFileSync(nifti, path.join(path.dirname(file), 'good.nii'));
    const inside = await info(path.dirname(file));
    expect(inside).toMatchObject({ status: 0, stderr: '' });
    expect([inside.series.length, inside.skipped.length]).toEqual([1, 1]);
  });

  it('names an empty folder beside good files', async () => {
    const empty = temporaryFolder();
    const { status, series, skipped } = await info(nifti, empty);
    expect([status, series.length]).toEqual([1, 1]);
    expect(skipped).toMatchObject([{ path: empty, error: { tag: 'EmptyFolder' } }]);
  });

  it('remembers nothing', async () => {
    const own = smallPlace();
    await verisim(['info', nifti], own);
    expect(() => readdirSync(own.home)).toThrow();
  });
});

describe('export', () => {
  it('asks which series when there are several, and knows the ones there are', async () => {
    const several = await verisim(['export', folder, '--format', 'png', '--out', temporaryFolder()], place);
    expect(several.status).toBe(2);
    expect(several.stderr).toMatch(/^error WrongUse: .*--series/);
    const unknown = ['export', folder, '--series', 'absent', '--format', 'png', '--out', temporaryFolder()];
    expect((await verisim(unknown, place)).stderr).toMatch(/^error UnknownSeries: /);
  });

  it('writes nothing into a place that cannot be written, and says so', async () => {
    const file = bad('file', '');
    const { status, stderr } = await verisim(['export', nifti, '--format', 'png', '--out', file], place);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^error OutputNotWritable: /);
  });
});

describe('image to image', () => {
  it('from a series on disk, each format as soon as it is made, and again with the same bytes', async () => {
    const out = temporaryFolder();
    const args = ['--count', '2', '--seed', '5', '--steps', '2', '--from', nifti, '--strength', '0.5'];
    const { runId, outputs } = await generate([...args, '--format', 'png,dicom,nifti', '--out', out], place);
    expect(readdirSync(out).sort()).toEqual(
      ['0000', '0001'].flatMap((name) => ['dcm', 'json', 'nii', 'png'].map((ending) => `${name}.${ending}`)),
    );
    expect(outputs.map(({ path: file }) => path.basename(file)).sort()).toEqual(readdirSync(out).sort());
    const again = temporaryFolder();
    await verisim(['runs', 'rerun', runId, '--out', again, '--format', 'dicom,png'], place);
    for (const name of readdirSync(again))
      expect(sha256Of(path.join(again, name))).toBe(sha256Of(path.join(out, name)));
    expect(readdirSync(again).length).toBe(4);
  });
});

const mounted: string[] = [];
afterEach(() => {
  for (const disk of mounted.splice(0)) execFileSync('umount', [disk]);
});

function smallDisk(kilobytes: number): string {
  const disk = path.join(temporaryFolder(), 'disk');
  mkdirSync(disk);
  execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${kilobytes}k`, 'tmpfs', disk]);
  mounted.push(disk);
  return disk;
}

function canMount(): boolean {
  try {
    execFileSync('umount', [smallDisk(64)]);
    mounted.pop();
    return true;
  } catch {
    mounted.pop();
    return false;
  }
}

describe.skipIf(!canMount())('a full disk (skipped where a small disk cannot be mounted)', () => {
  it('under --out fails with DiskFull; what was finished stays, and the log says why', async () => {
    const own = smallPlace();
    const disk = smallDisk(64);
    const args = ['generate', '--model', 'small', '--count', '40', '--steps', '2', '--seed', '1', '--out', disk];
    const { status, stderr } = await verisim(args, own);
    expect(stderr).toMatch(/^error DiskFull: /);
    expect(status).toBe(1);
    const kept = readdirSync(disk);
    expect(kept.length).toBeGreaterThan(0);
    expect(kept.every((name) => /^\d{4}\.png$/.test(name))).toBe(true);
    const rows = JSON.parse((await verisim(['runs', '--json'], own)).stdout) as object[];
    expect(rows).toMatchObject([{ state: 'failed', error: { tag: 'DiskFull' }, outputCount: kept.length }]);
  });

  it('under the data folder fails with DiskFull, and the log can be read afterwards', async () => {
    const own = { ...smallPlace(), home: path.join(smallDisk(600), 'home') };
    const args = [
      'generate',
      '--model',
      'small',
      '--count',
      '400',
      '--steps',
      '2',
      '--seed',
      '1',
      '--out',
      temporaryFolder(),
    ];
    const { status, stderr } = await verisim(args, own);
    expect(stderr).toMatch(/^error DiskFull: /);
    expect(status).toBe(1);
    expect((await verisim(['runs', '--json'], own)).status).toBe(0);
  });
});
