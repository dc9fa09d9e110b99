import type { Normaliser } from './normalise.ts';

/** Mean and standard deviation of lαβ of a well-stained slide: the reference of HistomicsTK's documentation (TCGA). */
const reference = {
  mean: [8.74108109, -0.12440419, 0.0444982],
  deviation: [0.6135447, 0.10989545, 0.0286032],
} as const;

/** RGB → LMS and, of its logarithms, → lαβ (Ruderman et al. 1998, as in Reinhard et al. 2001). */
const toLms = [
  [0.3811, 0.5783, 0.0402],
  [0.1967, 0.7244, 0.0782],
  [0.0241, 0.1288, 0.8444],
] as const;
const fromLms = [
  [4.4679, -3.5873, 0.1193],
  [-1.2186, 2.3809, -0.1624],
  [0.0497, -0.2439, 1.2045],
] as const;
const [third, sixth, half] = [1 / Math.sqrt(3), 1 / Math.sqrt(6), 1 / Math.SQRT2];

/** Shifts and stretches lαβ of the slide to that of the reference (Reinhard et al. 2001). */
export function reinhard(tissue: Uint8Array): Normaliser {
  const pixels = Math.floor(tissue.length / 3);
  if (pixels === 0) return () => undefined;
  const [sums, squares] = [
    [0, 0, 0],
    [0, 0, 0],
  ];
  const lab: [number, number, number] = [0, 0, 0];
  for (let i = 0; i < pixels; i++) {
    toLab(tissue, 3 * i, lab);
    for (let c = 0; c < 3; c++) {
      sums[c] = sums[c]! + lab[c]!;
      squares[c] = squares[c]! + lab[c]! ** 2;
    }
  }
  const mean = sums.map((sum) => sum / pixels);
  const deviation = squares.map((square, c) => Math.sqrt(Math.max(0, square / pixels - mean[c]! ** 2)));
  return (rgb) => {
    for (let i = 0; i < rgb.length; i += 3) {
      toLab(rgb, i, lab);
      for (let c = 0; c < 3; c++) {
        const scale = deviation[c]! > 0 ? reference.deviation[c]! / deviation[c]! : 1;
        lab[c] = (lab[c]! - mean[c]!) * scale + reference.mean[c]!;
      }
      fromLab(lab, rgb, i);
    }
  };
}

function toLab(rgb: Uint8Array, at: number, lab: [number, number, number]): void {
  const [l = 0, m = 0, s = 0] = toLms.map(([r, g, b]) =>
    Math.log(r * (rgb[at]! + 1) + g * (rgb[at + 1]! + 1) + b * (rgb[at + 2]! + 1)),
  );
  lab[0] = third * (l + m + s);
  lab[1] = sixth * (l + m - 2 * s);
  lab[2] = half * (l - m);
}

function fromLab([lightness, alpha, beta]: [number, number, number], rgb: Uint8Array, at: number): void {
  const [a, b, c] = [third * lightness, sixth * alpha, half * beta];
  const lms = [Math.exp(a + b + c), Math.exp(a + b - c), Math.exp(a - 2 * b)];
  fromLms.forEach(([l, m, s], i) => {
    const value = l * lms[0]! + m * lms[1]! + s * lms[2]! - 1;
    rgb[at + i] = Math.min(255, Math.max(0, Math.round(value)));
  });
}
