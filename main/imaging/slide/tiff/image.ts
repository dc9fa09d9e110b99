import { VerisimError } from '../../../../preload/errors.ts';
import { assertDecodable, compressionName, decompressTile, type DecodedTile } from './compression.ts';
import { type Directory, bytesOf, invalid, number, numbers, tag, type TiffFile } from './directory.ts';

/** One image of the file with what decoding its tiles needs. Strips are tiles as wide as the image. */
export interface TiffImage {
  directory: Directory;
  width: number;
  height: number;
  tileWidth: number;
  tileHeight: number;
  isTiled: boolean;
  isReduced: boolean;
  compression: number;
  photometric: number;
  samples: number;
  bitsPerSample: number;
  /** 1 = unsigned, 2 = signed, 3 = floating point. */
  sampleFormat: number;
  isPlanar: boolean;
  predictor: number;
  xResolution: number;
  yResolution: number;
  resolutionUnit: number;
  places: () => Promise<{ offsets: number[]; byteCounts: number[] }>;
  jpegTables: () => Promise<Buffer | null>;
  /** The coded bytes of a tile where it is not simply a piece of the file; null otherwise. */
  joined: ((index: number) => Promise<Buffer>) | null;
}

/** Of one decoded tile; a larger one is a picture in one piece, which has to become a pyramid first. */
const mostTileBytes = 1 << 28;

/** Throws SlideInvalid. */
export async function describeImage(file: TiffFile, directory: Directory): Promise<TiffImage> {
  const get = (name: number, absent: number): Promise<number> => number(file, directory, name, absent);
  const [width, height] = [await get(tag.imageWidth, 0), await get(tag.imageLength, 0)];
  if (!(width > 0 && height > 0)) throw invalid(file.path, 'an image size', `${width} × ${height}`);
  const isTiled = directory.fields.has(tag.tileOffsets) || directory.fields.has(tag.tileWidth);
  const tileWidth = isTiled ? await get(tag.tileWidth, 0) : width;
  const tileHeight = isTiled ? await get(tag.tileLength, 0) : Math.min(height, await get(tag.rowsPerStrip, height));
  if (!(tileWidth > 0 && tileHeight > 0)) throw invalid(file.path, 'a tile size', `${tileWidth} × ${tileHeight}`);
  return {
    directory,
    width,
    height,
    tileWidth,
    tileHeight,
    isTiled,
    isReduced: ((await get(tag.newSubfileType, 0)) & 1) === 1,
    compression: await get(tag.compression, 1),
    photometric: await get(tag.photometric, 1),
    samples: await get(tag.samplesPerPixel, 1),
    bitsPerSample: await get(tag.bitsPerSample, 1),
    sampleFormat: await get(tag.sampleFormat, 1),
    isPlanar: (await get(tag.planarConfiguration, 1)) === 2,
    predictor: await get(tag.predictor, 1),
    xResolution: await get(tag.xResolution, 0),
    yResolution: await get(tag.yResolution, 0),
    resolutionUnit: await get(tag.resolutionUnit, 2),
    places: once(async () => ({
      offsets: await numbers(file, directory, isTiled ? tag.tileOffsets : tag.stripOffsets),
      byteCounts: await numbers(file, directory, isTiled ? tag.tileByteCounts : tag.stripByteCounts),
    })),
    jpegTables: once(() => bytesOf(file, directory, tag.jpegTables)),
    joined: null,
  };
}

const mostTiles = 1 << 22;

/** Throws what keeps every tile of this image from being read, without reading one. */
export function checkImage({ path }: TiffFile, image: TiffImage): void {
  assertDecodable(image.compression, path);
  checkPlaces(path, image);
  const { tileWidth, tileHeight, samples, bitsPerSample, photometric } = image;
  const bytes = (tileWidth * tileHeight * samples * bitsPerSample) / 8;
  if (bytes > mostTileBytes) {
    throw new VerisimError(
      'TooLarge',
      `"${path}" keeps ${tileWidth} × ${tileHeight} pixels in one piece. Make a pyramid of it first: verisim slide pyramid.`,
      { path, expected: `tiles of at most ${mostTileBytes} bytes`, found: `${Math.round(bytes)} bytes` },
    );
  }
  const known =
    [8, 16, 32].includes(bitsPerSample) && [1, 3, 4].includes(samples) && [0, 1, 2, 6].includes(photometric);
  const isYcbcr = photometric !== 6 || [7, 33003, 33005, 34712].includes(image.compression);
  if (known && isYcbcr && [1, 2].includes(image.predictor)) return;
  const found = `${samples} samples of ${bitsPerSample} bits, photometric ${photometric}, ${compressionName(image.compression)}, predictor ${image.predictor}`;
  throw new VerisimError('UnsupportedPixelData', `The pixels of "${path}" cannot be shown: ${found}.`, {
    path,
    expected: 'grey or RGB of 8, 16 or 32 bits',
    found,
  });
}

function checkPlaces(path: string, image: TiffImage): void {
  const { width, height, tileWidth, tileHeight, isPlanar, samples, isTiled, directory } = image;
  const tiles = Math.ceil(width / tileWidth) * Math.ceil(height / tileHeight) * (isPlanar ? samples : 1);
  if (tiles > mostTiles) {
    throw new VerisimError(
      'TooLarge',
      `"${path}" states ${width} × ${height} pixels in ${tiles} tiles; at most ${mostTiles} are read.`,
      {
        path,
        expected: `at most ${mostTiles} tiles`,
        found: String(tiles),
      },
    );
  }
  if (image.joined !== null) return;
  const places = directory.fields.get(isTiled ? tag.tileOffsets : tag.stripOffsets)?.count ?? 0;
  if (places < tiles) throw invalid(path, `places for ${tiles} tiles`, `places for ${places}`);
}

/** Samples of a whole tile in the machine's byte order, interleaved; `samples` 1, 3 or 4. */
export interface TileSamples {
  values: Uint8Array | Int8Array | Uint16Array | Int16Array | Uint32Array | Int32Array | Float32Array;
  samples: number;
}

/** Null where the file keeps no bytes for this tile. Throws SlideInvalid, UnsupportedCompression. */
export async function readTileSamples(
  file: TiffFile,
  image: TiffImage,
  { column, row }: { column: number; row: number },
): Promise<TileSamples | null> {
  const across = Math.ceil(image.width / image.tileWidth);
  const down = Math.ceil(image.height / image.tileHeight);
  const index = row * across + column;
  if (!image.isPlanar || image.samples === 1) return readPart(file, image, { index, row, samples: image.samples });
  const planes: TileSamples[] = [];
  for (let plane = 0; plane < image.samples; plane++) {
    const part = await readPart(file, image, { index: plane * across * down + index, row, samples: 1 });
    if (part === null) return null;
    planes.push(part);
  }
  return interleave(planes);
}

async function readPart(
  file: TiffFile,
  image: TiffImage,
  { index, row, samples }: { index: number; row: number; samples: number },
): Promise<TileSamples | null> {
  const { tileWidth: width, compression, photometric, bitsPerSample } = image;
  // The last strip is as high as what is left.
  const height = image.isTiled ? image.tileHeight : Math.min(image.tileHeight, image.height - row * image.tileHeight);
  const bytesPerSample = bitsPerSample / 8;
  const most = 2 * width * height * samples * bytesPerSample + 65_536;
  const bytes = await (image.joined === null ? readCoded(file, image, { index, most }) : image.joined(index));
  if (bytes === null) return null;
  const jpegTables = await image.jpegTables();
  const coded = {
    path: file.path,
    bytes,
    width,
    height,
    samples,
    bytesPerSample,
    compression,
    photometric,
    jpegTables,
  };
  try {
    const decoded = await decompressTile(coded);
    return toSamples(decoded, { ...image, littleEndian: file.littleEndian, fullHeight: image.tileHeight });
  } catch (cause) {
    if (cause instanceof VerisimError) throw cause;
    const reason = cause instanceof Error ? cause.message.split('\n')[0] : String(cause);
    throw invalid(file.path, `tile ${index} in ${compressionName(compression)}`, reason ?? '', cause);
  }
}

async function readCoded(
  file: TiffFile,
  image: TiffImage,
  { index, most }: { index: number; most: number },
): Promise<Buffer | null> {
  const { offsets, byteCounts } = await image.places();
  const [offset, length] = [offsets[index], byteCounts[index]];
  if (offset === undefined || length === undefined) {
    throw invalid(file.path, `a place for tile ${index}`, `places for ${Math.min(offsets.length, byteCounts.length)}`);
  }
  if (length > most) throw invalid(file.path, `at most ${most} bytes in tile ${index}`, `${length} bytes`);
  return length === 0 ? null : file.read(offset, length);
}

type Layout = Pick<TiffImage, 'tileWidth' | 'bitsPerSample' | 'sampleFormat' | 'predictor'> & {
  littleEndian: boolean;
  fullHeight: number;
};

function toSamples(decoded: DecodedTile, layout: Layout): TileSamples {
  const { samples, rgb } = decoded;
  const values = typed(decoded.bytes, layout, rgb);
  // JPEG, WebP and JPEG 2000 know no predictor.
  if (layout.predictor === 2 && !rgb) addUp(values, decoded.width * samples, samples);
  if (decoded.width === layout.tileWidth && decoded.height === layout.fullHeight) return { values, samples };
  const whole = new (values.constructor as Uint8ArrayConstructor)(layout.tileWidth * layout.fullHeight * samples);
  for (let line = 0; line < decoded.height; line++) {
    const from = line * decoded.width * samples;
    whole.set(values.subarray(from, from + decoded.width * samples), line * layout.tileWidth * samples);
  }
  return { values: whole, samples };
}

function typed(
  bytes: Uint8Array,
  { bitsPerSample, sampleFormat, littleEndian }: Layout,
  native: boolean,
): TileSamples['values'] {
  if (bitsPerSample === 8)
    return sampleFormat === 2 ? new Int8Array(bytes.buffer, bytes.byteOffset, bytes.length) : bytes;
  const own = Uint8Array.from(bytes);
  if (!littleEndian && !native) {
    if (bitsPerSample === 16) Buffer.from(own.buffer).swap16();
    else Buffer.from(own.buffer).swap32();
  }
  if (bitsPerSample === 16) return sampleFormat === 2 ? new Int16Array(own.buffer) : new Uint16Array(own.buffer);
  if (sampleFormat === 3) return new Float32Array(own.buffer);
  return sampleFormat === 2 ? new Int32Array(own.buffer) : new Uint32Array(own.buffer);
}

/** Horizontal differencing (TIFF 6.0 section 14) undone in place; typed arrays wrap as the samples do. */
function addUp(values: TileSamples['values'], rowLength: number, samples: number): void {
  for (let start = 0; start < values.length; start += rowLength) {
    for (let i = start + samples; i < start + rowLength; i++) values[i] = (values[i] ?? 0) + (values[i - samples] ?? 0);
  }
}

function interleave(planes: TileSamples[]): TileSamples {
  const [first] = planes;
  const pixels = first?.values.length ?? 0;
  const values = new ((first?.values.constructor ?? Uint8Array) as Uint8ArrayConstructor)(pixels * planes.length);
  planes.forEach((plane, at) => {
    for (let i = 0; i < pixels; i++) values[i * planes.length + at] = plane.values[i] ?? 0;
  });
  return { values, samples: planes.length };
}

export function once<Result>(make: () => Promise<Result>): () => Promise<Result> {
  let made: Promise<Result> | null = null;
  return () => (made ??= make());
}
