/** The longest of 1, 2, 5 × 10ⁿ mm that is no longer than `mostPixels` on the screen; null where there is no scale. */
export function scaleBar(millimetresPerPixel: number, mostPixels: number): { lengthMm: number; pixels: number } | null {
  const longest = millimetresPerPixel * mostPixels;
  if (!Number.isFinite(longest) || longest <= 0) return null;
  const power = 10 ** Math.floor(Math.log10(longest));
  const lengthMm = [5, 2, 1].map((step) => step * power).find((length) => length <= longest) ?? power;
  return { lengthMm, pixels: lengthMm / millimetresPerPixel };
}

/** 20 → "2 cm", 5 → "5 mm", 0.5 → "0.5 mm". */
export function formatLength(lengthMm: number): string {
  return lengthMm >= 10 ? `${lengthMm / 10} cm` : `${Number(lengthMm.toPrecision(1))} mm`;
}
