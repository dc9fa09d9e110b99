import { createRequire } from 'node:module';
import { inflateRawSync } from 'node:zlib';
import type codecsPackage from 'dcmjs-codecs';
import { VerisimError } from '../../../preload/errors.ts';
import type { PixelFormat } from './header.ts';
import { decodeJpegXl, jpegXlSyntaxes, prepareJpegXl } from './jpeg-xl.ts';
import { decodeRle } from './rle.ts';
import { transferSyntaxes } from './uids.ts';

/** Bytes of one decoded frame, little endian, as a `PixelFormat` without compression describes them. */
export interface DecodedFrame {
  bytes: Uint8Array;
  format: PixelFormat;
}

type Decoder = 'decodeJpeg' | 'decodeJpegLs' | 'decodeJpeg2000' | 'decodeHtJpeg2000';

/** Transfer syntax UID (PS3.5 §10) → decoder. A new syntax is one line here. */
const decoders: Record<string, Decoder> = {
  '1.2.840.10008.1.2.4.50': 'decodeJpeg',
  '1.2.840.10008.1.2.4.51': 'decodeJpeg',
  '1.2.840.10008.1.2.4.53': 'decodeJpeg',
  '1.2.840.10008.1.2.4.55': 'decodeJpeg',
  '1.2.840.10008.1.2.4.57': 'decodeJpeg',
  '1.2.840.10008.1.2.4.70': 'decodeJpeg',
  '1.2.840.10008.1.2.4.80': 'decodeJpegLs',
  '1.2.840.10008.1.2.4.81': 'decodeJpegLs',
  '1.2.840.10008.1.2.4.90': 'decodeJpeg2000',
  '1.2.840.10008.1.2.4.91': 'decodeJpeg2000',
  '1.2.840.10008.1.2.4.201': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.4.202': 'decodeHtJpeg2000',
  '1.2.840.10008.1.2.4.203': 'decodeHtJpeg2000',
};

type Codecs = typeof codecsPackage;

let loading: Promise<Codecs> | null = null;
let loaded: Codecs | null = null;

/**
 * Loads the WebAssembly codec that a syntax needs, once; from node_modules, also when this code is bundled. Most series need
 * none, and a thread that loads none starts sooner.
 */
export async function prepareCodecs(syntaxUid: string): Promise<void> {
  if (jpegXlSyntaxes.has(syntaxUid)) await prepareJpegXl();
  if (decoders[syntaxUid] === undefined) return;
  loading ??= loadCodecs();
  loaded = await loading;
}

async function loadCodecs(): Promise<Codecs> {
  const { default: codecs } = await import('dcmjs-codecs');
  await codecs.NativeCodecs.initializeAsync({
    webAssemblyModulePathOrUrl: createRequire(import.meta.url).resolve('dcmjs-codecs/build/dcmjs-native-codecs.wasm'),
  });
  return codecs;
}

export function assertReadable(format: PixelFormat, path: string): void {
  const uid = format.transferSyntaxUid;
  if (
    decoders[uid] !== undefined ||
    jpegXlSyntaxes.has(uid) ||
    Object.values(transferSyntaxes).some((known) => known === uid)
  )
    return;
  throw unsupported(path, uid, 'it is not one that Verisim decodes');
}

/** Decodes one compressed frame; `prepareCodecs` has been awaited. Throws UnsupportedTransferSyntax, DicomInvalid. */
export function decompress(encoded: Uint8Array, format: PixelFormat, path: string): DecodedFrame {
  if (format.transferSyntaxUid === transferSyntaxes.rle) {
    return { bytes: decodeRle(encoded, format, path), format: { ...format, planar: true, bigEndian: false } };
  }
  if (format.transferSyntaxUid === transferSyntaxes.deflatedFrame) {
    return { bytes: inflateFrame(encoded, format, path), format: { ...format, bigEndian: false } };
  }
  if (format.transferSyntaxUid === transferSyntaxes.encapsulatedUncompressed) {
    return { bytes: encoded, format: { ...format, bigEndian: false } };
  }
  const isJpegXl = jpegXlSyntaxes.has(format.transferSyntaxUid);
  const decoder = decoders[format.transferSyntaxUid];
  if (decoder === undefined && !isJpegXl)
    throw unsupported(path, format.transferSyntaxUid, 'it is not one that Verisim decodes');
  assertDepth(format, decoder, path);
  // Decoders give at least a byte for each sample, also for segmentations of one bit.
  const coded = format.bitsAllocated === 1 ? { ...format, bitsAllocated: 8, bitsStored: 8, highBit: 7 } : format;
  try {
    const bytes = decoder === undefined ? decodeJpegXl(encoded, coded) : decodeNative(encoded, coded, decoder);
    const expected = (format.rows * format.columns * format.samplesPerPixel * coded.bitsAllocated) / 8;
    if (bytes === undefined || bytes.length !== expected) throw new Error(`${bytes?.length ?? 0} of ${expected} bytes`);
    return { bytes, format: decodedFormat(coded, decoder, encoded) };
  } catch (cause) {
    if (format.bitsStored > 8 && format.transferSyntaxUid === '1.2.840.10008.1.2.4.51') {
      throw unsupported(path, format.transferSyntaxUid, '12-bit JPEG is not decoded');
    }
    throw new VerisimError(
      'DicomInvalid',
      `"${path}" has compressed pixels that could not be decoded: they are damaged or cut off.`,
      {
        path,
        expected: `pixels in transfer syntax ${format.transferSyntaxUid}`,
        found: cause instanceof Error ? cause.message : String(cause),
        cause,
      },
    );
  }
}

function decodeNative(encoded: Uint8Array, coded: PixelFormat, decoder: Decoder): Uint8Array | undefined {
  const codecs = loaded;
  if (codecs === null) throw new Error('the codecs are not loaded');
  const context = new codecs.Context({
    width: coded.columns,
    height: coded.rows,
    bitsAllocated: coded.bitsAllocated,
    bitsStored: coded.bitsStored,
    samplesPerPixel: coded.samplesPerPixel,
    pixelRepresentation: coded.signed ? 1 : 0,
    planarConfiguration: coded.planar ? 1 : 0,
    photometricInterpretation: coded.photometric,
    encodedBuffer: encoded,
  });
  const convertColorspaceToRgb = coded.samplesPerPixel === 3 && coded.photometric !== 'RGB';
  return codecs.NativeCodecs[decoder](context, { convertColorspaceToRgb }).getDecodedBuffer();
}

/** The decoders hand out interleaved RGB, but for planes and luminance with chrominance that were coded as they stood. */
function decodedFormat(format: PixelFormat, decoder: Decoder | undefined, encoded: Uint8Array): PixelFormat {
  const decoded = { ...format, bigEndian: false, planar: false };
  if (format.samplesPerPixel !== 3) return decoded;
  if (decoder === 'decodeJpegLs') return { ...decoded, planar: hasScanPerPlane(encoded) };
  const isJpeg2000 = decoder === 'decodeJpeg2000' || decoder === 'decodeHtJpeg2000';
  const isYbr = isJpeg2000 && format.photometric.startsWith('YBR_FULL') && !isTransformed(encoded);
  return { ...decoded, photometric: isYbr ? 'YBR_FULL' : 'RGB' };
}

/** JPEG 2000 that turns its components to RGB when decoded: the byte behind the layers of COD (FF52, ISO 15444-1 A.6.1). */
function isTransformed(encoded: Uint8Array): boolean {
  const style = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength).indexOf('ff52', 0, 'hex');
  return style >= 0 && encoded[style + 8] === 1;
}

/** JPEG-LS without interleave codes one plane after another: its first scan (FFDA) then holds one component (ISO 14495-1). */
function hasScanPerPlane(encoded: Uint8Array): boolean {
  const scan = Buffer.from(encoded.buffer, encoded.byteOffset, encoded.byteLength).indexOf('ffda', 0, 'hex');
  return scan >= 0 && encoded[scan + 4] === 1;
}

/** Deflated Image Frame Compression (PS3.5 A.4.13); never more than the frame needs. */
function inflateFrame(encoded: Uint8Array, format: PixelFormat, path: string): Uint8Array {
  const needed = Math.ceil((format.rows * format.columns * format.samplesPerPixel * format.bitsAllocated) / 8);
  try {
    const bytes = inflateRawSync(encoded, { maxOutputLength: needed + 2 });
    if (bytes.length < needed) throw new Error(`${bytes.length} of ${needed} bytes`);
    return bytes;
  } catch (cause) {
    throw new VerisimError('DicomInvalid', `"${path}" has deflated pixels that are damaged or cut off.`, {
      path,
      expected: `${needed} bytes`,
      found: cause instanceof Error ? cause.message : String(cause),
      cause,
    });
  }
}

/** The decoders stop at 16 bits, and that of JPEG 2000 writes the samples of deep colour over each other. */
function assertDepth(format: PixelFormat, decoder: Decoder | undefined, path: string): void {
  const most = decoder === 'decodeJpeg2000' && format.samplesPerPixel > 1 ? 8 : 16;
  if (format.bitsAllocated <= most) return;
  throw new VerisimError(
    'UnsupportedPixelData',
    `"${path}" holds compressed samples of ${format.bitsAllocated} bits; Verisim decodes ${most}. Convert the file to an uncompressed syntax and open it again.`,
    { path, expected: `samples of at most ${most} bits`, found: `${format.bitsAllocated} bits` },
  );
}

function unsupported(path: string, uid: string, reason: string): VerisimError {
  return new VerisimError(
    'UnsupportedTransferSyntax',
    `"${path}" is compressed with transfer syntax ${uid}: ${reason}. Convert the file to an uncompressed syntax and open it again.`,
    {
      path,
      expected: 'uncompressed, deflated, RLE, JPEG, JPEG-LS, JPEG 2000, HTJ2K or JPEG XL',
      found: uid,
    },
  );
}
