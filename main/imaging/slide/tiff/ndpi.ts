import { type Directory, invalid, number, numbers, placeBelow, tag, type TiffFile } from './directory.ts';
import { describeImage, once, type TiffImage } from './image.ts';

/**
 * Hamamatsu's NDPI keeps each resolution as one JPEG stream, which may pass the 65,535 pixels that JPEG knows. It is cut by restart
 * markers at regular intervals, whose places a field tells, so that a part can be decoded alone (openslide.org/formats/hamamatsu).
 */
interface Restarts {
  /** Of the stream, up to its first coded byte. */
  header: Buffer;
  /** Where in the header the height of the picture stands, then its width. */
  sizeAt: number;
  /** Pixels of a part: one row of MCUs, of which a part holds as many as the restart interval says. */
  width: number;
  height: number;
}

/** Parts are a few rows high and very wide: those below one another are decoded together up to so many rows. */
const rowsTogether = 256;

/** One resolution. Without restart markers it is one strip, as in any TIFF. Throws SlideInvalid. */
export async function describeNdpiImage(file: TiffFile, directory: Directory): Promise<TiffImage> {
  const image = await describeImage(file, directory);
  const places = once(async () => {
    const own = await image.places();
    return { ...own, offsets: own.offsets.map((offset) => placeBelow(file, directory.offset, offset)) };
  });
  const count = directory.fields.get(tag.ndpiRestarts)?.count ?? 0;
  if (count < 2) return { ...image, places };
  const { offsets, byteCounts } = await places();
  const [start, bytes] = [offsets[0] ?? 0, byteCounts[0] ?? 0];
  const starts = once(() => readStarts(file, directory, { start, count, bytes }));
  const length = await firstStart(file, directory);
  if (length > mostHeaderBytes) throw invalid(file.path, 'the header of a JPEG stream', `${length} bytes`);
  const header = readHeader(file, await file.read(start, length));
  const across = Math.ceil(image.width / header.width);
  const down = Math.ceil(image.height / header.height);
  if (across * down !== count) throw invalid(file.path, `${across * down} restart markers`, `${count} places of them`);
  const rows = Math.floor(rowsTogether / header.height);
  return {
    ...image,
    places,
    isTiled: true,
    tileWidth: header.width,
    tileHeight: rows * header.height,
    async joined(index) {
      const [column, first] = [index % across, Math.floor(index / across) * rows];
      const all = await starts();
      const parts: Buffer[] = [];
      for (let row = first; row < Math.min(first + rows, down); row++)
        parts.push(await readPart(file, all, row * across + column));
      return streamOf(header, parts);
    },
  };
}

async function firstStart(file: TiffFile, directory: Directory): Promise<number> {
  const field = directory.fields.get(tag.ndpiRestarts);
  const one = new Map([[tag.ndpiRestarts as number, { ...field!, count: 1 }]]);
  return number(file, { ...directory, fields: one }, tag.ndpiRestarts, 0);
}

/** Places in the file of each part's first byte, and of the end of the last. */
async function readStarts(
  file: TiffFile,
  directory: Directory,
  { start, count, bytes }: { start: number; count: number; bytes: number },
): Promise<Float64Array> {
  const low = await numbers(file, directory, tag.ndpiRestarts);
  const high = await numbers(file, directory, tag.ndpiRestartsHigh);
  const starts = new Float64Array(count + 1);
  for (let i = 0; i < count; i++) starts[i] = start + low[i]! + (high[i] ?? 0) * 2 ** 32;
  starts[count] = start + bytes;
  return starts;
}

/** The coded bytes between two markers. Throws SlideInvalid where the field does not lead to a restart marker. */
async function readPart(file: TiffFile, starts: Float64Array, index: number): Promise<Buffer> {
  const [from, to] = [starts[index]!, starts[index + 1]!];
  if (!(to - from > 2 && to - from < mostPartBytes))
    throw invalid(file.path, `a part of a JPEG stream at ${from}`, `${to - from} bytes`);
  const bytes = await file.read(from - 2, to - from);
  const isMarked = bytes[0] === 0xff && (bytes[1]! & 0xf8) === 0xd0;
  if (index > 0 && !isMarked) throw invalid(file.path, `a restart marker at ${from - 2}`, 'other bytes');
  return bytes.subarray(2);
}

const [mostHeaderBytes, mostPartBytes] = [1 << 20, 1 << 24];

/** Parts below one another as a picture of their own. */
function streamOf({ header, sizeAt, width, height }: Restarts, parts: readonly Buffer[]): Buffer {
  const own = Buffer.from(header);
  own.writeUInt16BE(parts.length * height, sizeAt);
  own.writeUInt16BE(width, sizeAt + 2);
  const pieces: Buffer[] = [own];
  parts.forEach((part, place) => {
    if (place > 0) pieces.push(Buffer.of(0xff, 0xd0 + ((place - 1) % 8)));
    pieces.push(part);
  });
  return Buffer.concat([...pieces, Buffer.of(0xff, 0xd9)]);
}

/** Frame and restart interval (ITU-T T.81 B.2). Throws SlideInvalid. */
function readHeader({ path }: TiffFile, header: Buffer): Restarts {
  let frame = -1;
  let interval = 0;
  for (let at = 2; at + 4 <= header.length && header[at] === 0xff;) {
    const [marker, length] = [header[at + 1]!, header.readUInt16BE(at + 2)];
    if (marker === 0xc0 || marker === 0xc1) frame = at;
    if (marker === 0xdd && at + 6 <= header.length) interval = header.readUInt16BE(at + 4);
    at += 2 + length;
  }
  const components = frame === -1 ? 0 : (header[frame + 9] ?? 0);
  if (interval === 0 || components === 0 || frame + 10 + 3 * components > header.length)
    throw invalid(path, 'a sequential JPEG stream with a restart interval', 'another one');
  const factors = Array.from({ length: components }, (_, c) => header[frame + 11 + 3 * c]!);
  const [across, down] = [Math.max(...factors.map((f) => f >> 4)), Math.max(...factors.map((f) => f & 15))];
  return { header, sizeAt: frame + 5, width: interval * 8 * across, height: 8 * down };
}
