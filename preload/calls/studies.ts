import { z } from 'zod';
import type * as d from '../domain.ts';
import type { Overlay } from '../overlays.ts';
import { type Call, call } from './call.ts';
import { id, index, nothing } from './values.ts';

const paths = z.array(z.string().min(1)).min(1).max(100_000);

export const studiesCalls = {
  /** Shows a dialog, then indexes what was chosen; empty result when the dialog is dismissed. */
  'studies.choose': call<d.OpenResult>()(z.strictObject({ kind: z.enum(['files', 'folder']) }), 'app'),
  /** Paths come from a drop (preload resolves them) or the CLI, never from renderer code. */
  'studies.open': call<d.OpenResult>()(z.strictObject({ paths })),
  /** Ends the opening that is under way, which then fails with Cancelled; nothing of it is remembered. */
  'studies.cancel': call<Record<string, never>>()(nothing),
  'studies.openSample': call<d.OpenResult>()(nothing),
  'studies.list': call<d.OpenResult>()(nothing),
  'studies.forget': call<Record<string, never>>()(z.strictObject({ seriesId: id })),
  /** Draws the middle slice, at app://verisim/previews/<id>, for a first look while the volume is read. */
  'studies.preview': call<Record<string, never>>()(z.strictObject({ seriesId: id })),
  /** Decodes once, caches, describes; voxels at app://verisim/volumes/<id>. */
  'studies.volume': call<d.VolumeDescription>()(z.strictObject({ seriesId: id })),
  /** Label volumes at app://verisim/volumes/<volume.id>, and outlines in the patient. */
  'studies.overlays': call<{ overlays: Overlay[]; skipped: d.SkippedFile[] }>()(z.strictObject({ seriesId: id })),
  'studies.tags': call<{ elements: d.TagElement[] }>()(z.strictObject({ seriesId: id, sliceIndex: index })),
} satisfies Record<string, Call<z.ZodType, unknown>>;
