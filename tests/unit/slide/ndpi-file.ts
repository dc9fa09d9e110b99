import { spawnSync } from 'node:child_process';
import { open } from 'node:fs/promises';
import { plainDirectory } from './tiff-bytes.ts';

/** Debian's libjpeg-turbo-progs: the only program here that sets restart intervals. */
export const hasCjpeg = spawnSync('cjpeg', ['-version']).error === undefined;

export interface Rgb {
  width: number;
  height: number;
  rgb: Uint8Array;
}

/** A JPEG stream of baseline coding with a restart marker after so many MCUs; `sampling` as cjpeg takes it. */
export function jpegWithRestarts(
  { width, height, rgb }: Rgb,
  { interval, sampling }: { interval: number; sampling: '1x1' | '2x1' | '2x2' },
): Buffer {
  const ppm = Buffer.concat([Buffer.from(`P6\n${width} ${height}\n255\n`), rgb]);
  const restarts = interval === 0 ? [] : ['-restart', `${interval}B`];
  const { stdout, status, stderr } = spawnSync('cjpeg', ['-quality', '90', '-sample', sampling, ...restarts], {
    input: ppm,
    maxBuffer: 1 << 28,
  });
  if (status !== 0) throw new Error(stderr.toString());
  return stdout;
}

export interface NdpiImage {
  width: number;
  height: number;
  jpeg: Buffer;
  lens: number;
  focalPlane?: number;
  /** Leaves the places of the restart markers out. */
  unmarked?: boolean;
}

/**
 * A file as Hamamatsu's scanners write it: each image's JPEG stream, then its directory, which the one before names by 64 bits; places
 * are written with their low 32 bits only. `from` moves everything behind so many bytes, which the file system does not store.
 */
export async function writeNdpi(path: string, images: readonly NdpiImage[], from = 12): Promise<void> {
  const file = await open(path, 'w');
  const header = Buffer.alloc(12);
  header.write('II*\0', 'latin1');
  let at = from;
  let link = { place: 4, bytes: header };
  await file.write(header, 0, 12, 0);
  for (const image of images) {
    const start = at;
    const { jpeg, width, height, lens, focalPlane = 0 } = image;
    await file.write(jpeg, 0, jpeg.length, start);
    at += jpeg.length;
    const restarts = image.unmarked === true ? [] : restartsOf(jpeg);
    // A file may move its streams beyond 4 GB, but not one stream's parts from one another.
    const markers = Buffer.alloc(4 * restarts.length);
    restarts.forEach((one, i) => markers.writeUInt32LE(one, 4 * i));
    const markersAt = at;
    await file.write(markers, 0, markers.length, markersAt);
    at += markers.length;
    const resolution = Buffer.alloc(8);
    resolution.writeUInt32LE(Math.round((20_000 * width) / images[0]!.width), 0);
    resolution.writeUInt32LE(1, 4);
    const resolutionAt = at;
    await file.write(resolution, 0, 8, resolutionAt);
    at += 8;
    const float = Buffer.alloc(4);
    float.writeFloatLE(lens);
    const fields: [tag: number, type: number, count: number, value: number][] = [
      [256, 4, 1, width],
      [257, 4, 1, height],
      [258, 3, 1, 8],
      [259, 3, 1, 7],
      [262, 3, 1, 6],
      [273, 4, 1, low(start)],
      [277, 3, 1, 3],
      [278, 4, 1, height],
      [279, 4, 1, jpeg.length],
      [282, 5, 1, low(resolutionAt)],
      [283, 5, 1, low(resolutionAt)],
      [296, 3, 1, 3],
      [65420, 4, 1, 1],
      [65421, 11, 1, float.readUInt32LE()],
      [65422, 9, 1, 0],
      [65423, 9, 1, 0],
      [65424, 9, 1, focalPlane],
      ...(restarts.length > 1 ? [[65426, 4, restarts.length, low(markersAt)] as [number, number, number, number]] : []),
    ];
    const directory = plainDirectory(fields, 8);
    const directoryAt = at;
    await file.write(directory, 0, directory.length, directoryAt);
    at += directory.length;
    link.bytes.writeBigUInt64LE(BigInt(directoryAt), 0 + (link.place === 4 ? 4 : link.bytes.length - 8));
    await file.write(link.bytes, 0, link.bytes.length, link.place === 4 ? 0 : link.place);
    link = { place: directoryAt, bytes: directory };
  }
  await file.close();
}

const low = (place: number): number => place % 2 ** 32;

/** Of the first coded byte, and of the byte behind each restart marker. */
function restartsOf(jpeg: Buffer): number[] {
  let at = 2;
  while (jpeg[at + 1] !== 0xda) at += 2 + jpeg.readUInt16BE(at + 2);
  const found = [at + 2 + jpeg.readUInt16BE(at + 2)];
  for (let i = found[0]!; i + 1 < jpeg.length; i++)
    if (jpeg[i] === 0xff && (jpeg[i + 1]! & 0xf8) === 0xd0) found.push(i + 2);
  return found;
}
