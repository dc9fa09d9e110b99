import type { Colour } from '../../../preload/overlays.ts';

/** Distinct on grey, in the order in which labels without a colour take them. */
const palette: readonly Colour[] = [
  [230, 75, 60],
  [70, 170, 230],
  [240, 200, 60],
  [90, 190, 110],
  [190, 110, 220],
  [240, 140, 50],
  [60, 200, 190],
  [230, 120, 170],
];

export function defaultColour(index: number): Colour {
  return palette[((index % palette.length) + palette.length) % palette.length] ?? [255, 0, 0];
}

/** Recommended Display CIELab Value: three 16-bit numbers (PS3.3 C.10.7.1.1), D50, to sRGB. */
export function colourOfLab([l16, a16, b16]: readonly [number, number, number]): Colour {
  const l = (l16 * 100) / 65535;
  const a = (a16 * 255) / 65535 - 128;
  const b = (b16 * 255) / 65535 - 128;
  const fy = (l + 16) / 116;
  const [x, y, z] = [0.9642 * inverse(fy + a / 500), inverse(fy), 0.8249 * inverse(fy - b / 200)];
  // Bradford adaptation from D50 to D65 is part of the matrix.
  return [
    encode(3.1338561 * x - 1.6168667 * y - 0.4906146 * z),
    encode(-0.9787684 * x + 1.9161415 * y + 0.033454 * z),
    encode(0.0719453 * x - 0.2289914 * y + 1.4052427 * z),
  ];
}

function inverse(t: number): number {
  return t > 6 / 29 ? t ** 3 : 3 * (6 / 29) ** 2 * (t - 4 / 29);
}

function encode(linear: number): number {
  const value = linear <= 0.0031308 ? 12.92 * linear : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.round(255 * Math.min(1, Math.max(0, value)));
}
