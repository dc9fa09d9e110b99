import { zstdDecompressSync } from 'node:zlib';
import sharp from 'sharp';
import { VerisimError } from '../../../../preload/errors.ts';
import { decodeJpeg2000 } from './jpeg-2000.ts';
import { jpegStream } from './jpeg-stream.ts';

/** One coded tile or strip and what its directory says of it. */
export interface CodedTile {
  path: string;
  bytes: Buffer;
  width: number;
  height: number;
  samples: number;
  bytesPerSample: number;
  compression: number;
  photometric: number;
  jpegTables: Buffer | null;
}

/** `bytes` are samples in the byte order of the file, interleaved; `rgb` says that colour conversion is done. */
export interface DecodedTile {
  bytes: Uint8Array;
  /** Of the picture in the stream, which may be smaller than the tile at the slide's edge. */
  width: number;
  height: number;
  samples: number;
  rgb: boolean;
}

type Decode = (tile: CodedTile) => Promise<DecodedTile>;

/** TIFF's compression tag → name and decoder. A new one is one line here. */
const compressions: Readonly<Record<number, { name: string; decode: Decode | null }>> = {
  1: { name: 'none', decode: (tile) => Promise.resolve(plain(tile, tile.bytes)) },
  2: { name: 'CCITT RLE', decode: null },
  3: { name: 'CCITT fax 3', decode: null },
  4: { name: 'CCITT fax 4', decode: null },
  5: { name: 'LZW', decode: byLibtiff },
  6: { name: 'old-style JPEG', decode: null },
  7: { name: 'JPEG', decode: jpeg },
  8: { name: 'Deflate', decode: byLibtiff },
  32773: { name: 'PackBits', decode: byLibtiff },
  32946: { name: 'Deflate', decode: byLibtiff },
  33003: { name: 'JPEG 2000 (Aperio, YCbCr)', decode: (tile) => decodeJpeg2000(tile, true) },
  33005: { name: 'JPEG 2000 (Aperio, RGB)', decode: (tile) => decodeJpeg2000(tile, false) },
  34712: { name: 'JPEG 2000', decode: (tile) => decodeJpeg2000(tile, false) },
  34887: { name: 'LERC', decode: null },
  34892: { name: 'lossy JPEG (DNG)', decode: null },
  34925: { name: 'LZMA', decode: null },
  50000: { name: 'Zstandard', decode: zstd },
  50001: { name: 'WebP', decode: picture },
  50002: { name: 'JPEG XL', decode: null },
};

export function compressionName(code: number): string {
  return compressions[code]?.name ?? 'unknown';
}

/** Throws UnsupportedCompression, which names it. */
export function assertDecodable(code: number, path: string): void {
  if (compressions[code]?.decode) return;
  const found = `${compressionName(code)} (${code})`;
  throw new VerisimError(
    'UnsupportedCompression',
    `The tiles of "${path}" are compressed with ${found}, which Verisim does not decode. Convert the slide to JPEG, JPEG 2000, Deflate or LZW.`,
    { path, expected: 'none, JPEG, JPEG 2000, Deflate, LZW, PackBits, Zstandard or WebP', found },
  );
}

/** Throws UnsupportedCompression, and what the decoder throws. */
export async function decompressTile(tile: CodedTile): Promise<DecodedTile> {
  assertDecodable(tile.compression, tile.path);
  const decode = compressions[tile.compression]?.decode;
  if (!decode) throw new Error('A compression that was asserted has no decoder.');
  return decode(tile);
}

function plain({ width, height, samples, bytesPerSample }: CodedTile, bytes: Uint8Array): DecodedTile {
  const needed = width * height * samples * bytesPerSample;
  if (bytes.length < needed) throw new Error(`${bytes.length} of ${needed} bytes`);
  return { bytes: bytes.subarray(0, needed), width, height, samples, rgb: false };
}

async function zstd(tile: CodedTile): Promise<DecodedTile> {
  const needed = tile.width * tile.height * tile.samples * tile.bytesPerSample;
  return plain(tile, zstdDecompressSync(tile.bytes, { maxOutputLength: needed + 64 }));
}

async function jpeg(tile: CodedTile): Promise<DecodedTile> {
  const colour = tile.samples !== 3 ? null : tile.photometric === 6 ? 'ycbcr' : 'rgb';
  return picture({ ...tile, bytes: jpegStream(tile.bytes, tile.jpegTables, colour) });
}

/** By libvips, in a thread of its pool; never more pixels than the tile has. */
async function picture({ bytes, width, height, samples }: CodedTile): Promise<DecodedTile> {
  const image = sharp(bytes, { failOn: 'truncated', limitInputPixels: width * height });
  if (samples === 1) image.toColourspace('b-w');
  const { data, info } = await image.raw().toBuffer({ resolveWithObject: true });
  return { bytes: data, width: info.width, height: info.height, samples: info.channels, rgb: true };
}

/**
 * LZW, Deflate and PackBits through libtiff: the tile becomes the only strip of a TIFF in memory, as a grey picture of so many bytes
 * a row. libtiff writes into a buffer of the strip's size, so that no stream can grow beyond it.
 */
async function byLibtiff(tile: CodedTile): Promise<DecodedTile> {
  const { width, height, samples, bytesPerSample, compression, bytes } = tile;
  const rowBytes = width * samples * bytesPerSample;
  const file = oneStripTiff({ width: rowBytes, height, compression, bytes });
  const image = sharp(file, { failOn: 'error', limitInputPixels: rowBytes * height });
  return plain(tile, await image.toColourspace('b-w').raw().toBuffer());
}

function oneStripTiff(strip: { width: number; height: number; compression: number; bytes: Buffer }): Buffer {
  const { width, height, compression, bytes } = strip;
  const fields: [number, number][] = [
    [256, width],
    [257, height],
    [258, 8],
    [259, compression],
    [262, 1],
    [273, 8],
    [277, 1],
    [278, height],
    [279, bytes.length],
  ];
  const directory = Buffer.alloc(2 + fields.length * 12 + 4);
  directory.writeUInt16LE(fields.length, 0);
  fields.forEach(([name, value], i) => {
    const at = 2 + 12 * i;
    directory.writeUInt16LE(name, at);
    directory.writeUInt16LE(4, at + 2);
    directory.writeUInt32LE(1, at + 4);
    directory.writeUInt32LE(value, at + 8);
  });
  const padding = Buffer.alloc(bytes.length % 2);
  const header = Buffer.from('II*\0\0\0\0\0', 'latin1');
  header.writeUInt32LE(8 + bytes.length + padding.length, 4);
  return Buffer.concat([header, bytes, padding, directory]);
}
