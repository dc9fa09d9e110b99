import { readProvenance } from '../engine/provenance.ts';
import { readPatch } from '../imaging/patches/patch-picture.ts';
import { decodePng } from '../imaging/png.ts';
import { syntheticMark } from '../imaging/slide/tiff/metadata.ts';
import type { FileFacts } from './evaluate-facts.ts';
import { type DecodedImage, type SetGrid, setImage, type SetImage } from './set-image.ts';

interface PictureOptions {
  name: string;
  grid: SetGrid;
  facts: FileFacts;
}

/** The whole bit depth stands for 0…1. Throws what decoding throws. */
export function pngImage(bytes: Uint8Array, { name, grid, facts }: PictureOptions): SetImage {
  const { width, height, channels, depth, values, text } = decodePng(bytes);
  const scaled = Float32Array.from(values, (value) => value / (2 ** depth - 1));
  const made = readProvenance(text);
  const synthetic = made !== null || syntheticMark(JSON.stringify(text));
  const { patient, slide } = facts;
  const label = facts.label || (made?.classId ?? '') || facts.folder;
  return setImage(
    decodedOf({ width, height, channels }, scaled),
    { name, patient, slide, label, synthetic, modelId: made?.modelId ?? '' },
    grid,
  );
}

/** JPEG, TIFF and WebP, in colour with 8 bits. Throws FileNotReadable, UnsupportedPixelData. */
export async function pictureImage(file: string, { name, grid, facts }: PictureOptions): Promise<SetImage> {
  const { width, height, synthetic, ...found } = await readPatch(file);
  const image =
    found.kind === 'grey'
      ? { width, height, spacingMm: [1, 1] as const, planes: [found.grey] }
      : decodedOf(
          { width, height, channels: 3 },
          Float32Array.from(found.rgb, (value) => value / 255),
        );
  const { patient, slide } = facts;
  return setImage(image, { name, patient, slide, label: facts.label || facts.folder, synthetic, modelId: '' }, grid);
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
