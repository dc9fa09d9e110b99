/** Every sampler and what a person sees; the steps of Heun's method call the network twice. */
export const samplerTitles = {
  ddpm: 'DDPM',
  ddim: 'DDIM',
  'dpmpp-2m': 'DPM-Solver++ (2M)',
  'dpmpp-2m-karras': 'DPM-Solver++ (2M), Karras levels',
  'dpmpp-2m-sde': 'DPM-Solver++ (2M SDE)',
  'dpmpp-2m-sde-karras': 'DPM-Solver++ (2M SDE), Karras levels',
  unipc: 'UniPC',
  euler: 'Euler',
  'euler-karras': 'Euler, Karras levels',
  heun: 'Heun',
} as const;
export const samplerNames = Object.keys(samplerTitles) as SamplerName[];
export type SamplerName = keyof typeof samplerTitles;
