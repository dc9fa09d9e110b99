import { promisify } from 'node:util';
import { crc32, deflate, deflateSync, inflateSync } from 'node:zlib';
import { VerisimError } from '../../preload/errors.ts';

const signature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);
const largestPixelBytes = 1 << 30;

/**
 * 16-bit grey PNG (ISO/IEC 15948), one row after another from the top. Equal input gives equal bytes: no time, fixed
 * filter (Up) and compression, text in the order of its keys.
 */
export function encodePng16(image: {
  width: number;
  height: number;
  values: Uint16Array;
  text: Record<string, string>;
}): Uint8Array {
  const { width, height, values, text } = image;
  const bytes = new Uint8Array(values.length * 2);
  const view = new DataView(bytes.buffer);
  for (let i = 0; i < values.length; i++) view.setUint16(2 * i, values[i] ?? 0);
  return encode({ width, height, depth: 16, channels: 1, bytes, text });
}

/** 8-bit grey or RGB PNG; deterministic like `encodePng16`. */
export function encodePng8(image: {
  width: number;
  height: number;
  channels: 1 | 3;
  values: Uint8Array;
  text?: Record<string, string>;
  /** Not compressed: the size of the file follows from that of the image alone. */
  stored?: boolean;
}): Uint8Array {
  return encode({ ...image, depth: 8, bytes: image.values, text: image.text ?? {} });
}

/** The same bytes as `encodePng8`, compressed in a thread of the pool. */
export async function encodePng8InPool(image: Parameters<typeof encodePng8>[0]): Promise<Uint8Array> {
  const whole: Encodable = { ...image, depth: 8, bytes: image.values, text: image.text ?? {} };
  return assemble(whole, await deflateInPool(filterUp(whole), { level: image.stored === true ? 0 : 6 }));
}

const deflateInPool = promisify<Uint8Array, { level: number }, Buffer>(deflate);

/** Reads 8- and 16-bit grey and RGB PNGs without interlace, which is what we write. Throws InvalidInput for any other. */
export function decodePng(bytes: Uint8Array): {
  width: number;
  height: number;
  channels: number;
  depth: number;
  values: Uint8Array | Uint16Array;
  text: Record<string, string>;
} {
  if (!signature.every((byte, i) => bytes[i] === byte)) throw invalid('the PNG signature', 'other bytes');
  const chunks = readChunks(bytes);
  const header = chunks.find(({ name }) => name === 'IHDR')?.data;
  if (header === undefined || header.length < 13) throw invalid('an IHDR chunk', 'none');
  const view = new DataView(header.buffer, header.byteOffset);
  const [width, height, depth, colour] = [view.getUint32(0), view.getUint32(4), view.getUint8(8), view.getUint8(9)];
  const channels = colour === 0 ? 1 : colour === 2 ? 3 : 0;
  if (channels === 0 || (depth !== 8 && depth !== 16) || view.getUint8(12) !== 0) {
    throw invalid('8 or 16 bits, grey or RGB, not interlaced', `${depth} bits, colour type ${colour}`);
  }
  const rowBytes = (width * channels * depth) / 8;
  if (rowBytes * height > largestPixelBytes) throw invalid('at most 1 GiB of pixels', `${width} × ${height}`);
  const filtered = inflate(chunks, (rowBytes + 1) * height);
  const raw = unfilter(filtered, { rowBytes, height, pixelBytes: (channels * depth) / 8 });
  const text = Object.fromEntries(chunks.filter(({ name }) => name === 'iTXt').map(({ data }) => readText(data)));
  return { width, height, channels, depth, values: depth === 8 ? raw : bigEndian16(raw), text };
}

interface Encodable {
  width: number;
  height: number;
  depth: 8 | 16;
  channels: 1 | 3;
  bytes: Uint8Array;
  text: Record<string, string>;
  stored?: boolean;
}

function encode(image: Encodable): Uint8Array {
  return assemble(image, deflateSync(filterUp(image), { level: image.stored === true ? 0 : 6 }));
}

function filterUp({ width, height, depth, channels, bytes }: Encodable): Uint8Array {
  const rowBytes = (width * channels * depth) / 8;
  if (bytes.length !== rowBytes * height) throw invalid(`${rowBytes * height} bytes of pixels`, String(bytes.length));
  const filtered = new Uint8Array((rowBytes + 1) * height);
  for (let y = 0; y < height; y++) {
    const start = y * (rowBytes + 1) + 1;
    const row = y * rowBytes;
    filtered[start - 1] = 2;
    if (y === 0) filtered.set(bytes.subarray(0, rowBytes), start);
    else for (let x = 0; x < rowBytes; x++) filtered[start + x] = bytes[row + x]! - bytes[row - rowBytes + x]!;
  }
  return filtered;
}

function assemble({ width, height, depth, channels, text }: Encodable, compressed: Uint8Array): Uint8Array {
  const header = new Uint8Array(13);
  const view = new DataView(header.buffer);
  view.setUint32(0, width);
  view.setUint32(4, height);
  header[8] = depth;
  header[9] = channels === 1 ? 0 : 2;
  const parts = [
    signature,
    chunk('IHDR', header),
    ...Object.entries(text).map(([keyword, value]) => chunk('iTXt', textChunk(keyword, value))),
    chunk('IDAT', compressed),
    chunk('IEND', new Uint8Array(0)),
  ];
  return new Uint8Array(Buffer.concat(parts));
}

function chunk(name: string, data: Uint8Array): Uint8Array {
  const result = new Uint8Array(12 + data.length);
  const view = new DataView(result.buffer);
  view.setUint32(0, data.length);
  result.set(new TextEncoder().encode(name), 4);
  result.set(data, 8);
  view.setUint32(8 + data.length, crc32(result.subarray(4, 8 + data.length)));
  return result;
}

/** iTXt: keyword, 0, uncompressed, method 0, no language, no translated keyword, UTF-8 text. */
function textChunk(keyword: string, value: string): Uint8Array {
  return new TextEncoder().encode(`${keyword}\0\0\0\0\0${value}`);
}

function readText(data: Uint8Array): [string, string] {
  const text = Buffer.from(data).toString('utf8');
  const end = text.indexOf('\0');
  return [text.slice(0, end), text.slice(end + 5)];
}

function readChunks(bytes: Uint8Array): { name: string; data: Uint8Array }[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const chunks: { name: string; data: Uint8Array }[] = [];
  for (let at = 8; at + 12 <= bytes.length;) {
    const length = view.getUint32(at);
    if (at + 12 + length > bytes.length) throw invalid('a whole chunk', 'the end of the file');
    if (crc32(bytes.subarray(at + 4, at + 8 + length)) !== view.getUint32(at + 8 + length)) {
      throw invalid('a matching checksum', 'another checksum');
    }
    const name = String.fromCharCode(...bytes.subarray(at + 4, at + 8));
    chunks.push({ name, data: bytes.subarray(at + 8, at + 8 + length) });
    at += 12 + length;
  }
  return chunks;
}

function inflate(chunks: { name: string; data: Uint8Array }[], expected: number): Uint8Array {
  const compressed = Buffer.concat(chunks.filter(({ name }) => name === 'IDAT').map(({ data }) => data));
  const filtered = inflateSync(compressed, { maxOutputLength: expected + 1 });
  if (filtered.length !== expected) throw invalid(`${expected} bytes of pixels`, String(filtered.length));
  return filtered;
}

/** The five filters of ISO/IEC 15948, 9.2. */
function unfilter(data: Uint8Array, shape: { rowBytes: number; height: number; pixelBytes: number }): Uint8Array {
  const { rowBytes, height, pixelBytes } = shape;
  const raw = new Uint8Array(rowBytes * height);
  for (let y = 0; y < height; y++) {
    const filter = data[y * (rowBytes + 1)] ?? 0;
    for (let x = 0; x < rowBytes; x++) {
      const left = x < pixelBytes ? 0 : (raw[y * rowBytes + x - pixelBytes] ?? 0);
      const up = y === 0 ? 0 : (raw[(y - 1) * rowBytes + x] ?? 0);
      const corner = y === 0 || x < pixelBytes ? 0 : (raw[(y - 1) * rowBytes + x - pixelBytes] ?? 0);
      const guess = [0, left, up, (left + up) >> 1, paeth(left, up, corner)][filter];
      if (guess === undefined) throw invalid('a filter from 0 to 4', String(filter));
      raw[y * rowBytes + x] = (data[y * (rowBytes + 1) + 1 + x] ?? 0) + guess;
    }
  }
  return raw;
}

function paeth(left: number, up: number, corner: number): number {
  const estimate = left + up - corner;
  const [a, b, c] = [Math.abs(estimate - left), Math.abs(estimate - up), Math.abs(estimate - corner)];
  return a <= b && a <= c ? left : b <= c ? up : corner;
}

function bigEndian16(bytes: Uint8Array): Uint16Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  return Uint16Array.from({ length: bytes.length / 2 }, (_, i) => view.getUint16(2 * i));
}

function invalid(expected: string, found: string): VerisimError {
  return new VerisimError('InvalidInput', `The PNG could not be read: expected ${expected}, found ${found}.`, {
    expected,
    found,
  });
}
