import { readProvenance } from '../engine/provenance.ts';
import { decodePicture, type PictureKind } from '../imaging/picture.ts';
import { decodePng } from '../imaging/png.ts';
import type { FileFacts } from './evaluate-facts.ts';
import { type DecodedImage, type SetGrid, setImage, type SetImage } from './set-image.ts';

interface PictureOptions {
  name: string;
  grid: SetGrid;
  facts: FileFacts;
}

/** The whole bit depth stands for 0…1. Throws FileNotReadable or what decoding a PNG throws. */
export async function pictureImage(kind: PictureKind, bytes: Uint8Array, options: PictureOptions): Promise<SetImage> {
  return kind === 'png' ? pngImage(bytes, options) : otherImage(bytes, options);
}

function pngImage(bytes: Uint8Array, { name, grid, facts }: PictureOptions): SetImage {
  const { width, height, channels, depth, values, text } = decodePng(bytes);
  const scaled = Float32Array.from(values, (value) => value / (2 ** depth - 1));
  const made = readProvenance(text);
  const synthetic = made !== null || isMarked(JSON.stringify(text));
  const { patient, slide } = facts;
  const label = facts.label || (made?.classId ?? '') || facts.folder;
  return setImage(
    decodedOf({ width, height, channels }, scaled),
    { name, patient, slide, label, synthetic, modelId: made?.modelId ?? '' },
    grid,
  );
}

async function otherImage(bytes: Uint8Array, { name, grid, facts }: PictureOptions): Promise<SetImage> {
  const { xmp, values, ...size } = await decodePicture(bytes, name);
  const scaled = Float32Array.from(values, (value) => value / 255);
  const { patient, slide } = facts;
  const label = facts.label || facts.folder;
  return setImage(
    decodedOf(size, scaled),
    { name, patient, slide, label, synthetic: isMarked(xmp), modelId: '' },
    grid,
  );
}

function decodedOf(
  { width, height, channels }: { width: number; height: number; channels: number },
  values: Float32Array,
): DecodedImage {
  const plane = (channel: number): Float32Array =>
    Float32Array.from({ length: width * height }, (_, i) => values[channels * i + channel]!);
  const planes = channels === 1 || isGrey(values, channels) ? [plane(0)] : [0, 1, 2].map(plane);
  return { width, height, spacingMm: [1, 1], planes };
}

/** WebP and many programs keep grey as three equal channels. */
function isGrey(values: Float32Array, channels: number): boolean {
  for (let i = 0; i < values.length; i += channels)
    if (values[i] !== values[i + 1] || values[i] !== values[i + 2]) return false;
  return true;
}

/** IPTC's digital source types of what a generator made or changed. */
function isMarked(text: string): boolean {
  return /trainedAlgorithmicMedia|compositeWithTrained/i.test(text);
}
