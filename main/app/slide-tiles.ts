import type { SlideTile } from '../handlers/assets.ts';
import type { EngineHost } from './engine-host.ts';

/** A tile as the engine coded it; null where it has none, or could not read it. */
export async function readSlideTile(engine: EngineHost, tile: SlideTile): Promise<Uint8Array | null> {
  const envelope = await engine.call('slides.picture', tile);
  return envelope.ok ? (envelope.value as { jpeg: Uint8Array }).jpeg : null;
}
