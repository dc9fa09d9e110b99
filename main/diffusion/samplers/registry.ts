import type { SamplerName } from '../../../preload/domain.ts';
import { ddim } from './ddim.ts';
import { ddpm } from './ddpm.ts';
import { dpmpp2m } from './dpmpp-2m.ts';
import { dpmpp2mKarras } from './dpmpp-2m-karras.ts';
import type { Sampler } from './sampler.ts';

/** Every sampler there is. A further one: its file, its name in preload/domain.ts and contract.ts, and a line here. */
export const samplers: Record<SamplerName, Sampler> = {
  ddpm,
  ddim,
  'dpmpp-2m': dpmpp2m,
  'dpmpp-2m-karras': dpmpp2mKarras,
};
