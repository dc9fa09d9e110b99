type Colour = readonly [position: number, red: number, green: number, blue: number];

export interface ColourMap {
  id: string;
  name: string;
  /** Corners of straight lines, everything from 0 to 1. */
  points: readonly Colour[];
}

/**
 * Hot Iron, PET and Hot Metal Blue follow the well-known palettes of DICOM (PS3.6 Annex B); viridis and the spectrum are
 * drawn through a few of their colours.
 */
export const colourMaps: readonly ColourMap[] = [
  {
    id: 'grey',
    name: 'Grey',
    points: [
      [0, 0, 0, 0],
      [1, 1, 1, 1],
    ],
  },
  {
    id: 'hot-iron',
    name: 'Hot iron',
    points: [
      [0, 0, 0, 0],
      [0.5, 1, 0, 0],
      [0.75, 1, 0.5, 0],
      [1, 1, 1, 1],
    ],
  },
  {
    id: 'pet',
    name: 'PET',
    points: [
      [0, 0, 0, 0],
      [0.25, 0, 0.5, 0.5],
      [0.5, 0.5, 0, 1],
      [0.75, 1, 0.5, 0],
      [1, 1, 1, 1],
    ],
  },
  {
    id: 'hot-metal-blue',
    name: 'Hot metal blue',
    points: [
      [0, 0, 0, 0],
      [0.25, 0, 0, 0.5],
      [0.5, 0.55, 0, 0.6],
      [0.7, 1, 0.4, 0.1],
      [0.85, 1, 0.75, 0.2],
      [1, 1, 1, 1],
    ],
  },
  {
    id: 'viridis',
    name: 'Viridis',
    points: [
      [0, 0.267, 0.005, 0.329],
      [0.25, 0.229, 0.322, 0.546],
      [0.5, 0.128, 0.567, 0.551],
      [0.75, 0.369, 0.789, 0.383],
      [1, 0.993, 0.906, 0.144],
    ],
  },
  {
    id: 'spectrum',
    name: 'Spectrum',
    points: [
      [0, 0, 0, 0.5],
      [0.125, 0, 0, 1],
      [0.375, 0, 1, 1],
      [0.625, 1, 1, 0],
      [0.875, 1, 0, 0],
      [1, 0.5, 0, 0],
    ],
  },
];

export function colourMapOf(id: string): ColourMap {
  return colourMaps.find((map) => map.id === id) ?? colourMaps[0]!;
}

/** 256 RGBA entries, packed for a little-endian Uint32 view of canvas pixels. */
export function colourMapTable({ points }: ColourMap): Uint32Array {
  return Uint32Array.from({ length: 256 }, (_, index) => {
    const [red, green, blue] = colourAt(points, index / 255);
    return ((255 << 24) | (blue << 16) | (green << 8) | red) >>> 0;
  });
}

function colourAt(points: readonly Colour[], position: number): [number, number, number] {
  const next = Math.max(
    1,
    points.findIndex(([at]) => at >= position),
  );
  const [from, to] = [points[next - 1]!, points[next]!];
  const share = (position - from[0]) / (to[0] - from[0]);
  const mix = (channel: 1 | 2 | 3) => Math.round((from[channel] + (to[channel] - from[channel]) * share) * 255);
  return [mix(1), mix(2), mix(3)];
}
