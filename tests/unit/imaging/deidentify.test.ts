import { readFileSync } from 'node:fs';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { basicProfileOnly } from '../../../preload/deidentify.ts';
import type { DeidentifyOptions } from '../../../preload/deidentify.ts';
import type { TagElement } from '../../../preload/domain.ts';
import { cleanDescription } from '../../../main/imaging/deidentify/descriptors.ts';
import { createPseudonyms } from '../../../main/imaging/deidentify/pseudonyms.ts';
import { DeidentificationTally } from '../../../main/imaging/deidentify/report.ts';
import { deidentifyFile } from '../../../main/imaging/deidentify/rewrite.ts';
import { pixelRisks } from '../../../main/imaging/deidentify/risks.ts';
import { parseWhole } from '../../../main/imaging/dicom/read-head.ts';
import { groupSeries } from '../../../main/imaging/dicom/group-series.ts';
import { readHeader } from '../../../main/imaging/dicom/header.ts';
import { listElements } from '../../../main/imaging/dicom/list-elements.ts';
import { deriveUid } from '../../../main/imaging/export/uid.ts';
import { writePart10 } from '../../../main/imaging/export/part10.ts';
import type { Elements } from '../../../main/imaging/export/part10.ts';
import { corpora, hasCorpora, inFolder, titleWith } from './shared.ts';
import { pythonWith, runPython } from './tools.ts';

const pydicom = pythonWith('pydicom', 'numpy');
const identity: Elements = {
  PatientName: 'MUELLER^ANNA',
  PatientID: 'P-4711',
  PatientBirthDate: '19510203',
  PatientSex: 'F',
  PatientAge: '068Y',
  PatientWeight: 61,
  OtherPatientIDs: 'ALT-99',
  InstitutionName: 'ST ELSEWHERE',
  InstitutionAddress: 'MAIN STREET 1',
  StationName: 'SCANNER7',
  DeviceSerialNumber: 'SN-0815',
  ManufacturerModelName: 'MODEL X',
  ReferringPhysicianName: 'SCHMIDT^DR',
  StudyDate: '20200229',
  SeriesDate: '20200301',
  AcquisitionDateTime: '20200229101112.5',
  StudyTime: '101112',
  StudyDescription: 'MR Head for Mrs Mueller T2 FLAIR ax 3mm',
  StudyInstanceUID: deriveUid('study'),
  SeriesInstanceUID: deriveUid('series'),
  FrameOfReferenceUID: deriveUid('frame'),
  SourceImageSequence: [
    { ReferencedSOPClassUID: '1.2.840.10008.5.1.4.1.1.4', ReferencedSOPInstanceUID: deriveUid('source') },
  ],
  RequestAttributesSequence: [{ RequestedProcedureID: 'REQ-1' }],
};

function file(more: Elements = {}): Uint8Array {
  return writePart10({
    SOPClassUID: '1.2.840.10008.5.1.4.1.1.4',
    SOPInstanceUID: deriveUid('instance'),
    Modality: 'MR',
    Rows: 2,
    Columns: 2,
    BitsAllocated: 16,
    BitsStored: 16,
    HighBit: 15,
    PixelRepresentation: 0,
    SamplesPerPixel: 1,
    PhotometricInterpretation: 'MONOCHROME2',
    PixelData: Uint16Array.of(1, 2, 3, 4),
    ...identity,
    ...more,
  });
}

function run(options: Partial<DeidentifyOptions> = {}, { key = 'key', bytes = file() } = {}) {
  const done = deidentifyFile(bytes, 'a.dcm', {
    options: { ...basicProfileOnly, ...options },
    pseudonyms: createPseudonyms(key),
  });
  const elements = listElements(parseWhole(done.bytes, 'a.dcm'));
  const all = (keyword: string) =>
    elements.filter((one: TagElement) => one.keyword === keyword).map(({ value }) => value);
  return { ...done, all, value: (keyword: string) => all(keyword)[0] };
}

describe('the basic profile', () => {
  it('leaves no trace of the person, the place, the days or the old UIDs, in sequences too', () => {
    const { bytes, value } = run();
    const text = Buffer.from(bytes);
    const secrets = [
      'MUELLER',
      'Mueller',
      'P-4711',
      '19510203',
      'ALT-99',
      'ELSEWHERE',
      'MAIN STREET',
      'SCANNER7',
      'SN-0815',
    ];
    const uids = ['study', 'series', 'frame', 'source', 'instance'].map(deriveUid);
    for (const secret of [...secrets, 'SCHMIDT', '20200229', '20200301', 'REQ-1', ...uids]) {
      expect(text.includes(secret), secret).toBe(false);
    }
    expect(value('PatientName')).toMatch(/^ANON-[0-9A-F]{12}$/);
    expect(value('PatientIdentityRemoved')).toBe('YES');
    expect(value('LongitudinalTemporalInformationModified')).toBe('REMOVED');
    expect(value('SOPClassUID')).toBe('1.2.840.10008.5.1.4.1.1.4');
  });

  it('names only the methods that ran', () => {
    // CodeValue also stands in no other sequence of this file.
    expect(run().all('CodeValue')).toEqual(['113100']);
    const all = { dates: 'shift', device: true, institution: true, patient: true, descriptors: true } as const;
    expect(run(all).all('CodeValue')).toEqual(['113100', '113105', '113107', '113108', '113109', '113112']);
    expect(run({ dates: 'keep', uids: true }).all('CodeValue')).toEqual(['113100', '113106', '113110']);
  });

  it('takes private and unknown elements out and counts them without their values', () => {
    const plain = Buffer.from(file());
    const at = plain.indexOf(Buffer.from([0x10, 0, 0x10, 0]));
    const secret = Buffer.from('\u0009\0\u0010\0LO\u0008\0SECRET01', 'latin1');
    const bytes = Buffer.concat([plain.subarray(0, at), secret, plain.subarray(at)]);
    const { bytes: written, done } = run({}, { bytes });
    expect(Buffer.from(written).includes('SECRET01')).toBe(false);
    const tally = new DeidentificationTally();
    tally.add(done);
    const report = tally.report(basicProfileOnly, ['A warning.']);
    expect(JSON.parse(report)).toMatchObject({
      files: 1,
      privateElementsRemoved: 1,
      methods: ['(113100, DCM, "Basic Application Confidentiality Profile")'],
    });
    const rows = (JSON.parse(report) as { attributes: { keyword: string; done: string }[] }).attributes;
    expect(rows).toContainEqual({
      tag: '(0010,0010)',
      keyword: 'PatientName',
      done: 'replaced by a stand-in',
      elements: 1,
    });
    expect(report).not.toMatch(/MUELLER|4711|20200229/);
    expect(report).toContain('A warning.');
  });
});

describe('what a researcher keeps', () => {
  it('dates of one patient move by the same days, over the leap day and in every file', () => {
    const { value } = run({ dates: 'shift' });
    const days = (text = '') =>
      Date.UTC(Number(text.slice(0, 4)), Number(text.slice(4, 6)) - 1, Number(text.slice(6, 8))) / 864e5;
    const shift = days('20200229') - days(value('StudyDate'));
    expect(shift).toBeGreaterThanOrEqual(1);
    expect(days('20200301') - days(value('SeriesDate'))).toBe(shift);
    expect(days('20200229') - days(value('AcquisitionDateTime'))).toBe(shift);
    expect(value('AcquisitionDateTime')).toMatch(/101112\.5$/);
    expect(value('StudyTime')).toBe('101112');
    expect(value('PatientBirthDate')).toBe('');
    const other = run({ dates: 'shift' }, { bytes: file({ PatientID: 'P-1' }) });
    expect(days('20200229') - days(other.value('StudyDate'))).not.toBe(shift);
    expect(value('LongitudinalTemporalInformationModified')).toBe('MODIFIED');
  });

  it('UIDs map to the same ones in every file and run of one key, and to others with another key', () => {
    const uids = (one: ReturnType<typeof run>) =>
      ['StudyInstanceUID', 'SeriesInstanceUID', 'FrameOfReferenceUID'].map(one.value);
    expect(uids(run())).toEqual(uids(run()));
    expect(uids(run({}, { key: 'other' }))).not.toEqual(uids(run()));
    const source = run({}, { bytes: file({ SOPInstanceUID: deriveUid('source') }) });
    expect(run().value('ReferencedSOPInstanceUID')).toBe(source.value('SOPInstanceUID'));
    expect(run({ uids: true }).value('StudyInstanceUID')).toBe(deriveUid('study'));
  });

  it('device, institution and patient stay where they are chosen, each alone', () => {
    const kept = ['StationName', 'DeviceSerialNumber', 'InstitutionName', 'PatientSex', 'PatientAge', 'PatientWeight'];
    const values = (options: Partial<DeidentifyOptions>) => kept.map((keyword) => run(options).value(keyword));
    expect(values({ device: true })).toEqual(['SCANNER7', 'SN-0815', 'REMOVED', '', undefined, undefined]);
    expect(values({ institution: true })).toEqual(['REMOVED', 'REMOVED', 'ST ELSEWHERE', '', undefined, undefined]);
    expect(values({ patient: true })).toEqual(['REMOVED', 'REMOVED', 'REMOVED', 'F', '068Y', '61']);
  });

  it('descriptions keep the words of radiology and nothing else', () => {
    expect(run().value('StudyDescription')).toBeUndefined();
    expect(run({ descriptors: true }).value('StudyDescription')).toBe('MR Head T2 FLAIR ax 3mm');
    expect(cleanDescription('t1_mprage_sag_p2_iso MRN12345678 Meier 1951')).toBe('t1 mprage sag p2');
  });
});

describe('what stays in the pixels', () => {
  const risksOf = (more: Elements) =>
    inFolder(async (folder) => {
      await writeFile(join(folder, 'a'), file({ StudyDescription: '', ...more }));
      const [series] = groupSeries([await readHeader(join(folder, 'a'))]);
      return series === undefined ? [] : pixelRisks(series);
    });

  it('is told by the tags, the modality and the kind of object', async () => {
    expect((await risksOf({ BurnedInAnnotation: 'YES' })).join()).toMatch(/burned into the pixels/);
    expect(await risksOf({ BurnedInAnnotation: 'NO', Modality: 'US' })).toEqual([]);
    expect((await risksOf({ Modality: 'US' })).join()).toMatch(/modality US often carry names/);
    expect((await risksOf({ SOPClassUID: '1.2.840.10008.5.1.4.1.1.7' })).join()).toMatch(/Captured screens/);
    expect((await risksOf({ BodyPartExamined: 'HEAD' })).join()).toMatch(/faces are not removed/);
    expect(await risksOf({ BodyPartExamined: 'KNEE' })).toEqual([]);
  });
});

describe.skipIf(!hasCorpora || pydicom === null)(
  titleWith('de-identified corpora', hasCorpora && pydicom !== null, 'shared/data or pydicom'),
  () => {
    it('pydicom finds the same pixels and none of the old identifiers', () =>
      inFolder(async (folder) => {
        const root = join(corpora, 'dicom', 'pydicom');
        const pairs: string[] = [];
        for (const name of await readdir(root)) {
          const path = join(root, name);
          const isImage = await readHeader(path).then(
            () => true,
            () => false,
          );
          if (!isImage) continue;
          const target = join(folder, `${pairs.length}.dcm`);
          const { bytes } = deidentifyFile(await readFile(path), path, {
            options: basicProfileOnly,
            pseudonyms: createPseudonyms('key'),
          });
          await writeFile(target, bytes);
          pairs.push(`${path}\t${target}`);
        }
        await writeFile(join(folder, 'pairs.tsv'), pairs.join('\n'));
        const code = readFileSync(join(import.meta.dirname, 'fixtures', 'compare-deidentified.py'), 'utf8');
        const result = JSON.parse(runPython(pydicom ?? '', code, join(folder, 'pairs.tsv'))) as {
          compared: number;
          different: string[];
          leaks: string[];
        };
        expect(result).toMatchObject({ different: [], leaks: [] });
        expect(result.compared).toBeGreaterThan(50);
      }));
  },
);
