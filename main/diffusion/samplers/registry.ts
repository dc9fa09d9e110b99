import type { SamplerName } from '../../../preload/samplers.ts';
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { dpmpp2m, dpmpp2mKarras, dpmpp2mSde, dpmpp2mSdeKarras } from './dpm-solver.ts';
import { euler, eulerKarras } from './euler.ts';
import { heun } from './heun.ts';
import type { Sampler } from './sampler.ts';
import { unipc } from './unipc.ts';

/** Every sampler there is. A further one: its file, its title in preload/samplers.ts, and a line here. */
export const samplers: Record<SamplerName, Sampler> = {
  ddpm,
  ddim,
  'dpmpp-2m': dpmpp2m,
  'dpmpp-2m-karras': dpmpp2mKarras,
  'dpmpp-2m-sde': dpmpp2mSde,
  'dpmpp-2m-sde-karras': dpmpp2mSdeKarras,
  unipc,
  euler,
  'euler-karras': eulerKarras,
  heun,
};
