import type { SlideSummary } from '../../preload/slides.ts';
import { printTable } from './output.ts';

export function printSlides(slides: readonly SlideSummary[]): void {
  const rows = slides.map((slide) => [
    slide.id,
    slide.format,
    `${slide.width}×${slide.height}`,
    String(slide.levels.length),
    slide.micronsPerPixel === null ? 'unknown' : String(Number(slide.micronsPerPixel.x.toFixed(4))),
    slide.magnification === null ? '' : `${slide.magnification}×`,
    slide.compression,
    slide.synthetic ? 'synthetic' : '',
    slide.name,
  ]);
  printTable(['slide', 'format', 'size', 'levels', 'µm/px', 'objective', 'compression', 'mark', 'file'], rows);
}
