import type { Volume } from '../../preload/domain.ts';

type Placed = Pick<Volume, 'dimensions' | 'spacingMm' | 'originLps' | 'directionLps' | 'sliceOriginsLps'>;

/** The four corners of the first and of the last slice of the first time point, LPS in mm. */
export function cornersOf(volume: Placed, slices: number): [number[][], number[][]] {
  const { dimensions, spacingMm, directionLps: d } = volume;
  const slice = (k: number) => {
    const origin =
      volume.sliceOriginsLps?.[k] ?? volume.originLps.map((o, a) => o + (d[6 + a] ?? 0) * k * spacingMm[2]);
    return [0, dimensions[1] - 1].flatMap((j) =>
      [0, dimensions[0] - 1].map((i) =>
        origin.map((o, a) => o + (d[a] ?? 0) * i * spacingMm[0] + (d[3 + a] ?? 0) * j * spacingMm[1]),
      ),
    );
  };
  return [slice(0), slice(slices - 1)];
}
