import { readFile } from 'node:fs/promises';
import type { ImageDescription } from '../../preload/domain.ts';
import { decodePng, encodePng8 } from '../../main/imaging/png.ts';

/** 8-bit grey, rows top down. */
export interface GreyPicture {
  width: number;
  height: number;
  values: Uint8Array;
}

/** Reads an 8-bit grey PNG. */
export async function readGrey(path: string): Promise<GreyPicture> {
  const { width, height, values } = decodePng(await readFile(path));
  return { width, height, values: Uint8Array.from(values) };
}

/** Shows the float32 pixels of an image through its own window. */
export async function greyOf(image: ImageDescription, pixelFile: string): Promise<GreyPicture> {
  const pixels = await readFloats(pixelFile);
  const { centre, width } = image.window;
  const values = Uint8Array.from(pixels, (value) => clampByte(((value - centre) / width + 0.5) * 255));
  return { width: image.width, height: image.height, values };
}

/** A difference in −1…1 as a PNG: white where equal, red where the right image is brighter, blue where darker; full at ±`limit`. */
export async function differencePng(image: ImageDescription, pixelFile: string, limit: number): Promise<Uint8Array> {
  const pixels = await readFloats(pixelFile);
  const values = new Uint8Array(pixels.length * 3);
  pixels.forEach((value, index) => {
    const strength = Math.min(1, Math.abs(value) / limit);
    const faded = clampByte(255 * (1 - strength));
    values.set(
      value > 0 ? [clampByte(255 - 60 * strength), faded, faded] : [faded, faded, clampByte(255 - 60 * strength)],
      index * 3,
    );
  });
  return encodePng8({ width: image.width, height: image.height, channels: 3, values });
}

export function greyPng({ width, height, values }: GreyPicture): Uint8Array {
  return encodePng8({ width, height, channels: 1, values });
}

/** Rows of equally large pictures on white, `gap` pixels apart, `scale` times enlarged; marked as synthetic in a text chunk. */
export function contactSheet(rows: GreyPicture[][], text: Record<string, string>): Uint8Array {
  const gap = 8;
  const scale = 2;
  const first = rows[0]?.[0];
  if (!first) throw new Error('A contact sheet needs at least one picture.');
  const cell = { width: first.width * scale + gap, height: first.height * scale + gap };
  const width = cell.width * Math.max(...rows.map((row) => row.length)) + gap;
  const height = cell.height * rows.length + gap;
  const sheet = new Uint8Array(width * height).fill(255);
  rows.forEach((row, rowIndex) =>
    row.forEach((picture, columnIndex) => {
      const left = gap + columnIndex * cell.width;
      const top = gap + rowIndex * cell.height;
      for (let y = 0; y < picture.height * scale; y++) {
        for (let x = 0; x < picture.width * scale; x++) {
          const value = picture.values[Math.floor(y / scale) * picture.width + Math.floor(x / scale)] ?? 0;
          sheet[(top + y) * width + left + x] = value;
        }
      }
    }),
  );
  return encodePng8({ width, height, channels: 1, values: sheet, text });
}

async function readFloats(path: string): Promise<Float32Array> {
  const bytes = await readFile(path);
  return new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength));
}

function clampByte(value: number): number {
  return Math.max(0, Math.min(255, Math.round(value)));
}
