export type ColourMapName = 'grey' | 'difference';

/** 256 RGBA entries, packed for a little-endian Uint32 view of canvas pixels. */
export function colourTable(name: ColourMapName): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = name === 'grey' ? [index, index, index] : diverging(index / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

/** Blue below the middle, black at it, orange above: told apart with every common colour vision deficiency. */
function diverging(position: number): [number, number, number] {
  const amount = Math.abs(position - 0.5) * 2;
  const [red, green, blue] = position < 0.5 ? [64, 156, 255] : [255, 150, 48];
  return [Math.round(red * amount), Math.round(green * amount), Math.round(blue * amount)];
}
