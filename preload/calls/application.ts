import { z } from 'zod';
import type * as d from '../domain.ts';
import { type Call, call } from './call.ts';
import { nothing } from './values.ts';

const settingName = z.enum(['viewer.keys']);

export const applicationCalls = {
  'app.info': call<d.ApplicationInfo>()(nothing),
  /** The whole screen for the images, or the window as it was. */
  'app.fullScreen': call<Record<string, never>>()(z.strictObject({ on: z.boolean() }), 'app'),

  /** Nothing has been drawn for seconds though the window is in view: what draws it is started anew, if it is software. */
  'app.redraw': call<Record<string, never>>()(nothing, 'app'),

  /** Small named choices of the person; null where none was made. */
  'settings.read': call<{ value: Record<string, string> | null }>()(z.strictObject({ name: settingName })),
  'settings.write': call<Record<string, never>>()(
    z.strictObject({ name: settingName, value: z.record(z.string().max(80), z.string().max(200)) }),
  ),
} satisfies Record<string, Call<z.ZodType, unknown>>;
