import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it, vi } from 'vitest';
import { fitToGrid } from '../../../main/imaging/resample.ts';
import { decodePng, encodePng8 } from '../../../main/imaging/png.ts';
import { generate, realPlace, sha256Of, temporaryFolder, verisim, type Place } from './verisim.ts';

vi.setConfig({ testTimeout: 240_000, hookTimeout: 240_000 });

const model = 'brain-mri-wdm-128';
const hasModel = existsSync(path.join(realPlace().root, 'models', model, 'denoiser.onnx'));
const sample = path.resolve('resources/sample/colin27-t1.nii.gz');
const [columns, rows] = [181, 217];

/** An ellipse in the left half of the brain, 0 elsewhere. */
const marked = Uint8Array.from({ length: columns * rows }, (_, i) => {
  const [x, y] = [i % columns, Math.floor(i / columns)];
  return ((x - 60) / 22) ** 2 + ((y - 105) / 30) ** 2 <= 1 ? 1 : 0;
});

function maskFile(folder: string): string {
  const file = path.join(folder, 'mask.png');
  const values = marked.map((value) => 255 * value);
  writeFileSync(file, encodePng8({ width: columns, height: rows, channels: 1, values }));
  return file;
}

/** Which pixels of the model's grid any marked pixel has a share in; the sample has voxels of 1 mm. */
const inside = fitToGrid(
  { width: columns, height: rows, spacingMm: [1, 1], pixels: Float32Array.from(marked) },
  { width: 128, height: 128, window: { centre: 0.5, width: 1 }, storedMin: 0, storedMax: 1 },
).map((share) => (share > 1e-6 ? 1 : 0));

function pixelsOf(file: string): { values: Uint8Array | Uint16Array; text: Record<string, string> } {
  return decodePng(readFileSync(file));
}

function inputOf(place: Place, runId: string): Uint8Array | Uint16Array {
  return pixelsOf(path.join(place.home, 'runs', runId, 'inputs', '0.png')).values;
}

describe.skipIf(!hasModel)(`inpainting with ${model} (skipped where it is not installed)`, () => {
  for (const method of [['masked'], ['repaint', '--jump-length', '3', '--resamples', '2']]) {
    it(`${method[0]}: keeps every pixel outside the mask to the last of 16 bits, makes the inside anew, and repeats`, async () => {
      const place = realPlace();
      const out = temporaryFolder();
      const again = temporaryFolder();
      const options = ['--model', model, '--seed', '11', '--steps', '10', '--from', sample, '--slice', '95'];
      const masking = ['--mask', maskFile(temporaryFolder()), '--inpaint', ...method];
      const { runId, outputs } = await generate([...options, ...masking, '--out', out], place);
      const made = pixelsOf(outputs[0]?.path ?? '');
      const source = inputOf(place, runId);
      const change = Array.from(made.values, (value, i) => Math.abs(value - (source[i] ?? 0)));
      expect(change.filter((_, i) => inside[i] === 0).every((difference) => difference === 0)).toBe(true);
      const changed = change.filter((difference, i) => inside[i] === 1 && difference > 0).length;
      const size = inside.filter((value) => value === 1).length;
      expect(changed).toBeGreaterThan(0.9 * size);
      expect(seamOf(made.values)).toBeLessThan(2 * seamOf(source));
      expect(made.text['XML:com.adobe.xmp']).toContain('compositeWithTrainedAlgorithmicMedia');
      expect(JSON.parse(made.text['Verisim:generation'] ?? '{}')).toMatchObject({ inpaint: { method: method[0] } });
      const { inputs } = JSON.parse((await verisim(['runs', 'show', runId], place)).stdout) as {
        inputs: { name: string }[];
      };
      expect(inputs.map(({ name }) => name).sort()).toEqual(['mask', 'model', 'source']);

      const rerun = await verisim(['runs', 'rerun', runId, '--out', again, '--json'], place);
      expect(rerun.status).toBe(0);
      expect(sha256Of(path.join(again, '0000.png'))).toBe(outputs[0]?.sha256);
    });
  }

  it('refuses a mask of another size, one that marks nothing, and options without a mask', async () => {
    const place = realPlace();
    const folder = temporaryFolder();
    mkdirSync(folder, { recursive: true });
    const write = (name: string, width: number, values: Uint8Array): string => {
      const file = path.join(folder, name);
      writeFileSync(file, encodePng8({ width, height: values.length / width, channels: 1, values }));
      return file;
    };
    const small = write('small.png', 4, new Uint8Array(16).fill(1));
    const empty = write('empty.png', columns, new Uint8Array(columns * rows));
    const options = ['generate', '--model', model, '--from', sample, '--out', folder];
    const refusals: [string[], RegExp][] = [
      [['--mask', small], /4 × 4 pixels and 1 slice.*181 × 217 pixels/s],
      [['--mask', empty], /marks nothing/],
      [['--mask', path.join(folder, 'absent.png')], /absent\.png cannot be read/],
      [['--resamples', '3'], /name a mask with --mask/],
    ];
    for (const [given, reason] of refusals) {
      const { status, stderr } = await verisim([...options, ...given], place);
      expect(status).not.toBe(0);
      expect(stderr).toMatch(reason);
    }
  });
});

/** Mean step from a pixel inside the mask to its neighbour outside, in 16-bit units. */
function seamOf(values: Uint8Array | Uint16Array): number {
  let sum = 0;
  let count = 0;
  for (let i = 0; i + 128 < values.length; i++) {
    for (const neighbour of [i + 1, i + 128]) {
      if (inside[i] === inside[neighbour]) continue;
      sum += Math.abs((values[i] ?? 0) - (values[neighbour] ?? 0));
      count += 1;
    }
  }
  return sum / count;
}
