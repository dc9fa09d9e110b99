import { copyFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it, vi } from 'vitest';
import { writeTextures } from '../../fixtures/texture-folder.ts';
import { type Generated, generate, type Place, smallPlace, temporaryFolder, verisim } from './verisim.ts';

// Each claim starts processes; a loaded machine takes seconds for one.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 120_000 });

const request = ['--model', 'small', '--count', '3', '--seed', '4'];
let place: Place;
/** Real images, a copy of the second image of the request among them. */
let real: string;
let first: Generated;

beforeAll(async () => {
  place = smallPlace();
  const out = temporaryFolder();
  first = await generate([...request, '--format', 'png,dicom', '--out', out], place);
  real = writeTextures(path.join(temporaryFolder(), 'real'), { count: 6, seed: 9 });
  copyFileSync(path.join(out, '0001.png'), path.join(real, 'planted.png'));
});

describe('the gate of the command line', () => {
  it('with no real images known lets images pass, and the run says that nothing was searched', () => {
    expect(first.outputs).toHaveLength(6);
    expect(first.warnings).toEqual([expect.stringContaining('without a search for copies: no real images were named')]);
  });

  it('with real images to look among leaves a suspected copy behind, in every format, and says so', async () => {
    const out = temporaryFolder();
    const args = [...request, '--format', 'png,dicom', '--against', real, '--out', out];
    const { originality, outputs } = await generate(args, place);
    expect(readdirSync(out).sort()).toEqual(['0000.dcm', '0000.png', '0002.dcm', '0002.png']);
    expect(outputs.map(({ index }) => index)).toEqual([0, 2, 0, 2]);
    expect(originality).toMatchObject({ searched: 7, withheld: [{ index: 1, real: 'planted.png' }] });
  });

  it('holds a synthetic series that is read again, which leaves as a whole, with a reason', async () => {
    const out = temporaryFolder();
    const made = path.dirname(first.outputs[0]!.path);
    const args = ['export', made, '--format', 'nifti', '--out', out, '--against', real];
    const refused = await verisim([...args, '--json'], place);
    expect(refused).toMatchObject({ status: 1, stderr: expect.stringMatching(/OriginalityOpen.*slice 2/) as string });
    expect(readdirSync(out)).toEqual([]);
    const { status, stderr } = await verisim([...args, '--keep-suspects', 'planted by a test'], place);
    expect(status).toBe(0);
    expect(stderr).toContain('planted by a test');
    expect(readdirSync(out).length).toBeGreaterThan(0);
  });

  it('refuses a reason not to look beside where to look', async () => {
    const args = ['generate', ...request, '--out', 'z', '--unchecked', 'why', '--against', 'x', '--json'];
    expect(await verisim(args, place)).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('WrongUse') as string,
    });
  });
});
