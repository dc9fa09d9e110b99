import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { TimestepSpacing } from '../../../preload/domain.ts';
import type { SamplerName } from '../../../preload/samplers.ts';
import { clip, thresholdDynamically } from '../../../main/diffusion/constrain.ts';
import { samplers } from '../../../main/diffusion/samplers/registry.ts';
import type { SolverSettings, StepPlan } from '../../../main/diffusion/samplers/sampler.ts';
import type { ScheduleKind } from '../../../main/diffusion/schedule.ts';
import { alphasCumulative } from '../../../main/diffusion/schedule.ts';

/** One trajectory of a reference implementation, as the files of the golden folder hold them. */
export interface GoldenCase {
  sampler: string;
  config: Record<string, unknown>;
  call: Record<string, unknown>;
  steps: number;
  /** What the network was told, call by call; a tail of the plan where sampling began late (image to image). */
  timesteps: number[];
  init: number[];
  /** Above 1 where the reference keeps samples at variance 1 + σ²; here they always have variance 1. */
  init_noise_sigma: number;
  noise: number[][];
  trajectory: number[][];
}

/** Every case of every file of the folder that holds trajectories. */
export function goldenCases(): { title: string; golden: GoldenCase }[] {
  const folder = process.env['VERISIM_GOLDEN'] ?? 'tests/golden';
  return readdirSync(folder)
    .filter((name) => name.endsWith('.json'))
    .flatMap((name) => {
      const file = JSON.parse(readFileSync(path.join(folder, name), 'utf8')) as { cases?: GoldenCase[] };
      const cases = Array.isArray(file.cases) ? file.cases : [];
      return cases.flatMap((golden, number) =>
        Array.isArray(golden.trajectory) ? [{ title: `${name} ${number}: ${titleOf(golden)}`, golden }] : [],
      );
    });
}

function titleOf({ sampler, config, call, steps }: GoldenCase): string {
  const told = { ...config, ...call };
  return `${sampler}, ${steps} steps, ${Object.entries(told)
    .map(([key, value]) => `${key} ${JSON.stringify(value)}`)
    .join(', ')}`;
}

/** Runs the sampler that a case names on the network of the golden files: 0.3·x·cos(t/200) + 0.1·sin(3x + t/150). */
export function follow(golden: GoldenCase): { timesteps: number[]; trajectory: number[][] } {
  const settings = settingsOf(golden);
  const sampler = samplers[settings.sampler];
  const whole = sampler.plan(settings.plan);
  const first = Math.max(0, whole.timesteps.length - golden.timesteps.length);
  const exploding = settings.sampler === 'heun' || settings.sampler.startsWith('euler');
  const run = sampler.start({ ...settings.setup, plan: whole, length: golden.init.length });
  // A late start begins with the sample itself, one from noise with noise of variance 1.
  const scaled = exploding ? (first === 0 ? golden.init_noise_sigma : 1) : 1;
  const sample = Float64Array.from(golden.init, (value) => value * scaled * signalAt(whole, first, exploding));
  const draws = golden.noise.values();
  const trajectory = whole.timesteps.slice(first).map((t, i) => {
    const index = first + i;
    const output = sample.map((x) => 0.3 * x * Math.cos(t / 200) + 0.1 * Math.sin(3 * x + t / 150));
    run.step(index, output, sample, () => Float64Array.from(draws.next().value ?? []));
    return [...sample].map((value) => value / signalAt(whole, index + 1, exploding));
  });
  return { timesteps: [...whole.timesteps.slice(first)], trajectory };
}

function signalAt({ levels, end }: StepPlan, index: number, exploding: boolean): number {
  return exploding ? (levels[index] ?? end).signal : 1;
}

const scheduleKinds: Readonly<Record<string, ScheduleKind>> = {
  linear: 'linear',
  scaled_linear: 'scaled_linear',
  squaredcos_cap_v2: 'cosine',
  sigmoid: 'sigmoid',
};
const predictions = { epsilon: 'epsilon', v_prediction: 'v', sample: 'sample' } as const;

/** What the reference takes for a parameter that a case does not name. */
function defaultsOf(sampler: string): Record<string, unknown> {
  const ancestral = sampler === 'ddpm' || sampler === 'ddim';
  return {
    num_train_timesteps: 1000,
    prediction_type: 'epsilon',
    beta_schedule: 'linear',
    beta_start: sampler === 'heun' ? 0.00085 : 0.0001,
    beta_end: sampler === 'heun' ? 0.012 : 0.02,
    rescale_betas_zero_snr: false,
    timestep_spacing: ancestral ? 'leading' : 'linspace',
    steps_offset: 0,
    clip_sample: ancestral,
    clip_sample_range: 1,
    thresholding: false,
    dynamic_thresholding_ratio: 0.995,
    sample_max_value: 1,
    variance_type: 'fixed_small',
    set_alpha_to_one: true,
    eta: 0,
    use_clipped_model_output: false,
    algorithm_type: 'dpmsolver++',
    solver_order: 2,
    solver_type: sampler === 'unipc' ? 'bh2' : 'midpoint',
    lower_order_final: true,
    euler_at_final: false,
    final_sigmas_type: 'zero',
    use_karras_sigmas: false,
    predict_x0: true,
    disable_corrector: [],
    strength: 1,
    timesteps: null,
    jump_length: 10,
    jump_n_sample: 10,
    interpolation_type: 'linear',
    timestep_type: 'discrete',
  };
}

function settingsOf(golden: GoldenCase) {
  const defaults = defaultsOf(golden.sampler);
  const given: Record<string, unknown> = { ...golden.config, ...golden.call };
  for (const [key, value] of Object.entries(given)) {
    const inert = value === null || value === false || key.startsWith('_') || value === '-Infinity';
    if (!(key in defaults) && !inert) throw new Error(`The parameter ${key} = ${JSON.stringify(value)} is not known.`);
  }
  const merged = { ...defaults, ...given };
  const flag = (key: string): boolean => merged[key] === true;
  const amount = (key: string): number => Number(merged[key]);
  const word = <Word extends string>(key: string, words: readonly Word[]): Word => {
    const found = words.find((candidate) => candidate === merged[key]);
    if (found === undefined) throw new Error(`${key} = ${JSON.stringify(merged[key])} is none of ${words.join(', ')}.`);
    return found;
  };
  word('interpolation_type', ['linear']);
  word('timestep_type', ['discrete']);
  const algorithm = word('algorithm_type', ['dpmsolver++', 'dpmsolver', 'sde-dpmsolver++', 'sde-dpmsolver']);
  const sampler = samplerOf(golden.sampler, { karras: flag('use_karras_sigmas'), sde: algorithm.startsWith('sde') });
  const alphas = asFloat32(
    alphasCumulative({
      steps: amount('num_train_timesteps'),
      kind: scheduleKinds[word('beta_schedule', Object.keys(scheduleKinds))] ?? 'linear',
      betaStart: amount('beta_start'),
      betaEnd: amount('beta_end'),
      zeroTerminalSnr: flag('rescale_betas_zero_snr'),
    }),
  );
  // The solvers of the reference leave this much signal at the last step, so that σ stays finite.
  if (alphas.at(-1) === 0 && sampler !== 'ddpm' && sampler !== 'ddim') alphas[alphas.length - 1] = 2 ** -24;
  const range = amount('clip_sample_range');
  const threshold = { percentile: amount('dynamic_thresholding_ratio'), largest: amount('sample_max_value') };
  const constrain = flag('thresholding')
    ? (clean: Float64Array) => thresholdDynamically(clean, threshold)
    : flag('clip_sample')
      ? (clean: Float64Array) => clip(clean, -range, range)
      : null;
  const order = ([1, 2, 3] as const).find((candidate) => candidate === amount('solver_order'));
  if (order === undefined) throw new Error(`solver_order = ${amount('solver_order')} is none of 1, 2, 3.`);
  const kind = word('solver_type', ['midpoint', 'heun', 'bh1', 'bh2']);
  const solver: SolverSettings = {
    order,
    smooth: flag('predict_x0') && algorithm.endsWith('++') ? 'clean' : 'noise',
    slope: kind === 'heun' ? 'heun' : 'midpoint',
    scale: kind === 'bh1' ? 'bh1' : 'bh2',
    lowerOrderAtEnd: flag('lower_order_final'),
    firstOrderAtEnd: flag('euler_at_final'),
    uncorrected: merged['disable_corrector'] as number[],
  };
  const visited = merged['timesteps'] as number[] | null;
  return {
    sampler,
    plan: {
      alphas,
      count: golden.steps,
      spacing: word<TimestepSpacing>('timestep_spacing', ['leading', 'linspace', 'trailing']),
      offset: amount('steps_offset'),
      karras: flag('use_karras_sigmas'),
      finalSigma:
        word('final_sigmas_type', ['zero', 'sigma_min']) === 'zero' ? ('zero' as const) : ('smallest' as const),
      ...(visited === null ? {} : { visited }),
    },
    setup: {
      alphas,
      prediction: predictions[word('prediction_type', ['epsilon', 'v_prediction', 'sample'])],
      constrain,
      eta: amount('eta'),
      finalAlphaOne: flag('set_alpha_to_one'),
      constrainedDirection: flag('use_clipped_model_output'),
      variance:
        word('variance_type', ['fixed_small', 'fixed_small_log', 'fixed_large']) === 'fixed_large'
          ? ('large' as const)
          : ('small' as const),
      solver,
    },
  };
}

function samplerOf(name: string, { karras, sde }: { karras: boolean; sde: boolean }): SamplerName {
  if (/^dpm-?solver/.test(name)) {
    if (sde || name.endsWith('sde')) return karras ? 'dpmpp-2m-sde-karras' : 'dpmpp-2m-sde';
    return karras ? 'dpmpp-2m-karras' : 'dpmpp-2m';
  }
  if (name === 'euler') return karras ? 'euler-karras' : 'euler';
  if (name === 'ddpm' || name === 'ddim' || name === 'unipc' || name === 'heun') return name;
  throw new Error(`There is no sampler ${name}.`);
}

/** The reference holds β, 1 − β and ᾱ in float32; given the same constants, only the samplers are compared. */
function asFloat32(alphas: Float64Array): Float64Array {
  let product = 1;
  return alphas.map((alpha, t) => {
    const beta = 1 - alpha / (t === 0 ? 1 : (alphas[t - 1] ?? 1));
    product *= Math.fround(1 - Math.fround(beta));
    return Math.fround(product);
  });
}
