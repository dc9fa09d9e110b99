import type { VoiWindow, VolumeDescription } from '../../preload/domain.ts';

export interface WindowPreset {
  /** The digit that chooses it. */
  key: string;
  label: string;
  centre: number;
  width: number;
}

const computedTomography: readonly Omit<WindowPreset, 'key'>[] = [
  { label: 'Soft tissue', width: 400, centre: 40 },
  { label: 'Lung', width: 1500, centre: -600 },
  { label: 'Liver', width: 150, centre: 90 },
  { label: 'Bone', width: 2500, centre: 480 },
  { label: 'Brain', width: 80, centre: 40 },
];

/** Presets behind the digit keys: the usual ones for CT, then those of the file; from percentiles for the rest. */
export function presetsOf(volume: Pick<VolumeDescription, 'modality' | 'unit' | 'range' | 'windows'>): WindowPreset[] {
  const usual = volume.modality === 'CT' && volume.unit === 'HU' ? computedTomography : fromPercentiles(volume.range);
  const own = volume.windows.map(({ label, centre, width }, at) => ({
    label: label || (volume.windows.length === 1 ? 'From the file' : `From the file ${at + 1}`),
    centre,
    width,
  }));
  const unique = [...usual, ...own].filter(
    (preset, at, all) =>
      all.findIndex(({ centre, width }) => centre === preset.centre && width === preset.width) === at,
  );
  return unique.slice(0, 9).map((preset, at) => ({ key: String(at + 1), ...preset }));
}

/** The window a volume opens with: that of the file, else its middle 98 % of values. */
export function firstWindow(volume: Pick<VolumeDescription, 'range' | 'windows'>): VoiWindow {
  const [own] = volume.windows;
  if (own !== undefined && own.width > 0) return own;
  return between(volume.range.p1, volume.range.p99);
}

function fromPercentiles({ min, max, p1, p99 }: VolumeDescription['range']): Omit<WindowPreset, 'key'>[] {
  const quarter = (p99 - p1) / 4;
  return [
    { label: 'Percentiles 1–99', ...between(p1, p99) },
    { label: 'Narrow', ...between(p1 + quarter, p99 - quarter) },
    { label: 'Wide', ...between(min, max) },
  ];
}

function between(low: number, high: number): { centre: number; width: number } {
  return { centre: (low + high) / 2, width: Math.max(high - low, Number.EPSILON) };
}
