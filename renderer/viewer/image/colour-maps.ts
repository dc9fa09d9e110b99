export type ColourMapName = 'grey' | 'difference' | 'heat';

/** 256 RGBA entries, packed for a little-endian Uint32 view of canvas pixels. */
export function colourTable(name: ColourMapName): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = colourOf[name](index / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

const colourOf: Readonly<Record<ColourMapName, (position: number) => [number, number, number]>> = {
  grey: (position) => [Math.round(position * 255), Math.round(position * 255), Math.round(position * 255)],
  difference: diverging,
  heat,
};

/** From black through violet and red to pale yellow, brighter all the way: readable without colour vision too. */
function heat(position: number): [number, number, number] {
  const corners = [
    [0, 0, 0],
    [90, 20, 120],
    [205, 60, 80],
    [252, 165, 60],
    [252, 252, 190],
  ] as const;
  const place = position * (corners.length - 1);
  const at = Math.min(corners.length - 2, Math.floor(place));
  const [from, to] = [corners[at]!, corners[at + 1]!];
  const mix = (channel: 0 | 1 | 2): number => Math.round(from[channel] + (to[channel] - from[channel]) * (place - at));
  return [mix(0), mix(1), mix(2)];
}

/** Blue below the middle, black at it, orange above: told apart with every common colour vision deficiency. */
function diverging(position: number): [number, number, number] {
  const amount = Math.abs(position - 0.5) * 2;
  const [red, green, blue] = position < 0.5 ? [64, 156, 255] : [255, 150, 48];
  return [Math.round(red * amount), Math.round(green * amount), Math.round(blue * amount)];
}
