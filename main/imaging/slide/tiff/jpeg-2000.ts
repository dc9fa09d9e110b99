import codecs from 'dcmjs-codecs';
import { prepareCodecs } from '../../dicom/codecs.ts';
import type { CodedTile, DecodedTile } from './compression.ts';

/** JPEG 2000 in DICOM, whose decoder is the one that slides need. */
const jpeg2000Syntax = '1.2.840.10008.1.2.4.91';

/** By OpenJPEG. Aperio's 33003 holds YCbCr and says so nowhere in the codestream; 33005 holds RGB. */
export async function decodeJpeg2000(tile: CodedTile, ycbcr: boolean): Promise<DecodedTile> {
  await prepareCodecs(jpeg2000Syntax);
  const { width, height, samples } = tile;
  const size = codestreamSize(tile.bytes);
  if (size.width > width || size.height > height || size.samples !== samples) {
    throw new Error(`${size.width} × ${size.height} × ${size.samples} in a tile of ${width} × ${height} × ${samples}`);
  }
  const context = new codecs.Context({
    width: size.width,
    height: size.height,
    bitsAllocated: tile.bytesPerSample * 8,
    bitsStored: tile.bytesPerSample * 8,
    samplesPerPixel: samples,
    pixelRepresentation: 0,
    planarConfiguration: 0,
    photometricInterpretation: samples === 3 ? 'RGB' : 'MONOCHROME2',
    encodedBuffer: tile.bytes,
  });
  const decoded = codecs.NativeCodecs.decodeJpeg2000(context, { convertColorspaceToRgb: false });
  const bytes = decoded.getDecodedBuffer() ?? new Uint8Array(0);
  const needed = size.width * size.height * samples * tile.bytesPerSample;
  if (bytes.length !== needed) throw new Error(`${bytes.length} of ${needed} bytes`);
  const own = bytes.slice();
  if (size.halvedAcross * size.halvedDown > 1) spreadChroma(own, size);
  if (ycbcr && samples === 3) toRgb(own);
  return { bytes: own, width: size.width, height: size.height, samples, rgb: true };
}

interface CodestreamSize {
  width: number;
  height: number;
  samples: number;
  /** How many pixels share one sample of the second and third component. */
  halvedAcross: number;
  halvedDown: number;
}

/** From the SIZ marker (ISO 15444-1 A.5.1), which is the first after SOC, also inside a JP2 file. */
function codestreamSize(bytes: Buffer): CodestreamSize {
  const at = bytes.indexOf('ff4fff51', 0, 'hex');
  if (at < 0 || bytes.length < at + 51) throw new Error('no JPEG 2000 codestream');
  const from = (offset: number): number => bytes.readUInt32BE(at + 8 + offset);
  const samples = bytes.readUInt16BE(at + 40);
  const [halvedAcross, halvedDown] = samples < 3 ? [1, 1] : [bytes[at + 46] ?? 1, bytes[at + 47] ?? 1];
  return { width: from(0) - from(8), height: from(4) - from(12), samples, halvedAcross, halvedDown };
}

/**
 * The decoder puts the samples of every component one after another, as if each had the size of the picture; those of a smaller one
 * lie in the first places. Here each goes to the pixels that share it, as OpenSlide does, in place.
 */
function spreadChroma(values: Uint8Array, { width, height, halvedAcross, halvedDown }: CodestreamSize): void {
  const columns = Math.ceil(width / halvedAcross);
  const packed = values.slice();
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const from = (Math.floor(y / halvedDown) * columns + Math.floor(x / halvedAcross)) * 3;
      values[(y * width + x) * 3 + 1] = packed[from + 1] ?? 0;
      values[(y * width + x) * 3 + 2] = packed[from + 2] ?? 0;
    }
  }
}

/** ITU-R BT.601 at full range, in place. */
function toRgb(values: Uint8Array): void {
  for (let i = 0; i + 2 < values.length; i += 3) {
    const y = values[i] ?? 0;
    const cb = (values[i + 1] ?? 0) - 128;
    const cr = (values[i + 2] ?? 0) - 128;
    values[i] = clamp(y + 1.402 * cr);
    values[i + 1] = clamp(y - 0.34414 * cb - 0.71414 * cr);
    values[i + 2] = clamp(y + 1.772 * cb);
  }
}

function clamp(value: number): number {
  return value < 0 ? 0 : value > 255 ? 255 : Math.round(value);
}
