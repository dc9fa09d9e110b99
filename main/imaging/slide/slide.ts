/** One resolution of a slide. Level 0 is the largest; `downsample` = how many of its pixels lie along one of these. */
export interface SlideLevel {
  width: number;
  height: number;
  downsample: number;
  tileWidth: number;
  tileHeight: number;
}

export type SlideFormat = 'aperio' | 'hamamatsu' | 'ome-tiff' | 'tiff' | 'dicom-wsm';

export interface SlideFacts {
  format: SlideFormat;
  levels: SlideLevel[];
  /** µm per pixel of level 0; null where the file does not say. */
  micronsPerPixel: { x: number; y: number } | null;
  /** Of the objective, 20 or 40; null where the file does not say. */
  magnification: number | null;
  /** Name of the compression of level 0. */
  compression: string;
  /** Pictures beside the scan, such as label, macro and thumbnail. */
  associated: { name: string; width: number; height: number }[];
  icc: Buffer | null;
  synthetic: boolean;
  /** As the file states them. */
  properties: Record<string, string>;
  warnings: string[];
}

/** 8-bit RGB, rows from the top, interleaved. */
export interface Picture {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** An open slide. Tiles are decoded one by one; nothing ever holds a whole level. */
export interface Slide extends SlideFacts {
  path: string;
  /** A whole tile, also at the right and lower edge, where it is white beyond the slide. Throws SlideInvalid, UnsupportedCompression. */
  readTile(level: number, column: number, row: number): Promise<Uint8Array>;
  /** Throws UnknownImage. */
  readAssociated(name: string): Promise<Picture>;
  close(): Promise<void>;
}

export function levelAt({ levels, path }: Pick<Slide, 'levels' | 'path'>, index: number): SlideLevel {
  const level = levels[index];
  if (level === undefined) throw new RangeError(`"${path}" has no level ${index}.`);
  return level;
}

/** Width over width, as OpenSlide takes the mean of both sides. */
export function withDownsamples(sizes: Omit<SlideLevel, 'downsample'>[]): SlideLevel[] {
  const [first] = sizes;
  if (first === undefined) return [];
  return sizes.map((size) => ({
    ...size,
    downsample: (first.width / size.width + first.height / size.height) / 2,
  }));
}
