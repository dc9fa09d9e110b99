import { randomInt } from 'node:crypto';
import path from 'node:path';
import type { GenerationRequest, ModelSummary, SeriesSummary } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { samplerNames } from '../../preload/samplers.ts';
import { createGeneration } from '../handlers/generation.ts';
import { listModels } from '../handlers/models.ts';
import { preferredProvider } from '../handlers/providers.ts';
import {
  type Command,
  numberOption,
  providerNames,
  readArguments,
  required,
  withWorkspace,
  wordOption,
} from './command.ts';
import { gateArguments, gateOptions, planDelivery } from './gate-options.ts';
import { maskArguments, maskOptions, type MaskValues, readInpainting } from './inpaint-options.ts';
import { openSeries } from './open-series.ts';
import { deliveryOf, finishRun, progressOf } from './run-end.ts';
import { slicesInSpreadOrder } from './slice-order.ts';

const largestSeed = 2 ** 32 - 1;

export const generateCommand: Command = {
  synopsis: `generate --model ID --count N --seed S [--class C] [--guidance W] [--sampler NAME] [--steps K]
           [--from PATH [--series ID] --strength F [--slice K]… [--mask FILE [--inpaint METHOD]]] [--provider NAME] [--format dicom,png,nifti] --out DIR [--against DIR]… [--json]`,
  summary: 'Makes one cohort of synthetic images.',
  details: `  --model ID       see the command models; not needed where one is installed
  --count N        number of images, 1 by default
  --seed S         0 to ${largestSeed}; image i has the seed S + i; random by default
  --class C        one of the classes of the model; none by default
  --guidance W     0 to 30; by default that of the model
  --sampler NAME   ${samplerNames.join(', ')}; by default that of the model
  --steps K        by default those of the model
  --from PATH      image to image: starts from slices of a series
  --series ID      which series; not needed where PATH holds one
  --strength F     0 (the slice) to 1 (nothing of it); 0.5 by default
  --slice K        0-based slice, may be repeated; by default slices spread over the series, the middle first
${maskOptions}
  --provider NAME  ${providerNames.join(', ')}; by default that of providers use
  --format LIST    png (default), dicom, nifti; several with commas
  --out DIR        where each image is put as soon as it is finished, or where real images are known to look among, after the search for copies
${gateOptions}`,
  async run(args, { json, signal }) {
    const { values, positionals } = readArguments(args, {
      model: { type: 'string' },
      count: { type: 'string', default: '1' },
      seed: { type: 'string' },
      class: { type: 'string' },
      guidance: { type: 'string' },
      sampler: { type: 'string' },
      steps: { type: 'string' },
      from: { type: 'string' },
      series: { type: 'string' },
      strength: { type: 'string' },
      ...maskArguments,
      slice: { type: 'string', multiple: true },
      provider: { type: 'string' },
      format: { type: 'string', default: 'png' },
      out: { type: 'string' },
      ...gateArguments,
    });
    if (positionals.length > 0) throw new VerisimError('WrongUse', `generate takes no ${positionals.join(' ')}.`);
    const delivery = deliveryOf(required(values.out, 'out'), values.format);
    const count = numberOption(values.count, { option: 'count', min: 1, max: 100_000 });
    const seed =
      values.seed === undefined
        ? randomInt(largestSeed)
        : numberOption(values.seed, { option: 'seed', min: 0, max: largestSeed });
    const own = {
      count,
      seed,
      classId: values.class ?? null,
      provider: values.provider === undefined ? null : wordOption(values.provider, 'provider', providerNames),
      ...sampling(values),
    };
    const sourceOptions = readSource(values);
    return withWorkspace(async (workspace) => {
      const model = chooseModel(values.model, (await listModels(workspace.packs)).models);
      const series =
        sourceOptions === null
          ? null
          : await openSeries(workspace, { ...sourceOptions, seriesId: values.series }, signal);
      const source =
        sourceOptions === null || series === null
          ? null
          : {
              seriesId: series.id,
              sliceIndices: sourceOptions.slices ?? slicesInSpreadOrder(sliceCount(series), count),
              strength: sourceOptions.strength,
            };
      const { guidance, sampler, steps } = { ...model?.defaults, ...own };
      const request: GenerationRequest = {
        modelId: values.model ?? model?.id ?? '',
        count,
        seed,
        classId: own.classId,
        guidance: guidance ?? 1,
        sampler: sampler ?? 'ddim',
        steps: steps ?? 20,
        provider: own.provider ?? preferredProvider(workspace),
        source,
        inpaint: series === null ? undefined : await readInpainting(workspace, { values, series }, signal),
      };
      const planned = planDelivery(workspace, { delivery, modelId: request.modelId, values });
      const { runId } = await createGeneration(workspace, request, { delivery: planned.now });
      return finishRun(workspace, { runId, json, signal, planned });
    }, progressOf);
  },
};

type Values = MaskValues &
  Partial<Record<'guidance' | 'sampler' | 'steps' | 'strength' | 'from' | 'series', string>> & {
    slice?: string[];
  };

/** Only what was given: the rest comes from the model. */
function sampling(values: Values): Partial<Pick<GenerationRequest, 'guidance' | 'sampler' | 'steps'>> {
  const { guidance, sampler, steps } = values;
  return {
    ...(guidance === undefined
      ? {}
      : { guidance: numberOption(guidance, { option: 'guidance', min: 0, max: 30, whole: false }) }),
    ...(sampler === undefined ? {} : { sampler: wordOption(sampler, 'sampler', samplerNames) }),
    ...(steps === undefined ? {} : { steps: numberOption(steps, { option: 'steps', min: 1, max: 1000 }) }),
  };
}

function readSource(values: Values): { path: string; strength: number; slices: number[] | null } | null {
  const { from, strength = values.mask === undefined ? '0.5' : '1', slice } = values;
  if (from === undefined) {
    const given = (['series', 'strength', 'slice', 'mask'] as const).find((name) => values[name] !== undefined);
    if (given === undefined) return null;
    throw new VerisimError('WrongUse', `--${given} belongs to image to image: name a series with --from PATH.`);
  }
  return {
    path: path.resolve(from),
    strength: numberOption(strength, { option: 'strength', min: 0, max: 1, whole: false }),
    slices: slice?.map((text) => numberOption(text, { option: 'slice', min: 0, max: 1_000_000 })) ?? null,
  };
}

/** The named model, or the only one; null for a name that is not there, which is refused with the reason later. */
function chooseModel(id: string | undefined, models: ModelSummary[]): ModelSummary | null {
  if (id !== undefined) return models.find((model) => model.id === id) ?? null;
  const [only, ...others] = models;
  if (only !== undefined && others.length === 0) return only;
  const known = models.map((model) => model.id).join(', ') || 'none';
  throw new VerisimError('WrongUse', `Name a model with --model. Installed: ${known}.`, { expected: '--model ID' });
}

function sliceCount({ slices, frames }: SeriesSummary): number {
  return Math.max(1, slices * frames);
}
