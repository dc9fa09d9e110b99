import { z } from 'zod';
import { runKinds } from '../domain.ts';
import * as l from '../run-log.ts';
import { type Call, call } from './call.ts';
import { id, nothing } from './values.ts';

const chosenRuns = z.strictObject({ runIds: z.array(id).min(1).max(10_000) });
const exported = z.strictObject({
  format: z.enum(l.logExportFormats),
  text: z.string().max(1000).default(''),
  kind: z.enum(runKinds).nullable().default(null),
  state: z.enum(['queued', 'running', 'cancelling', 'done', 'failed', 'cancelled']).nullable().default(null),
});
const place = z.string().min(1).max(4096);

/** The log as a whole: its files, copies and what leaves it. */
export const logCalls = {
  /** Shows a save dialog (MLflow: a folder), then writes the runs that the filter leaves; null when dismissed. */
  'log.chooseExport': call<{ path: string | null; runs: number }>()(exported, 'app'),
  'log.export': call<{ path: string | null; runs: number }>()(exported.extend({ path: place })),
  /** Shows a folder dialog, then writes these runs, with all that they came from, into it; null when dismissed. */
  'projects.chooseArchive': call<{ receipt: l.ProjectReceipt | null }>()(chosenRuns, 'app'),
  'projects.archive': call<l.ProjectReceipt>()(chosenRuns.extend({ folder: place })),
  /** Shows a folder dialog, then merges an archived project into the log; null when dismissed. */
  'projects.chooseOpen': call<{ receipt: l.ProjectReceipt | null }>()(nothing, 'app'),
  'projects.open': call<l.ProjectReceipt>()(z.strictObject({ folder: place })),
  'log.check': call<l.LogCheck>()(z.strictObject({ thorough: z.boolean() })),
  /** Makes missing images again and takes aside what no row knows; nothing is deleted. */
  'log.mend': call<{ remade: string[]; setAside: string[]; folder: string | null }>()(
    z.strictObject({ remake: z.boolean(), setAside: z.boolean() }),
  ),
  'log.backup': call<l.LogBackup>()(nothing),
  'log.backups': call<{ backups: l.LogBackup[]; hours: number }>()(nothing),
  /** 0 = never. */
  'log.backupHours': call<{ hours: number }>()(z.strictObject({ hours: z.number().min(0).max(720) })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
