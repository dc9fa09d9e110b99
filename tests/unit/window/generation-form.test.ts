import { describe, expect, it } from 'vitest';
import type { ModelSummary, SeriesSummary } from '../../../preload/domain.ts';
import {
  fitWarnings,
  largestSeed,
  randomSeed,
  seedOfImage,
  sliceIndicesForRange,
  stepsForPreset,
} from '../../../renderer/state/generation-form.ts';

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

  it("keeps the pack's own step count as the standard preset", () => {
    expect(stepsForPreset('standard', 'ddim', model)).toBe(20);
    expect(stepsForPreset('preview', 'ddim', model)).toBe(10);
    expect(stepsForPreset('best', 'ddim', model)).toBe(50);
    expect(stepsForPreset('best', 'ddpm', model)).toBe(1000);
  });

  it('warns of another modality, another region and a synthetic source, and of nothing else', () => {
    expect(fitWarnings(model, head)).toEqual([]);
    expect(fitWarnings(model, { ...head, modality: 'CT' })[0]).toContain('trained on MR');
    expect(fitWarnings(model, { ...head, description: 'Knee sagittal' })[0]).toContain('knee');
    expect(fitWarnings(model, { ...head, synthetic: true })[0]).toContain('synthetic');
    expect(
      fitWarnings({ ...model, modality: 'CR', anatomy: 'Chest' }, { ...head, modality: 'DX', description: 'PA' }),
    ).toEqual([]);
  });
});
