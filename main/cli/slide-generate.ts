import { randomInt } from 'node:crypto';
import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { samplerNames } from '../../preload/samplers.ts';
import { listModels } from '../handlers/models.ts';
import { preferredProvider } from '../handlers/providers.ts';
import { modalityWarnings } from '../handlers/slide-facts.ts';
import { generateSlide } from '../handlers/slide-generation.ts';
import { describeSlides } from '../handlers/slide-pictures.ts';
import type { SlideSource } from '../handlers/slide-source.ts';
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
    from: { type: 'string' },
    region: { type: 'string' },
    scale: { type: 'string' },
    strength: { type: 'string' },
    detail: { type: 'boolean', default: false },
    'coarse-to-fine': { type: 'string' },
    out: { type: 'string' },
  });
  if (positionals.length > 0) throw new VerisimError('WrongUse', `slide generate takes no ${positionals.join(' ')}.`);
  const modelId = required(values.model, 'model');
  const whole = (text: string, option: string, min: number, max: number): number =>
    numberOption(text, { option, min, max });
  const real = (text: string, option: string, min: number, max: number): number =>
    numberOption(text, { option, min, max, whole: false });
  const out = path.resolve(required(values.out, 'out'));
  const told: string[] = [];
  const result = await withWorkspace(async (workspace) => {
    const { models } = await listModels(workspace.packs);
    const source = await readSource(values);
    const model = models.find(({ id }) => id === modelId);
    const defaults = model?.defaults;
    // Before hours of work, not after.
    if (model !== undefined && !json) told.push(...modalityWarnings(model));
    printNotes(told);
    const input = {
      modelId,
      width: source?.columns ?? whole(required(values.width, 'width'), 'width', 16, 1_000_000),
      height: source?.rows ?? whole(required(values.height, 'height'), 'height', 16, 1_000_000),
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
      source: source?.source ?? null,
      coarseScale: readCoarseScale(values),
    };
    if (input.blockSide % 256 !== 0) throw new VerisimError('WrongUse', '--block takes a multiple of 256.');
    return generateSlide(workspace, { ...input, out }, { signal });
  }, progressOf);
  clearProgress();
  if (json) printJson(result);
  else {
    printNotes(result.warnings.filter((warning) => !told.includes(warning)));
    const { slide, seconds, peakRssMb, runId, kept, blocks } = result;
    if (kept > 0) process.stderr.write(`note: ${kept} of ${blocks} blocks were made before.\n`);
    process.stdout.write(
      `${result.file}\n${slide.width} × ${slide.height} pixels, ${slide.levels.length} levels, ${seconds.toFixed(1)} s, ${peakRssMb.toFixed(0)} MB, run ${runId}\n`,
    );
  }
  return 0;
}

function printNotes(notes: readonly string[]): void {
  for (const note of notes) process.stderr.write(`note: ${note}\n`);
}

/** How many times smaller the region is drawn first. Throws WrongUse. */
function readCoarseScale(values: { 'coarse-to-fine'?: string | undefined; from?: string | undefined }): 2 | 4 | null {
  const text = values['coarse-to-fine'];
  if (text === undefined) return null;
  if (values.from !== undefined)
    throw new VerisimError('WrongUse', '--coarse-to-fine draws from noise, without --from.');
  if (text === '2' || text === '4') return text === '2' ? 2 : 4;
  throw new VerisimError('WrongUse', '--coarse-to-fine takes 2 or 4.', { expected: '2 or 4', found: text });
}

interface SourceOptions {
  from?: string | undefined;
  region?: string | undefined;
  scale?: string | undefined;
  strength?: string | undefined;
  detail: boolean;
}

/** The part of `--from` and the size of what is made of it; null without `--from`. Throws WrongUse, and what opening a slide throws. */
async function readSource({
  from,
  region,
  scale,
  strength,
  detail,
}: SourceOptions): Promise<{ source: SlideSource; columns: number; rows: number } | null> {
  if (from === undefined) {
    if (!detail && [region, scale, strength].every((one) => one === undefined)) return null;
    throw new VerisimError('WrongUse', '--region, --scale, --strength and --detail go with --from SLIDE.');
  }
  if (detail === (strength !== undefined))
    throw new VerisimError('WrongUse', '--from takes either --strength F (a variant) or --detail.');
  const file = path.resolve(from);
  const [slide] = await describeSlides([file]);
  const numbers = region?.split(',').map(Number) ?? [0, 0, slide?.width ?? 0, slide?.height ?? 0];
  const [x = NaN, y = NaN, width = NaN, height = NaN] = numbers;
  if (numbers.length !== 4 || !numbers.every(Number.isFinite) || width <= 0 || height <= 0)
    throw new VerisimError('WrongUse', '--region takes X,Y,WIDTH,HEIGHT in pixels of level 0.', { found: region });
  const real = (text: string | undefined, option: string, most: number): number =>
    text === undefined ? 1 : numberOption(text, { option, min: 0, max: most, whole: false });
  const factor = real(scale, 'scale', 64);
  const [columns, rows] = [Math.max(16, Math.round(width * factor)), Math.max(16, Math.round(height * factor))];
  const use = detail ? ('detail' as const) : ('variant' as const);
  const source = { path: file, x, y, width, height, use, strength: real(strength, 'strength', 1) };
  return { source, columns, rows };
}
