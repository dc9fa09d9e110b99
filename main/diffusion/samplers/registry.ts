import type { SamplerName } from '../../../preload/samplers.ts';
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmpp2mKarras } from './dpmpp-2m-karras.ts';
import { euler, eulerKarras } from './euler.ts';
import { heun } from './heun.ts';
import type { Sampler } from './sampler.ts';
import { unipc } from './unipc.ts';

/** Every sampler there is. A further one: its file, its title in preload/domain.ts, and a line here. */
export const samplers: Record<SamplerName, Sampler> = {
  ddpm,
  ddim,
  'dpmpp-2m': dpmpp2m,
  'dpmpp-2m-karras': dpmpp2mKarras,
  unipc,
  euler,
  'euler-karras': eulerKarras,
  heun,
};
