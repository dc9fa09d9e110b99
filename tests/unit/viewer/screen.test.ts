import { describe, expect, it } from 'vitest';
import { layoutFor } from '../../../renderer/viewer/layout.ts';
import { personName } from '../../../renderer/viewer/names.ts';
import { formatLength, scaleBar } from '../../../renderer/viewer/scale-bar.ts';
import { createWheelSteps } from '../../../renderer/viewer/wheel-steps.ts';

describe('scale bar', () => {
  it('is the longest of 1, 2, 5 × 10ⁿ mm that fits', () => {
    expect(scaleBar(0.5, 160)).toEqual({ lengthMm: 50, pixels: 100 });
    expect(scaleBar(0.1, 160)).toEqual({ lengthMm: 10, pixels: 100 });
    expect(scaleBar(0.01, 160)?.lengthMm).toBe(1);
  });

  it('is left out where there is no scale', () => {
    expect(scaleBar(Number.NaN, 160)).toBeNull();
    expect(scaleBar(0, 160)).toBeNull();
  });

  it('names centimetres from one on', () => {
    expect([50, 10, 5, 0.5].map(formatLength)).toEqual(['5 cm', '1 cm', '5 mm', '0.5 mm']);
  });
});

describe('wheel', () => {
  it('a notch of a mouse wheel is one slice, however far the system says it turned', () => {
    const steps = createWheelSteps();
    expect([100, 120, -2400].map((deltaY) => steps({ deltaY, deltaMode: 0 }))).toEqual([1, 1, -1]);
  });

  it('a touch pad gives one slice for every few pixels', () => {
    const steps = createWheelSteps();
    const slices = Array.from({ length: 24 }, () => steps({ deltaY: 4, deltaMode: 0 }));
    expect(slices.reduce((sum, step) => sum + step, 0)).toBe(4);
  });
});

describe('layout of the planes', () => {
  it('the large plane goes where it is shown larger', () => {
    expect(layoutFor({ width: 740, height: 780 }, { width: 181, height: 217 })).toBe('beside');
    expect(layoutFor({ width: 740, height: 780 }, { width: 400, height: 120 })).toBe('above');
  });
});

describe('names', () => {
  it('a DICOM person name is shown as people read it', () => {
    expect(personName('DOE^JANE^^DR')).toBe('DOE, JANE DR');
    expect(personName('COLIN27')).toBe('COLIN27');
    expect(personName('Yamada^Tarou=山田^太郎')).toBe('Yamada, Tarou');
  });
});
