import { randomInt } from 'node:crypto';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { samplerNames } from '../../preload/samplers.ts';
import { listModels } from '../handlers/models.ts';
import { preferredProvider } from '../handlers/providers.ts';
import { generateSlide } from '../handlers/slide-generation.ts';
import {
  type CommandContext,
  numberOption,
  providerNames,
  readArguments,
  required,
  withWorkspace,
  wordOption,
} from './command.ts';
import { clearProgress, printJson } from './output.ts';
import { progressOf } from './run-end.ts';

const largestSeed = 2 ** 32 - 1;

/** `slide generate`: a seamless region of any size as a slide. Throws WrongUse and what the handler throws. */
export async function generate(args: string[], { json, signal }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, {
    model: { type: 'string' },
    width: { type: 'string' },
    height: { type: 'string' },
    seed: { type: 'string' },
    class: { type: 'string' },
    guidance: { type: 'string' },
    sampler: { type: 'string' },
    steps: { type: 'string' },
    provider: { type: 'string' },
    mpp: { type: 'string' },
    block: { type: 'string', default: '512' },
    out: { type: 'string' },
  });
  if (positionals.length > 0) throw new VerisimError('WrongUse', `slide generate takes no ${positionals.join(' ')}.`);
  const modelId = required(values.model, 'model');
  const whole = (text: string, option: string, min: number, max: number): number =>
    numberOption(text, { option, min, max });
  const real = (text: string, option: string, min: number, max: number): number =>
    numberOption(text, { option, min, max, whole: false });
  const out = path.resolve(required(values.out, 'out'));
  const result = await withWorkspace(async (workspace) => {
    const { models } = await listModels(workspace.packs);
    const defaults = models.find(({ id }) => id === modelId)?.defaults;
    const input = {
      modelId,
      width: whole(required(values.width, 'width'), 'width', 16, 1_000_000),
      height: whole(required(values.height, 'height'), 'height', 16, 1_000_000),
      seed: values.seed === undefined ? randomInt(largestSeed) : whole(values.seed, 'seed', 0, largestSeed),
      classId: values.class ?? null,
      guidance: values.guidance === undefined ? (defaults?.guidance ?? 1) : real(values.guidance, 'guidance', 0, 30),
      sampler:
        values.sampler === undefined
          ? (defaults?.sampler ?? 'ddim')
          : wordOption(values.sampler, 'sampler', samplerNames),
      steps: values.steps === undefined ? (defaults?.steps ?? 20) : whole(values.steps, 'steps', 1, 1000),
      provider:
        values.provider === undefined
          ? preferredProvider(workspace)
          : wordOption(values.provider, 'provider', providerNames),
      micronsPerPixel: values.mpp === undefined ? null : real(values.mpp, 'mpp', 0.01, 1000),
      blockSide: whole(values.block, 'block', 256, 4096),
    };
    if (input.blockSide % 256 !== 0) throw new VerisimError('WrongUse', '--block takes a multiple of 256.');
    return generateSlide(workspace, { ...input, out }, { signal });
  }, progressOf);
  clearProgress();
  if (json) printJson(result);
  else {
    for (const warning of result.warnings) process.stderr.write(`note: ${warning}\n`);
    const { slide, seconds, peakRssMb, runId } = result;
    process.stdout.write(
      `${result.file}\n${slide.width} × ${slide.height} pixels, ${slide.levels.length} levels, ${seconds.toFixed(1)} s, ${peakRssMb.toFixed(0)} MB, run ${runId}\n`,
    );
  }
  return 0;
}
