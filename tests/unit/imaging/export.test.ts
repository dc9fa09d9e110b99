import { createHash } from 'node:crypto';
import { spawnSync } from 'node:child_process';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Volume } from '../../../preload/domain.ts';
import { basicProfileOnly } from '../../../preload/deidentify.ts';
import { createPseudonyms } from '../../../main/imaging/deidentify/pseudonyms.ts';
import { exportSeries } from '../../../main/imaging/export/export-series.ts';
import { writeSyntheticDicom } from '../../../main/imaging/export/synthetic-dicom.ts';
import { writeSyntheticNifti } from '../../../main/imaging/export/synthetic-nifti.ts';
import { deriveUid } from '../../../main/imaging/export/uid.ts';
import { findSeries } from '../../../main/imaging/find.ts';
import type { IndexedSeries } from '../../../main/imaging/find.ts';
import { loadVolume } from '../../../main/imaging/load.ts';
import { readTags } from '../../../main/imaging/tags.ts';
import { corpora, hasCorpora, inFolder, titleWith } from './shared.ts';
import { sliceFile } from './slices.ts';
import { dicomErrors, dump, hasProgram, pythonWith, runPython, validator } from './tools.ts';

const basic = { options: basicProfileOnly, pseudonyms: createPseudonyms('a key of these tests') };
const hasDciodvfy = hasProgram(validator);
const hasDcmtk = hasProgram(dump);
const pydicom = pythonWith('pydicom', 'numpy');
const nibabel = pythonWith('nibabel', 'numpy');

const provenance = {
  modelId: 'brain-mri-wdm-128',
  modelVersion: '1.0.0',
  modelSha256: 'a1'.repeat(32),
  sampler: 'ddim',
  steps: 20,
  guidance: 1,
  classId: 'glioma',
  seed: 5,
  strength: null,
  sourceSha256: null,
  application: 'Verisim 0.1.0',
};
const imageToImage = { ...provenance, strength: 0.6, sourceSha256: 'b2'.repeat(32) };
const source = {
  sopClassUid: '1.2.840.10008.5.1.4.1.1.4',
  sopInstanceUid: '1.2.3.4.5',
  frameOfReferenceUid: '1.2.3.4',
  plane: { positionLps: [1, 2, 3], row: [1, 0, 0], column: [0, 1, 0], thicknessMm: 2 } as const,
};
const pixels = Float32Array.from({ length: 64 * 48 }, (_, i) => Math.sin(i / 100) * 1000);
const storedRange = { min: -1000, max: 1000 };
const image = {
  pixels,
  storedRange,
  width: 64,
  height: 48,
  spacingMm: [0.9, 0.8] as const,
  instanceNumber: 1,
  seriesKey: 'key',
};

function synthetic(modality: string, options: { fromSource?: boolean } = {}): Uint8Array {
  if (options.fromSource === true) return writeSyntheticDicom({ ...image, modality, provenance: imageToImage, source });
  return writeSyntheticDicom({ ...image, modality, provenance });
}

describe('synthetic DICOM', () => {
  for (const modality of ['MR', 'CT', 'CR', 'DX', 'OT']) {
    it.skipIf(!hasDciodvfy)(titleWith(`${modality} passes dciodvfy without an error`, hasDciodvfy, 'dciodvfy'), () =>
      inFolder(async (folder) => {
        for (const fromSource of [false, true]) {
          const path = join(folder, `${fromSource}.dcm`);
          await writeFile(path, synthetic(modality, { fromSource }));
          expect(dicomErrors(path)).toEqual([]);
        }
      }),
    );
  }

  it('carries every mark, and reads back as synthetic', () =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'a.dcm'), synthetic('MR', { fromSource: true }));
      const { series } = await findSeries([folder], { unpackFolder: '/nowhere' });
      const one = series[0] as IndexedSeries;
      expect(one.summary.synthetic).toBe(true);
      expect((await loadVolume(one)).synthetic).toBe(true);
      const tags = await readTags(one, 0);
      const value = (tag: string) => tags.find((element) => element.tag === tag)?.value;
      expect(tags.find(({ tag }) => tag === '(0008,001C)')).toMatchObject({ vr: 'CS', value: 'YES' });
      expect(value('(0008,0008)')).toBe('DERIVED\\SECONDARY\\OTHER');
      expect(value('(0018,9004)')).toBe('RESEARCH');
      expect(value('(0008,2111)')).toMatch(/brain-mri-wdm-128 1\.0\.0 .*ddim; 20 steps; .*seed 5; .*strength 0\.6/);
      expect(tags.filter(({ tag }) => tag === '(0008,0100)').map((element) => element.value)).toEqual([
        '121322',
        '109100',
      ]);
      expect(value('(0008,1155)')).toBe('1.2.3.4.5');
      expect(value('(0020,0052)')).toBe('1.2.3.4');
    }));

  it('a description of any length is cut to what the attribute holds', async () => {
    const long = writeSyntheticDicom({
      ...image,
      modality: 'MR',
      provenance: { ...provenance, classId: 'x'.repeat(3000) },
    });
    await inFolder(async (folder) => {
      await writeFile(join(folder, 'a.dcm'), long);
      const { series } = await findSeries([folder], { unpackFolder: '/nowhere' });
      const tags = await readTags(series[0] as IndexedSeries, 0);
      expect(tags.find(({ tag }) => tag === '(0008,2111)')?.value.length).toBe(1024);
    });
  });

  it('equal input gives equal bytes, another seed another UID', () => {
    const other = writeSyntheticDicom({ ...image, modality: 'MR', provenance: { ...provenance, seed: 6 } });
    expect(synthetic('MR')).toEqual(synthetic('MR'));
    expect(Buffer.from(other).equals(synthetic('MR'))).toBe(false);
  });

  it.skipIf(pydicom === null)(titleWith('pydicom reads the values', pydicom !== null, 'pydicom'), () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.dcm');
      await writeFile(path, synthetic('CT'));
      const code =
        'import sys,pydicom,json; d=pydicom.dcmread(sys.argv[1]); a=d.pixel_array*float(d.RescaleSlope)+float(d.RescaleIntercept);' +
        'print(json.dumps([d[0x0008,0x001C].value, list(a.shape), float(a[0,0]), float(a[10,20]), float(a[47,63])]))';
      const [mark, shape, ...values] = JSON.parse(runPython(pydicom ?? '', code, path)) as [
        string,
        number[],
        ...number[],
      ];
      expect([mark, shape]).toEqual(['YES', [48, 64]]);
      for (const [i, at] of [0, 10 * 64 + 20, 47 * 64 + 63].entries()) {
        expect(Math.abs((values[i] ?? NaN) - (pixels[at] ?? NaN))).toBeLessThan(2000 / 65535);
      }
    }),
  );

  it.skipIf(!hasDcmtk)(titleWith('DCMTK reads the file', hasDcmtk, 'dcmtk'), () =>
    inFolder(async (folder) => {
      const path = join(folder, 'a.dcm');
      await writeFile(path, synthetic('MR'));
      const { status, stdout } = spawnSync(dump, [path], { encoding: 'utf8' });
      expect(status).toBe(0);
      expect(stdout).toMatch(/\(0008,001c\) CS \[YES\]/);
    }),
  );

  it('a UID is a whole number below 2.25, at most 64 characters', () => {
    expect(deriveUid('anything')).toMatch(/^2\.25\.[1-9]\d{30,38}$/);
  });
});

describe('synthetic NIfTI', () => {
  it('the side-car holds the hash, the mark and the provenance; read back it is synthetic', () =>
    inFolder(async (folder) => {
      const { nifti, sidecar } = writeSyntheticNifti({ ...image, modality: 'MR', provenance });
      await writeFile(join(folder, 'a.nii'), nifti);
      await writeFile(join(folder, 'a.json'), sidecar);
      const content = JSON.parse(sidecar) as Record<string, unknown>;
      expect(content.Sha256).toBe(createHash('sha256').update(nifti).digest('hex'));
      expect(content.SyntheticData).toBe(true);
      expect(content.Provenance).toEqual(provenance);
      const { series } = await findSeries([join(folder, 'a.nii')], { unpackFolder: '/nowhere' });
      expect(series[0]?.summary.synthetic).toBe(true);
      expect((await loadVolume(series[0] as IndexedSeries)).voxels).toEqual(pixels);
    }));
});

describe('exported series', () => {
  async function seriesOf(folder: string): Promise<{ series: IndexedSeries; volume: Volume }> {
    await mkdir(join(folder, 'in'));
    for (const z of [0, 2, 4]) await writeFile(join(folder, 'in', `${z}`), sliceFile({ z, value: 100 * z }));
    const { series } = await findSeries([join(folder, 'in')], { unpackFolder: '/nowhere' });
    const one = series[0] as IndexedSeries;
    return { series: one, volume: await loadVolume(one) };
  }

  it('NIfTI keeps voxels and places, and has a side-car', () =>
    inFolder(async (folder) => {
      const { series, volume } = await seriesOf(folder);
      const files = await exportSeries(series, volume, {
        format: 'nifti',
        folder: join(folder, 'out'),
        deidentify: basic,
      });
      expect(files.map((file) => file.replace(/^.*\.(nii\.gz|json)$/, '$1'))).toEqual(['nii.gz', 'json']);
      const back = await findSeries([files[0] ?? ''], { unpackFolder: '/nowhere' });
      const again = await loadVolume(back.series[0] as IndexedSeries);
      expect(again.voxels).toEqual(volume.voxels);
      expect(again.originLps.map((v) => v + 0)).toEqual(volume.originLps);
      expect([again.spacingMm, again.directionLps.map((v) => v + 0)]).toEqual([volume.spacingMm, volume.directionLps]);
    }));

  it('a DICOM copy is the same bytes', () =>
    inFolder(async (folder) => {
      const { series, volume } = await seriesOf(folder);
      const files = await exportSeries(series, volume, {
        format: 'dicom',
        folder: join(folder, 'out'),
        deidentify: null,
      });
      expect(await readFile(files[1] ?? '')).toEqual(await readFile(series.files[1]?.path ?? ''));
    }));

  it('de-identified DICOM holds no name and no old UID, says what was done, and keeps pixels and places', () =>
    inFolder(async (folder) => {
      const { series, volume } = await seriesOf(folder);
      const out = join(folder, 'out');
      const files = await exportSeries(series, volume, { format: 'dicom', folder: out, deidentify: basic });
      for (const file of files.filter((name) => name.endsWith('.dcm'))) {
        const bytes = await readFile(file);
        for (const secret of ['TEST', 'SLICE', deriveUid('study'), deriveUid('series'), deriveUid('frame')]) {
          expect(bytes.includes(secret)).toBe(false);
        }
        expect(bytes.includes('Basic Application Confidentiality Profile')).toBe(true);
        if (hasDciodvfy) expect(dicomErrors(file)).toEqual([]);
      }
      const back = await findSeries([out], { unpackFolder: '/nowhere' });
      const again = await loadVolume(back.series[0] as IndexedSeries);
      expect(again.voxels).toEqual(volume.voxels);
      expect([again.originLps, again.spacingMm]).toEqual([volume.originLps, volume.spacingMm]);
    }));

  it('a synthetic series stays marked after de-identification and as PNG', () =>
    inFolder(async (folder) => {
      await mkdir(join(folder, 'in'));
      await writeFile(join(folder, 'in', 'a.dcm'), synthetic('MR'));
      const { series } = await findSeries([join(folder, 'in')], { unpackFolder: '/nowhere' });
      const one = series[0] as IndexedSeries;
      const volume = await loadVolume(one);
      const out = join(folder, 'out');
      await exportSeries(one, volume, { format: 'dicom', folder: out, deidentify: basic });
      expect((await findSeries([out], { unpackFolder: '/nowhere' })).series[0]?.summary.synthetic).toBe(true);
      const [png = ''] = await exportSeries(one, volume, {
        format: 'png',
        folder: join(folder, 'png'),
        deidentify: basic,
      });
      expect((await readFile(png)).includes('Synthetic image')).toBe(true);
    }));
});

describe.skipIf(!hasCorpora)(titleWith('exports of the corpora', hasCorpora, 'shared/data'), () => {
  const cases = [
    'dicom/pydicom/MR_small.dcm',
    'dicom/pydicom/CT_small.dcm',
    'dicom/pydicom/examples_palette.dcm',
    'dicom/enhanced-mr/Siemens/XA10/6_1.dcm',
    'dicom/ct-head-tilted',
    // Has no SOP Instance UID.
    'dicom/pydicom-data/JLSL_RGB_ILV0.dcm',
  ];
  for (const path of cases) {
    it.skipIf(!hasDciodvfy)(titleWith(`${path}, de-identified, gains no dciodvfy error`, hasDciodvfy, 'dciodvfy'), () =>
      inFolder(async (folder) => {
        const { series } = await findSeries([join(corpora, path)], { unpackFolder: '/nowhere' });
        const one = series[0] as IndexedSeries;
        const files = await exportSeries(one, await loadVolume(one), { format: 'dicom', folder, deidentify: basic });
        const before = dicomErrors(one.files[0]?.path ?? '');
        expect(dicomErrors(files[0] ?? '').filter((error) => !before.includes(error))).toEqual([]);
      }),
    );
  }

  it.skipIf(nibabel === null)(
    titleWith('nibabel finds sform and qform of exports at the same place', nibabel !== null, 'nibabel'),
    () =>
      inFolder(async (folder) => {
        for (const code of ['ASR', 'LPI', 'RIP', 'SAL', 'IPR']) {
          const path = join(corpora, 'nifti', 'orientations-48', `${code}.nii.gz`);
          const { series } = await findSeries([path], { unpackFolder: '/nowhere' });
          const one = series[0] as IndexedSeries;
          const [file = ''] = await exportSeries(one, await loadVolume(one), {
            format: 'nifti',
            folder,
            deidentify: null,
          });
          const program =
            'import sys,nibabel as n,numpy as np; a=n.load(sys.argv[1]); b=n.load(sys.argv[2]);' +
            'print(max(abs(a.affine-b.get_sform()).max(), abs(a.affine-b.get_qform()).max(), abs(a.get_fdata()-b.get_fdata()).max()))';
          expect(Number(runPython(nibabel ?? '', program, path, file))).toBeLessThan(1e-3);
        }
      }),
  );
});
