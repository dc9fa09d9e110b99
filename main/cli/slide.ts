import path from 'node:path';
import { VerisimError } from '../../preload/errors.ts';
import { defaultTissue } from '../../preload/slides.ts';
import { describeSlides, saveAssociated, saveMask, savePyramid, saveRegion } from '../handlers/slide-pictures.ts';
import { type Command, type CommandContext, numberOption, readArguments, required } from './command.ts';
import { printJson } from './output.ts';
import { generate } from './slide-generate.ts';
import { printSlides } from './slide-table.ts';

type Sub = (args: string[], context: CommandContext) => Promise<number>;

const subcommands: Readonly<Record<string, Sub>> = { info, region, picture, mask, pyramid, generate };

export const slideCommand: Command = {
  synopsis: 'slide info|region|picture|mask|pyramid|generate … [--json]',
  summary: 'Describes a whole slide, saves parts of it, makes one of a flat picture, or generates a synthetic one.',
  details: `  info SLIDE…        format, levels, µm per pixel, magnification, pictures beside the scan
  region SLIDE --level N --x X --y Y --width W --height H --out FILE
                     as OpenSlide is asked: corner on level 0, size on the level; PNG or JPEG by FILE's name
  picture SLIDE --name label|macro|thumbnail --out FILE
  mask SLIDE --out FILE [--saturation S]   tissue as a PNG
  pyramid PICTURE --out FILE [--mpp F]     tiled TIFF pyramid of a flat picture
  generate --model ID --width W --height H --out FILE [--seed S] [--class C] [--guidance W] [--sampler NAME] [--steps K]
           [--mpp F] [--block PX] [--provider NAME] [--coarse-to-fine 2|4]
                     a seamless synthetic region of any size as a slide, in memory that follows from the block; killed and asked
                     for again with the same options and --seed it goes on with the next block. Any family will do; a model that is not
                     made for slides (modality SM) gets a note. --coarse-to-fine N draws the region N times smaller from noise,
                     then adds the wavelet details (WDM models): structures are N times as large as those drawn at once
  generate --from SLIDE [--region X,Y,W,H] (--strength F | --detail) [--scale N] …
                     a variant of a part of a slide, or its fine detail made anew from its low-pass picture (wavelet
                     super-resolution: --scale 4 invents the detail of a picture four times as wide)`,
  async run(args, context) {
    const [name = '', ...rest] = args.filter((one) => one !== '--json');
    const sub = Object.hasOwn(subcommands, name) ? subcommands[name] : undefined;
    if (sub !== undefined) return sub(rest, context);
    throw new VerisimError('WrongUse', `slide takes one of ${Object.keys(subcommands).join(', ')}. See --help.`, {
      found: name,
    });
  },
};

async function info(args: string[], { json }: CommandContext): Promise<number> {
  const { positionals } = readArguments(args, {});
  if (positionals.length === 0) throw new VerisimError('WrongUse', 'Name at least one slide.');
  const slides = await describeSlides(positionals.map((one) => path.resolve(one)));
  if (json) printJson({ slides });
  else {
    printSlides(slides);
    for (const { id, levels, associated, warnings } of slides) {
      const sizes = levels.map(
        ({ width, height, downsample }) => `${width}×${height} (÷${Number(downsample.toFixed(3))})`,
      );
      process.stdout.write(`${id}: ${sizes.join(', ')}${associated.length > 0 ? `; ${associated.join(', ')}` : ''}\n`);
      for (const warning of warnings) process.stdout.write(`note ${id}: ${warning}\n`);
    }
  }
  return 0;
}

async function region(args: string[], { json }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, {
    level: { type: 'string', default: '0' },
    x: { type: 'string' },
    y: { type: 'string' },
    width: { type: 'string' },
    height: { type: 'string' },
    out: { type: 'string' },
  });
  const whole = (option: 'level' | 'x' | 'y' | 'width' | 'height', min: number, max: number): number =>
    numberOption(required(values[option], option), { option, min, max });
  const place = { level: whole('level', 0, 100), x: whole('x', -1e9, 1e9), y: whole('y', -1e9, 1e9) };
  const size = { width: whole('width', 1, 16_384), height: whole('height', 1, 16_384) };
  return told(
    await saveRegion(one(positionals), { ...place, ...size }, path.resolve(required(values.out, 'out'))),
    json,
  );
}

async function picture(args: string[], { json }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, { name: { type: 'string' }, out: { type: 'string' } });
  const name = required(values.name, 'name');
  return told(await saveAssociated(one(positionals), name, path.resolve(required(values.out, 'out'))), json);
}

async function mask(args: string[], { json }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, { out: { type: 'string' }, saturation: { type: 'string' } });
  const saturation =
    values.saturation === undefined
      ? null
      : numberOption(values.saturation, { option: 'saturation', min: 0, max: 255, whole: false });
  return told(
    await saveMask(one(positionals), { ...defaultTissue, saturation }, path.resolve(required(values.out, 'out'))),
    json,
  );
}

async function pyramid(args: string[], { json }: CommandContext): Promise<number> {
  const { values, positionals } = readArguments(args, { out: { type: 'string' }, mpp: { type: 'string' } });
  const mpp =
    values.mpp === undefined ? null : numberOption(values.mpp, { option: 'mpp', min: 0.01, max: 1000, whole: false });
  const slide = await savePyramid(one(positionals), path.resolve(required(values.out, 'out')), mpp);
  if (json) printJson(slide);
  else printSlides([slide]);
  return 0;
}

function one(positionals: string[]): string {
  const [first, ...others] = positionals;
  if (first !== undefined && others.length === 0) return path.resolve(first);
  throw new VerisimError('WrongUse', 'Name one slide.');
}

function told(result: { file: string }, json: boolean): number {
  if (json) printJson(result);
  else process.stdout.write(`${result.file}\n`);
  return 0;
}
