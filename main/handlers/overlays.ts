import type { SkippedFile } from '../../preload/domain.ts';
import type { Overlay } from '../../preload/overlays.ts';
import { loadOverlays } from '../imaging/overlays/load.ts';
import type { Workspace } from './dependencies.ts';

/**
 * Everything that lies over a series: Segmentations and overlay planes as label volumes in the volume cache, structures as
 * outlines. Objects that cannot be read are listed with their reason.
 */
export async function listOverlays(
  { log, volumes }: Workspace,
  seriesId: string,
  { signal }: { signal: AbortSignal },
): Promise<{ overlays: Overlay[]; skipped: SkippedFile[] }> {
  const { overlays, skipped } = await loadOverlays(log.series.get(seriesId), { signal });
  for (const { volume } of overlays) if (volume !== null) await volumes.keep(volume);
  return { overlays: overlays.map(({ overlay }) => overlay), skipped };
}
