/** The longest of 1, 2, 5 × 10ⁿ µm that is no longer than so many pixels of the screen; null without a resolution. */
export function slideScale(
  micronsPerPixel: number | null,
  pixelsPerScreenPixel: number,
  mostPixels = 140,
): { lengthUm: number; pixels: number } | null {
  if (micronsPerPixel === null) return null;
  const perScreenPixel = micronsPerPixel * pixelsPerScreenPixel;
  const longest = perScreenPixel * mostPixels;
  if (!Number.isFinite(longest) || longest <= 0) return null;
  const power = 10 ** Math.floor(Math.log10(longest));
  const lengthUm = [5, 2, 1].map((step) => step * power).find((length) => length <= longest) ?? power;
  return { lengthUm, pixels: lengthUm / perScreenPixel };
}

/** 250 → "250 µm", 5000 → "5 mm". */
export function formatSlideLength(um: number): string {
  if (um >= 10_000) return `${(um / 1000).toFixed(1).replace(/\.0$/, '')}\u202fmm`;
  if (um >= 1000) return `${(um / 1000).toFixed(2).replace(/\.?0+$/, '')}\u202fmm`;
  return `${um >= 10 ? um.toFixed(0) : Number(um.toPrecision(2))}\u202fµm`;
}

/** What the view equals under a microscope: the objective's power where the file states it, else 10 µm per pixel over the resolution. */
export function magnificationText(
  slide: { magnification: number | null; micronsPerPixel: { x: number } | null },
  pixelsPerScreenPixel: number,
): string {
  const full = slide.magnification ?? (slide.micronsPerPixel === null ? null : 10 / slide.micronsPerPixel.x);
  if (full === null) return `1 : ${Number(pixelsPerScreenPixel.toPrecision(2))}`;
  const power = full / pixelsPerScreenPixel;
  return `${power >= 10 ? power.toFixed(0) : power.toPrecision(2)}×`;
}
