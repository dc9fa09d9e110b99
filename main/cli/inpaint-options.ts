import path from 'node:path';
import type { GenerationRequest, SeriesSummary } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { inpaintingDefaults, inpaintingMethods } from '../../preload/generation-request.ts';
import type { Workspace } from '../handlers/dependencies.ts';
import { saveMaskFile } from '../handlers/masks.ts';
import { numberOption, wordOption } from './command.ts';

export const maskArguments = {
  mask: { type: 'string' },
  inpaint: { type: 'string' },
  'jump-length': { type: 'string' },
  resamples: { type: 'string' },
} as const;

export type MaskValues = Partial<Record<keyof typeof maskArguments, string>>;

const { method, jumpLength, resamples } = inpaintingDefaults;

export const maskOptions = `  --mask FILE      inpainting: only what is not 0 in FILE is made anew; a PNG of the size of the slices as they are shown,
                   or a NIfTI file on the grid of the series; --strength is then 1 by default
  --inpaint M      ${inpaintingMethods.join(' or ')}; ${method} by default; repaint takes about ${resamples} times as long
  --jump-length L  of repaint: steps gone back at a time, ${jumpLength} by default
  --resamples R    of repaint: how often each stretch is done, ${resamples} by default`;

/** Keeps the mask that was named. Throws WrongUse, and what `saveMaskFile` throws. */
export async function readInpainting(
  workspace: Workspace,
  { values, series }: { values: MaskValues; series: SeriesSummary },
  signal: AbortSignal,
): Promise<GenerationRequest['inpaint']> {
  const {
    mask,
    inpaint = method,
    'jump-length': jump = String(jumpLength),
    resamples: times = String(resamples),
  } = values;
  if (mask === undefined) {
    const given = (['inpaint', 'jump-length', 'resamples'] as const).find((name) => values[name] !== undefined);
    if (given === undefined) return undefined;
    throw new VerisimError('WrongUse', `--${given} belongs to inpainting: name a mask with --mask FILE.`);
  }
  const options = {
    method: wordOption(inpaint, 'inpaint', inpaintingMethods),
    jumpLength: numberOption(jump, { option: 'jump-length', min: 1, max: 1000 }),
    resamples: numberOption(times, { option: 'resamples', min: 1, max: 100 }),
  };
  return { ...(await saveMaskFile(workspace, { path: path.resolve(mask), series }, signal)), ...options };
}
