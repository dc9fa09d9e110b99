import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { compareCorpus } from '../../corpus/compare.ts';
import { titleWith } from './shared.ts';
import { pythonWith } from './tools.ts';

/** A folder of the reader's own, else the files that were made for the tests. */
const folder = resolve(process.env.VERISIM_CORPUS ?? join(import.meta.dirname, 'fixtures', 'files'));
const python = pythonWith('pydicom', 'nibabel', 'numpy');
const longestMs = 1_800_000;

describe.skipIf(python === null)(
  titleWith(`every file below ${folder}`, python !== null, 'a Python with pydicom and nibabel'),
  () => {
    let result: Awaited<ReturnType<typeof compareCorpus>>;
    beforeAll(async () => {
      result = await compareCorpus(folder, python ?? '');
    }, longestMs);

    it('is read, or refused with a tag', () => {
      expect(result.files.length).toBeGreaterThan(0);
      expect(result.files.filter(({ outcome }) => ['FAULT', 'Internal'].includes(outcome))).toEqual([]);
    });

    it('has the values that pydicom, DCMTK, GDCM or nibabel find', () => {
      expect(result.files.filter(({ compared }) => compared.startsWith('identical')).length).toBeGreaterThan(0);
      expect(result.files.filter(({ isFault }) => isFault)).toEqual([]);
    });

    it('lies where they say, to a micrometre at all eight corners', () => {
      expect(result.series.some(({ deviationMm }) => deviationMm !== null)).toBe(true);
      expect(result.series.filter(({ isFault }) => isFault)).toEqual([]);
    });
  },
);
