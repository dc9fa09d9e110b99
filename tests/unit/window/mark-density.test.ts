import { describe, expect, it } from 'vitest';
import { heatColours, markDensity } from '../../../renderer/components/review/mark-density.ts';

const mean = (values: Float32Array): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const highestAt = ({ values, size, highest }: ReturnType<typeof markDensity>) => {
  const at = values.indexOf(highest);
  return { x: ((at % size) + 0.5) / size, y: (Math.floor(at / size) + 0.5) / size };
};

describe('the density of marked regions', () => {
  it('counts every mark as one, also at the border and in a corner', () => {
    const marks = [
      { x: 0.5, y: 0.5, radius: 0.1 },
      { x: 0, y: 1, radius: 0.3 },
      { x: 0.99, y: 0.2, radius: 0 },
    ];
    for (let count = 1; count <= marks.length; count++)
      expect(mean(markDensity(marks.slice(0, count)).values)).toBeCloseTo(count, 5);
  });

  it('is the Gaussian of the radius: 1 / (2πσ²) at its middle, and 1 − e⁻² of it within the circle', () => {
    const { values, size, highest } = markDensity([{ x: 0.5, y: 0.5, radius: 0.2 }], 200);
    expect(highest).toBeCloseTo(1 / (2 * Math.PI * 0.1 ** 2), 1);
    const within = values.filter(
      (_, at) => Math.hypot(((at % size) + 0.5) / size - 0.5, (Math.floor(at / size) + 0.5) / size - 0.5) < 0.2,
    );
    expect(within.reduce((sum, value) => sum + value, 0) / size ** 2).toBeCloseTo(1 - Math.exp(-2), 2);
  });

  it('is highest where readers agree, not where one of them stands alone', () => {
    const agreed = [0.28, 0.3, 0.32].map((x) => ({ x, y: 0.7, radius: 0.08 }));
    const { x, y } = highestAt(markDensity([...agreed, { x: 0.8, y: 0.2, radius: 0.08 }]));
    expect(x).toBeCloseTo(0.3, 1);
    expect(y).toBeCloseTo(0.7, 1);
  });

  it('is shown clear where nobody marked, and brighter and less clear the higher it is', () => {
    const density = markDensity([{ x: 0.5, y: 0.5, radius: 0.2 }]);
    const colours = heatColours(density);
    const at = (x: number, y: number) => [...colours.slice((y * 64 + x) * 4, (y * 64 + x) * 4 + 4)];
    expect(at(0, 0)[3]).toBe(0);
    const [red, green, , opacity] = at(32, 32);
    const [lessRed, lessGreen, , lessOpacity] = at(40, 32);
    expect(red).toBeGreaterThanOrEqual(lessRed!);
    expect(green).toBeGreaterThan(lessGreen!);
    expect(opacity).toBeGreaterThanOrEqual(lessOpacity!);
    expect([...heatColours(markDensity([]))].every((value) => value === 0)).toBe(true);
  });
});
