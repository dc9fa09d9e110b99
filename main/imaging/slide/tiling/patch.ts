import type { TilingSettings } from '../../../../preload/slides.ts';
import { encodePicture } from '../picture-file.ts';
import { readWindow } from '../resample.ts';
import type { Picture, Slide } from '../slide.ts';
import { focusOf } from './focus.ts';
import type { Normaliser } from './normalise.ts';
import type { Place } from './plan.ts';

export interface Patch {
  focus: number;
  /** The coded file; null where the patch is left out as blurred. */
  bytes: Uint8Array | null;
}

/** Reads, judges, normalises and codes one patch. Equal input gives equal bytes. */
export async function makePatch(
  slide: Slide,
  place: Place,
  { settings, normalise }: { settings: TilingSettings; normalise: Normaliser },
): Promise<Patch> {
  const picture = await readPlace(slide, place, settings.size);
  const focus = focusOf(picture);
  if (focus < settings.leastFocus) return { focus, bytes: null };
  normalise(picture.rgb);
  return { focus, bytes: await encodePicture(picture, { format: settings.format, synthetic: slide.synthetic }) };
}

export function readPlace(slide: Slide, { x, y, side }: Place, size: number): Promise<Picture> {
  return readWindow(slide, { x, y, width: side, height: side, columns: size, rows: size });
}
