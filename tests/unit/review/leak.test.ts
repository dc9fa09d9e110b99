import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import type { ReaderAnswer } from '../../../preload/review.ts';
import { createAssetHandler } from '../../../main/handlers/assets.ts';
import { writeFileAtomic } from '../../../main/imaging/atomic-write.ts';
import { decodePng, encodePng8 } from '../../../main/imaging/png.ts';
import { dataFolder } from '../../../main/log/data-folder.ts';
import { cubicResize } from '../../../main/review/cubic-resize.ts';
import { type Candidate, freezeDesign, sequenceOf } from '../../../main/review/design.ts';
import { equaliseCase } from '../../../main/review/equalise.ts';
import { findLeaks, measureCase, type ShownCase } from '../../../main/review/leak.ts';
import { randomSource } from '../../../main/review/random.ts';

const perClass = 500;
const grid = { width: 32, height: 32 };
const random = randomSource(4);

/** A smooth random field. Real ones come in 12-bit units with an offset, synthetic ones in 0…1: both of one kind otherwise. */
function field(truth: ReaderAnswer): Float32Array {
  const coarse = Float32Array.from({ length: 49 }, () => random.below(1000) / 1000);
  const pixels = cubicResize(coarse, { width: 7, height: 7 }, grid);
  return truth === 'real' ? pixels.map((value) => Math.round(value * 4095) - 1024) : pixels;
}

/** 1,000 cases through the whole path: design, equalisation, file, and the address that the reading screen asks. */
async function showAll(): Promise<ShownCase[]> {
  const home = mkdtempSync(path.join(os.tmpdir(), 'verisim-leak-'));
  const folder = dataFolder(home);
  const pool = (truth: ReaderAnswer): Candidate[] =>
    Array.from({ length: perClass + 100 }, (_, index) => ({
      id: `${truth}:${index}`,
      patient: `${truth}-${index}`,
      group: truth,
    }));
  const { design, images } = freezeDesign(
    {
      title: 'Leaks',
      question: 'real-or-synthetic',
      choices: 1,
      real: [],
      synthetic: [],
      casesPerClass: perClass,
      seed: 11,
      trainingCases: 0,
      repeats: 0,
      sessions: 1,
      washOutDays: 0,
      timeLimitSeconds: null,
      tools: { zoom: false, window: false, mark: false, comment: false },
      showsResult: true,
      margin: 0.1,
    },
    { real: pool('real'), synthetic: pool('synthetic') },
  );
  for (const [number, { truth }] of images.entries()) {
    const { pixels, width, height } = equaliseCase({ pixels: field(truth), grid, size: 64 });
    const png = encodePng8({ width, height, channels: 1, values: pixels, stored: true });
    await writeFileAtomic(folder.reviewCase('study', number), png);
  }
  const serve = createAssetHandler({ renderer: home, data: home, models: home });
  const shown: ShownCase[] = [];
  for (const [place, item] of sequenceOf(design, 1).entries()) {
    const imageNumber = design.items[item]![0]!;
    const from = performance.now();
    const response = await serve(new Request(`app://verisim/review/study/${imageNumber}`));
    const bytes = new Uint8Array(await response.arrayBuffer());
    const { values, width, height } = decodePng(bytes);
    const loadMs = performance.now() - from;
    const { truth } = images[imageNumber]!;
    shown.push({
      truth,
      pixels: Uint8Array.from(values),
      channels: 1,
      width,
      height,
      byteLength: bytes.length,
      loadMs,
      place,
      imageNumber,
    });
  }
  return shown;
}

describe('the leak test over 1,000 cases', () => {
  let cases: ShownCase[] = [];
  const changed = (change: (one: ShownCase) => Partial<ShownCase>) =>
    findLeaks(cases.map((one) => measureCase(one.truth === 'synthetic' ? { ...one, ...change(one) } : one)));
  const telling = (report: ReturnType<typeof findLeaks>) =>
    report.properties.filter(({ tells }) => tells).map(({ property }) => property);

  beforeAll(async () => {
    cases = await showAll();
  }, 120_000);

  it('is at chance: an area of 0.45 to 0.55, and no single property tells', () => {
    const report = findLeaks(cases.map(measureCase));
    expect(cases).toHaveLength(2 * perClass);
    expect(report.auc.value).toBeGreaterThanOrEqual(0.45);
    expect(report.auc.value).toBeLessThanOrEqual(0.55);
    expect(telling(report)).toEqual([]);
  });

  it('catches a border of one pixel', () => {
    const report = changed(({ pixels, width, height }) => ({
      pixels: pixels.map((value, at) => {
        const [x, y] = [at % width, Math.floor(at / width)];
        return x === 0 || y === 0 || x === width - 1 || y === height - 1 ? 128 : value;
      }),
    }));
    expect(telling(report)).toContain('step at the border');
    expect(report.auc.value).toBeGreaterThan(0.9);
  });

  it('catches a file size, even of one byte', () => {
    const report = changed(({ byteLength }) => ({ byteLength: byteLength + 1 }));
    expect(telling(report)).toContain('bytes of the file');
    expect(report.auc.value).toBeGreaterThan(0.9);
  });

  it('catches a load time that is 20 ms longer', () => {
    const report = changed(({ loadMs }) => ({ loadMs: loadMs + 20 }));
    expect(telling(report)).toContain('load time');
    expect(report.auc.value).toBeGreaterThan(0.6);
  });

  it('catches a set that skipped equalisation, and an order that sorts', () => {
    expect(telling(changed(({ pixels }) => ({ pixels: pixels.map((value) => 40 + value / 3) })))).toEqual(
      expect.arrayContaining(['smallest value', 'largest value', 'number of grey levels']),
    );
    expect(telling(changed(({ place }) => ({ place: place + 400 })))).toContain('place in the order');
  });
});
