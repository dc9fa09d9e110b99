import { z } from 'zod';

/** The values that inputs of several calls are made of. */
export const id = z.string().regex(/^[A-Za-z0-9._-]{1,80}$/, 'an identifier of letters, digits, dot, dash, underscore');
export const index = z.int().min(0).max(1_000_000);
export const provider = z.enum(['cpu', 'webgpu', 'cuda', 'tensorrt', 'dml', 'coreml']);
export const nothing = z.strictObject({});

export const imageReference = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('slice'), seriesId: id, sliceIndex: index }),
  z.strictObject({ kind: z.literal('runInput'), runId: id, index }),
  z.strictObject({ kind: z.literal('output'), runId: id, index }),
]);

export const imageSet = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('series'), seriesId: id }),
  z.strictObject({ kind: z.literal('run'), runId: id }),
]);
