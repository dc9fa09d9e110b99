import { describe, expect, it } from 'vitest';
import type { ModelSummary, SeriesSummary, VolumeDescription } from '../../../preload/domain.ts';
import {
  isGuided,
  largestSeed,
  networkCallsPerImage,
  presetOf,
  randomSeed,
  samplerOfPreset,
  seedOfImage,
  sliceIndicesForRange,
} from '../../../renderer/state/generation-form.ts';
import { reasonsAgainst } from '../../../renderer/state/model-fit.ts';

const model: ModelSummary = {
  id: 'brain-mri-wdm-128',
  version: '1.0.0',
  name: 'Brain MRI',
  licence: 'CC-BY-4.0',
  family: 'wdm',
  modality: 'MR',
  anatomy: 'Brain',
  image: { width: 128, height: 128, channels: 1 },
  parameters: 7_400_000,
  gflopsPerStep: null,
  classes: [],
  defaults: { sampler: 'ddim', steps: 20, spacing: 'trailing', guidance: 1 },
  data: { name: '', licence: '', images: 0, split: '' },
  training: { optimiserSteps: 0, imagesSeen: 0, hours: 0, hardware: '' },
  quality: [],
  intendedUse: '',
  limits: [],
};

const head: SeriesSummary = {
  id: 's',
  format: 'dicom',
  modality: 'MR',
  description: 'T1 head',
  patientName: '',
  patientId: '',
  studyId: '',
  studyDescription: '',
  studyDate: '',
  seriesNumber: 1,
  columns: 181,
  rows: 217,
  slices: 181,
  frames: 1,
  spacingMm: [1, 1, 1],
  originLps: [0, 0, 0],
  directionLps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
  transferSyntax: '1.2.840.10008.1.2.1',
  synthetic: false,
  unit: '',
  fileCount: 181,
  warnings: [],
};

describe('what the Create screen asks for', () => {
  it('gives image i the seed of the run plus i, around the end of 32 bits', () => {
    expect(seedOfImage(5, 2)).toBe(7);
    expect(seedOfImage(largestSeed, 1)).toBe(0);
    expect(randomSeed()).toBeLessThanOrEqual(largestSeed);
  });

  it('takes this slice, or every n-th of the whole series', () => {
    expect(sliceIndicesForRange({ kind: 'this' }, 90, 181)).toEqual([90]);
    expect(sliceIndicesForRange({ kind: 'every', nth: 60 }, 90, 181)).toEqual([0, 60, 120, 180]);
    expect(sliceIndicesForRange({ kind: 'every', nth: 0 }, 0, 3)).toEqual([0, 1, 2]);
  });

  it("takes few steps of a fast solver, the pack's own, or four times as many", () => {
    const ancestral: ModelSummary = { ...model, defaults: { ...model.defaults, sampler: 'ddpm', steps: 400 } };
    expect(samplerOfPreset('preview', ancestral)).toEqual({ sampler: 'dpmpp-2m-karras', steps: 12 });
    expect(samplerOfPreset('standard', ancestral)).toEqual({ sampler: 'ddpm', steps: 400 });
    expect(samplerOfPreset('best', ancestral)).toEqual({ sampler: 'ddpm', steps: 1000 });
    expect(samplerOfPreset('best', model)).toEqual({ sampler: 'ddim', steps: 80 });
    expect(presetOf({ sampler: 'ddim', steps: 20 }, model)).toBe('standard');
    expect(presetOf({ sampler: 'ddim', steps: 21 }, model)).toBeNull();
  });

  it('counts the calls of the network: Heun asks twice, guidance twice, SDEdit leaves steps out', () => {
    const plain = { sampler: 'ddim', steps: 20, classId: null, guidance: 3, strength: null, inpaint: null } as const;
    expect(networkCallsPerImage(plain)).toBe(20);
    expect(networkCallsPerImage({ ...plain, classId: 'glioma' })).toBe(40);
    expect(networkCallsPerImage({ ...plain, classId: 'glioma', guidance: 1 })).toBe(20);
    expect(networkCallsPerImage({ ...plain, sampler: 'heun' })).toBe(39);
    expect(networkCallsPerImage({ ...plain, strength: 0.5 })).toBe(10);
    const inpaint = { method: 'repaint', jumpLength: 10, resamples: 10 } as const;
    expect(networkCallsPerImage({ ...plain, steps: 250, inpaint })).toBe(2410);
    expect(isGuided({ classId: null, guidance: 3 })).toBe(false);
  });
});

describe('why a model may not suit an image', () => {
  const against = (changes: Partial<SeriesSummary>, volume: VolumeDescription | null = null) =>
    reasonsAgainst(model, { series: { ...head, ...changes }, volume });

  it('names modality, region and size, and nothing where all is well', () => {
    expect(against({})).toEqual([]);
    expect(against({ modality: 'CT' })).toEqual(['Trained on MR images; this series is CT.']);
    expect(against({ description: 'Knee sagittal' })[0]).toContain('seems to show the knee');
    expect(against({ columns: 32, rows: 32 })[0]).toContain('32 × 32 px and is enlarged');
    expect(against({ columns: 2000, rows: 400 })[0]).toContain('less than half');
    const chest = { ...model, modality: 'CR', anatomy: 'Chest' };
    expect(reasonsAgainst(chest, { series: { ...head, modality: 'DX', description: 'PA' }, volume: null })).toEqual([]);
  });

  it('names colour and a window that shows nothing once the series is decoded', () => {
    const volume: VolumeDescription = {
      id: 's',
      dimensions: [181, 217, 181],
      spacingMm: [1, 1, 1],
      originLps: [0, 0, 0],
      directionLps: [1, 0, 0, 0, 1, 0, 0, 0, 1],
      scalarType: 'int16',
      samplesPerVoxel: 1,
      range: { min: -1000, max: 400, p1: -990, p99: 300 },
      windows: [],
      modality: 'MR',
      unit: '',
      inverted: false,
      frameOfReferenceUid: '',
      synthetic: false,
      warnings: [],
    };
    expect(against({}, volume)).toEqual([]);
    expect(against({}, { ...volume, samplesPerVoxel: 3 })).toEqual(['Makes grey images; this series is colour.']);
    expect(against({}, { ...volume, windows: [{ centre: 2000, width: 400 }] })[0]).toBe(
      'The window of this series, 1800 to 2200, shows none of its values from -990 to 300.',
    );
  });
});
