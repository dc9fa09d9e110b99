import { expect, test } from 'vitest';
import { findStains } from '../../../main/imaging/slide/tiling/macenko.ts';
import { createNormaliser } from '../../../main/imaging/slide/tiling/normalise.ts';

/** Pixels stained with known amounts of two known stains, by Beer and Lambert. */
function stained(haematoxylin: readonly number[], eosin: readonly number[], strength: number): Uint8Array {
  const rgb = new Uint8Array(3 * 4000);
  for (let i = 0; i < 4000; i++) {
    // Some pixels hold nearly one stain only, as nuclei and stroma do.
    const share = i % 4 === 0 ? 0.995 : i % 4 === 1 ? 0.005 : ((i * 7919) % 1000) / 1000;
    const amount = strength * (0.6 + ((i * 104_729) % 1000) / 900);
    for (let c = 0; c < 3; c++) {
      const density = amount * (share * (haematoxylin[c] ?? 0) + (1 - share) * (eosin[c] ?? 0));
      rgb[3 * i + c] = Math.round(240 * Math.exp(-density));
    }
  }
  return rgb;
}

const haematoxylin = [0.65, 0.704, 0.286] as const;
const eosin = [0.2159, 0.8012, 0.5581] as const;
const cosine = (a: readonly number[], b: readonly number[]): number => {
  const dot = (x: readonly number[], y: readonly number[]): number =>
    x.reduce((sum, value, i) => sum + value * (y[i] ?? 0), 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
};

test("Macenko's method finds the stains that pixels were made with (those of Ruifrok and Johnston)", () => {
  const found = findStains(stained(haematoxylin, [0.268, 0.57, 0.776], 1));
  expect(cosine(found?.haematoxylin ?? [], haematoxylin)).toBeGreaterThan(0.99);
  expect(cosine(found?.eosin ?? [], [0.268, 0.57, 0.776])).toBeGreaterThan(0.99);
});

test('too little tissue leaves the colours as they are', () => {
  const white = new Uint8Array(300).fill(250);
  expect(findStains(white)).toBeNull();
  const copy = white.slice();
  createNormaliser('macenko', white)(copy);
  expect(copy).toEqual(white);
});

for (const method of ['macenko', 'reinhard'] as const) {
  test(`${method}: a pale and a dark slide of the same tissue come out alike`, () => {
    const mean = (rgb: Uint8Array): number[] =>
      [0, 1, 2].map((c) => rgb.reduce((sum, value, i) => (i % 3 === c ? sum + value : sum), 0) / (rgb.length / 3));
    const [pale, dark] = [stained(haematoxylin, eosin, 0.5), stained(haematoxylin, eosin, 1.1)];
    const before = Math.max(...mean(pale).map((value, c) => Math.abs(value - (mean(dark)[c] ?? 0))));
    const [one, other] = [pale.slice(), dark.slice()];
    createNormaliser(method, pale)(one);
    createNormaliser(method, dark)(other);
    const after = Math.max(...mean(one).map((value, c) => Math.abs(value - (mean(other)[c] ?? 0))));
    expect(before).toBeGreaterThan(40);
    expect(after).toBeLessThan(10);
  });
}
