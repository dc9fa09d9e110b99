import { describe, expect, it } from 'vitest';
import type { SamplerName } from '../../../preload/samplers.ts';
import { gaussianNoise } from '../../../main/diffusion/noise.ts';
import type { NoiseLevel, Prediction } from '../../../main/diffusion/prediction.ts';
import { samplers } from '../../../main/diffusion/samplers/registry.ts';
import type { PlanOptions, SolverSettings } from '../../../main/diffusion/samplers/sampler.ts';
import { alphasCumulative } from '../../../main/diffusion/schedule.ts';

/** Data of N(mean, deviation²): the best prediction at every level, and where the ODE ends, are known in closed form. */
const mean = 0.4;
const deviation = 0.3;
const alphas = alphasCumulative({
  steps: 20_000,
  kind: 'linear',
  betaStart: 0.1 / 20_000,
  betaEnd: 20 / 20_000,
  zeroTerminalSnr: false,
});

function bestOutput(prediction: Prediction, { signal, noise }: NoiseLevel, sample: Float64Array): Float64Array {
  const spread = (signal * deviation) ** 2 + noise ** 2;
  return sample.map((x) => {
    const clean = (signal * deviation ** 2 * x + noise ** 2 * mean) / spread;
    if (prediction === 'sample') return clean;
    const epsilon = (x - signal * clean) / noise;
    return prediction === 'epsilon' ? epsilon : signal * epsilon - noise * clean;
  });
}

function draw(options: {
  name: SamplerName;
  count: number;
  start: Float64Array;
  prediction?: Prediction;
  solver?: SolverSettings;
  plan?: Partial<PlanOptions>;
  eta?: number;
}) {
  const { name, count, start, prediction = 'sample', solver = {}, eta = 0 } = options;
  const sampler = samplers[name];
  const plan = sampler.plan({ alphas, count, spacing: 'trailing', ...options.plan });
  const setup = { alphas, plan, prediction, length: start.length, constrain: null, solver, eta };
  const run = sampler.start(setup);
  const sample = start.slice();
  plan.levels.forEach((level, index) => {
    const output = bestOutput(prediction, level, sample);
    run.step(index, output, sample, () => gaussianNoise(99, index + 1, start.length));
  });
  return { sample, plan };
}

/** How far the deterministic samplers end from the exact solution of the ODE. */
function odeError(options: Omit<Parameters<typeof draw>[0], 'start'>): number {
  const start = Float64Array.from([-1.5, -0.2, 0.9, 2]);
  const { sample, plan } = draw({ ...options, start });
  const widthAt = ({ signal, noise }: NoiseLevel): number => Math.hypot(signal * deviation, noise);
  const first = plan.levels[0] ?? plan.end;
  const errors = Array.from(start, (x, i) => {
    const exact = plan.end.signal * mean + (widthAt(plan.end) * (x - first.signal * mean)) / widthAt(first);
    return Math.abs(exact - (sample[i] ?? NaN));
  });
  return Math.max(...errors);
}

const order2: [string, SamplerName, SolverSettings][] = [
  ['DPM-Solver++ (2M), midpoint', 'dpmpp-2m-karras', { lowerOrderAtEnd: false }],
  ['DPM-Solver++ (2M), Heun', 'dpmpp-2m-karras', { lowerOrderAtEnd: false, slope: 'heun' }],
  ['DPM-Solver (2M)', 'dpmpp-2m-karras', { lowerOrderAtEnd: false, smooth: 'noise' }],
  ['UniPC bh1', 'unipc', { lowerOrderAtEnd: false, scale: 'bh1' }],
  ['UniPC bh2 on the noise', 'unipc', { lowerOrderAtEnd: false, smooth: 'noise' }],
];
const plan: Partial<PlanOptions> = { karras: true, finalSigma: 'smallest' };

describe('on data of a known normal distribution', () => {
  it.each(order2)('%s converges at least with the square of the step', (_, name, solver) => {
    const coarse = odeError({ name, count: 40, solver, plan });
    const fine = odeError({ name, count: 160, solver, plan });
    expect(fine).toBeLessThan(1e-3);
    expect(coarse / fine).toBeGreaterThan(11);
  });

  it('a higher order is nearer at equal steps', () => {
    for (const [name, smooth] of [
      ['dpmpp-2m-karras', 'clean'],
      ['dpmpp-2m-karras', 'noise'],
      ['unipc', 'clean'],
    ] as const) {
      const errors = ([1, 2, 3] as const).map((order) =>
        odeError({
          name,
          count: 60,
          solver: { order, smooth, lowerOrderAtEnd: false },
          plan,
        }),
      );
      expect(errors[1]).toBeLessThan((errors[0] ?? 0) / 3);
      expect(errors[2]).toBeLessThan((errors[1] ?? 0) / 2);
    }
  });

  it('Euler converges with the step and Heun with its square', () => {
    const evenly: Partial<PlanOptions> = { karras: true, spacing: 'linspace' };
    const ratio = (name: SamplerName): number =>
      odeError({ name, count: 30, plan: evenly }) / odeError({ name, count: 120, plan: evenly });
    expect(ratio('euler-karras')).toBeGreaterThan(3.4);
    expect(ratio('heun')).toBeGreaterThan(11);
  });

  const noisy: [SamplerName, SolverSettings, number][] = [
    ['dpmpp-2m-sde', {}, 0],
    ['dpmpp-2m-sde-karras', {}, 0],
    ['dpmpp-2m-sde-karras', { slope: 'heun' }, 0],
    ['dpmpp-2m-sde-karras', { order: 3 }, 0],
    ['dpmpp-2m-sde-karras', { order: 1 }, 0],
    ['dpmpp-2m-sde-karras', { smooth: 'noise' }, 0],
    ['dpmpp-2m-sde-karras', { smooth: 'noise', slope: 'heun' }, 0],
    ['ddpm', {}, 0],
    ['ddim', {}, 1],
    ['dpmpp-2m', {}, 0],
  ];
  it.each(noisy)('%s %o gives back mean and variance, whatever the network predicts', (name, solver, eta) => {
    const start = gaussianNoise(7, 0, 10_000);
    const count = 100;
    for (const prediction of ['sample', 'epsilon', 'v'] as const) {
      const { sample } = draw({ name, count, start, prediction, solver, eta });
      const average = sample.reduce((sum, x) => sum + x, 0) / sample.length;
      const variance = sample.reduce((sum, x) => sum + (x - average) ** 2, 0) / sample.length;
      expect(Math.abs(average - mean)).toBeLessThan(0.012);
      expect(Math.abs(Math.sqrt(variance) / deviation - 1)).toBeLessThan(
        name === 'ddpm' || eta > 0 || solver.order === 1 ? 0.12 : 0.03,
      );
    }
  });

  it('the noise that the SDE adds is drawn anew: two samples from one start differ, one seed repeats', () => {
    const start = gaussianNoise(7, 0, 64);
    const settings = { count: 10, start } as const;
    const one = draw({ name: 'dpmpp-2m-sde', ...settings }).sample;
    expect(draw({ name: 'dpmpp-2m-sde', ...settings }).sample).toEqual(one);
    const apart = one.map((value, i) => value - (draw({ name: 'dpmpp-2m', ...settings }).sample[i] ?? 0));
    expect(Math.max(...apart.map(Math.abs))).toBeGreaterThan(0.2);
  });
});
