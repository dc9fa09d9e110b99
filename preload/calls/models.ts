import { z } from 'zod';
import type { BenchmarkResult } from '../benchmark.ts';
import type * as d from '../domain.ts';
import type * as m from '../models.ts';
import { samplerNames } from '../samplers.ts';
import { type Call, call } from './call.ts';
import { id, nothing, provider } from './values.ts';

export const modelsCalls = {
  'models.list': call<{ models: m.ListedModel[]; refused: d.SkippedFile[] }>()(nothing),
  /** Shows a folder dialog, then imports the pack in it, after a question where a pack of that id would be replaced; null when dismissed. */
  'models.choose': call<{ model: m.ListedModel | null }>()(nothing, 'app'),
  /** Refused with ModelExists where a pack of that id is there and `replace` is false. */
  'models.import': call<{ model: m.ListedModel }>()(
    z.strictObject({ folder: z.string().min(1), replace: z.boolean() }),
  ),
  'models.remove': call<Record<string, never>>()(z.strictObject({ modelId: id })),
  /** Measures the memory once for each pack and provider on a machine, which takes seconds; `guided`: a class and a guidance above 1. */
  'models.cost': call<m.ModelCost>()(
    z.strictObject({ modelId: id, provider, steps: z.int().min(1).max(1000), guided: z.boolean() }),
  ),

  'providers.list': call<{ providers: m.ProviderStatus[] }>()(nothing),
  /** Remembered: what later runs start with. Refused with ProviderUnavailable where it is not installed. */
  'providers.prefer': call<{ providers: m.ProviderStatus[] }>()(z.strictObject({ provider })),
  /** Runs the model on the provider and on the processor, in a process of its own. */
  'providers.check': call<m.ProviderCheck>()(z.strictObject({ provider, modelId: id })),

  /** Takes minutes: a run of the log with progress, which runs.cancel ends. No models: all; a count of null: a full batch of the model. */
  'benchmark.run': call<BenchmarkResult>()(
    z.strictObject({
      modelIds: z.array(id).max(100).default([]),
      steps: z.int().min(1).max(1000),
      repeats: z.int().min(1).max(100),
      counts: z.array(z.int().min(1).max(100_000).nullable()).min(1).max(10).default([null]),
      sampler: z.enum(samplerNames),
      provider,
    }),
  ),
} satisfies Record<string, Call<z.ZodType, unknown>>;
