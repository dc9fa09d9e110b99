import { describe, expect, it } from 'vitest';
import { firstWindow, presetsOf } from '../../../renderer/viewer/window-presets.ts';

const range = { min: 0, max: 1000, p1: 100, p99: 500 };

describe('window presets', () => {
  it('CT has the usual five on the digits 1 to 5, then those of the file', () => {
    const presets = presetsOf({ modality: 'CT', unit: 'HU', range, windows: [{ centre: 35, width: 100 }] });
    expect(presets.map(({ key, width, centre }) => [key, width, centre])).toEqual([
      ['1', 400, 40],
      ['2', 1500, -600],
      ['3', 150, 90],
      ['4', 2500, 480],
      ['5', 80, 40],
      ['6', 100, 35],
    ]);
  });

  it('other modalities have percentiles, narrow and wide', () => {
    const presets = presetsOf({ modality: 'MR', unit: '', range, windows: [] });
    expect(presets.map(({ label, width, centre }) => [label, width, centre])).toEqual([
      ['Percentiles 1–99', 400, 300],
      ['Narrow', 200, 300],
      ['Wide', 1000, 500],
    ]);
  });

  it('a window of the file that is one of the usual ones is not listed twice', () => {
    const presets = presetsOf({ modality: 'CT', unit: 'HU', range, windows: [{ centre: 40, width: 400 }] });
    expect(presets).toHaveLength(5);
  });

  it('a volume opens with the window of its file, else with its middle 98 % of values', () => {
    expect(firstWindow({ range, windows: [{ centre: 35, width: 100 }] })).toMatchObject({ centre: 35, width: 100 });
    expect(firstWindow({ range, windows: [] })).toEqual({ centre: 300, width: 400 });
    expect(firstWindow({ range: { min: 7, max: 7, p1: 7, p99: 7 }, windows: [] }).width).toBeGreaterThan(0);
  });
});
