import type { Slide } from './slide.ts';
import { openTiffSlide } from './tiff/open-tiff.ts';

/** Throws FileNotReadable, NotRecognised, SlideInvalid, UnsupportedCompression, UnsupportedPixelData, TooLarge. */
export async function openSlide(path: string): Promise<Slide> {
  return openTiffSlide(path);
}
