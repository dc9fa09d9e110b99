import { createHash } from 'node:crypto';
import path from 'node:path';
import type { SlideSummary } from '../../../preload/slides.ts';
import { openSlide } from './open.ts';
import type { Slide } from './slide.ts';

/** The same file has the same id in every session. */
export function slideId(file: string): string {
  return `slide-${createHash('sha256').update(path.resolve(file)).digest('hex').slice(0, 16)}`;
}

export function summaryOf(slide: Slide): SlideSummary {
  const { format, levels, micronsPerPixel, magnification, compression, icc, synthetic, properties, warnings } = slide;
  const [{ width, height } = { width: 0, height: 0 }] = levels;
  return {
    id: slideId(slide.path),
    path: slide.path,
    name: path.basename(slide.path),
    format,
    width,
    height,
    levels,
    micronsPerPixel,
    magnification,
    compression,
    associated: slide.associated.map(({ name }) => name),
    iccProfile: icc !== null,
    synthetic,
    properties,
    warnings,
  };
}

/** Throws what opening a slide throws. */
export async function summariseSlide(file: string): Promise<SlideSummary> {
  const slide = await openSlide(file);
  try {
    return summaryOf(slide);
  } finally {
    await slide.close();
  }
}
