import type { TiffFile } from './directory.ts';
import { readTileSamples, type TiffImage, type TileSamples } from './image.ts';

/** How the samples of one directory become colour: as they are, or through a window in a channel's colour. */
export interface Channel {
  /** One image per level. */
  levels: TiffImage[];
  window: { low: number; high: number } | null;
  colour: readonly [number, number, number];
}

const fullColours = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
  [255, 255, 0],
  [255, 0, 255],
  [0, 255, 255],
] as const;

/** Without colours of their own one channel is grey and several are red, green, blue, … */
export function defaultColour(index: number, count: number): readonly [number, number, number] {
  return count === 1 ? [255, 255, 255] : (fullColours[index % fullColours.length] ?? [255, 255, 255]);
}

/** RGB of one whole tile: colour images as they are, grey ones through their windows, added up. Missing tiles are white. */
export async function readColourTile(
  file: TiffFile,
  channels: readonly Channel[],
  place: { level: number; column: number; row: number },
): Promise<Uint8Array> {
  const [first] = channels;
  const image = first?.levels[place.level];
  if (first === undefined || image === undefined) throw new RangeError(`There is no level ${place.level}.`);
  const pixels = image.tileWidth * image.tileHeight;
  const parts = await Promise.all(
    channels.map(async (channel) => {
      const own = channel.levels[place.level];
      return own === undefined ? null : { channel, tile: await readTileSamples(file, own, place) };
    }),
  );
  const present = parts.flatMap((part) => (part?.tile ? [{ channel: part.channel, tile: part.tile }] : []));
  const [only] = present;
  if (only === undefined) return new Uint8Array(pixels * 3).fill(255);
  if (only.tile.samples >= 3) return whiten(rgbOf(only.tile), image, place);
  const rgb = new Uint8Array(pixels * 3);
  for (const { channel, tile } of present) addChannel(rgb, tile, { channel, invert: image.photometric === 0 });
  return whiten(rgb, image, place);
}

/** Low and high of what some tiles of the smallest level hold, so that 16-bit data are seen; null for bytes. */
export async function findWindow(file: TiffFile, image: TiffImage): Promise<Channel['window']> {
  if (image.bitsPerSample === 8 && image.sampleFormat === 1) return null;
  const across = Math.ceil(image.width / image.tileWidth);
  const down = Math.ceil(image.height / image.tileHeight);
  let [low, high] = [Infinity, -Infinity];
  const count = Math.min(16, across * down);
  for (let i = 0; i < count; i++) {
    const index = Math.floor((i * across * down) / count);
    const tile = await readTileSamples(file, image, { column: index % across, row: Math.floor(index / across) });
    for (const value of tile?.values ?? []) {
      if (value < low) low = value;
      if (value > high) high = value;
    }
  }
  return high > low ? { low, high } : { low: Math.min(low, 0), high: Math.min(low, 0) + 1 };
}

/** Bytes of colour; words by their upper byte; what is transparent shows white. */
function rgbOf({ values, samples }: TileSamples): Uint8Array {
  if (samples === 3 && values instanceof Uint8Array) return values;
  const pixels = values.length / samples;
  const shift = values instanceof Uint16Array ? 8 : values instanceof Uint32Array ? 24 : 0;
  const rgb = new Uint8Array(pixels * 3);
  for (let i = 0; i < pixels; i++) {
    const alpha = samples === 4 ? (values[i * 4 + 3] ?? 0) >>> shift : 255;
    for (let c = 0; c < 3; c++) {
      const value = (values[i * samples + c] ?? 0) >>> shift;
      rgb[i * 3 + c] = alpha === 255 ? value : Math.round((value * alpha + 255 * (255 - alpha)) / 255);
    }
  }
  return rgb;
}

function addChannel(
  rgb: Uint8Array,
  { values }: TileSamples,
  { channel, invert }: { channel: Channel; invert: boolean },
): void {
  const { low, high } = channel.window ?? { low: 0, high: 255 };
  const [red, green, blue] = channel.colour;
  for (let i = 0; i < values.length; i++) {
    const share = Math.min(1, Math.max(0, ((values[i] ?? 0) - low) / (high - low)));
    const light = invert ? 1 - share : share;
    rgb[3 * i] = Math.min(255, (rgb[3 * i] ?? 0) + light * red);
    rgb[3 * i + 1] = Math.min(255, (rgb[3 * i + 1] ?? 0) + light * green);
    rgb[3 * i + 2] = Math.min(255, (rgb[3 * i + 2] ?? 0) + light * blue);
  }
}

/** Encoders fill the part of a tile beyond the image with anything. */
function whiten(rgb: Uint8Array, image: TiffImage, { column, row }: { column: number; row: number }): Uint8Array {
  const columns = Math.min(image.tileWidth, image.width - column * image.tileWidth);
  const rows = Math.min(image.tileHeight, image.height - row * image.tileHeight);
  if (columns === image.tileWidth && rows === image.tileHeight) return rgb;
  const own = Uint8Array.from(rgb);
  for (let line = 0; line < rows; line++)
    own.fill(255, (line * image.tileWidth + columns) * 3, (line + 1) * image.tileWidth * 3);
  return own.fill(255, rows * image.tileWidth * 3);
}
