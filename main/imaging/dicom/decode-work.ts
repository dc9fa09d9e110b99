import { closeSync, openSync, readFileSync, readSync, statSync } from 'node:fs';
import type { ScalarType } from '../../../preload/domain.ts';
import { notOpened } from '../read-file.ts';
import { voxelsOver } from '../voxel-store.ts';
import { decodeFile } from './decode-file.ts';
import type { FrameShape, WantedFrame } from './decode-file.ts';
import { readSomeFrames } from './sparse-read.ts';
import { storeValues } from './store-values.ts';
import type { StoredFit } from './store-values.ts';

/** Where frames go: voxels and counts of their values lie in memory that all threads share. */
export interface VolumeTarget {
  voxels: SharedArrayBuffer;
  type: ScalarType;
  frameLength: number;
  counts: SharedArrayBuffer;
}

/** One file, or some frames of one. `bytes` are shared where several threads work on one file. */
export interface DecodeWork {
  kind: 'decode';
  path: string;
  bytes: SharedArrayBuffer | null;
  /** `k` is the place of the frame in the volume. */
  wanted: (WantedFrame & { k: number })[];
  shape: FrameShape;
  target: VolumeTarget;
}

/** Decodes frames into the volume; anything but 'all' asks for a wider type. Throws what decoding throws. */
export async function decodeWork(work: DecodeWork, thread: number): Promise<StoredFit> {
  const { path, bytes, wanted, shape, target } = work;
  const { type, frameLength, counts } = target;
  const content = bytes === null ? (readFew(path, wanted) ?? readNow(path)) : new Uint8Array(bytes);
  let next = 0;
  for (const decoded of await decodeFile(content, path, { wanted, shape })) {
    const at = (wanted[next++]?.k ?? 0) * frameLength;
    const place = voxelsOver(target.voxels, type).subarray(at, at + frameLength);
    const fit = storeValues(decoded, place, { type, counts, thread });
    if (fit !== 'all') return fit;
  }
  return 'all';
}

/** A first look wants one frame of a file that may hold hundreds. */
function readFew(path: string, wanted: DecodeWork['wanted']): Uint8Array | null {
  const [one, another] = wanted;
  if (one === undefined || another !== undefined || one.frameIndex === 0) return null;
  return readSomeFrames(path, [one.frameIndex]);
}

let buffer = Buffer.alloc(0);

/** In a thread nobody else waits for the disk. The buffer serves the next file again: fresh memory costs more than reading. */
function readNow(path: string): Uint8Array {
  try {
    const { size } = statSync(path);
    if (size > largestKept) return readFileSync(path);
    if (buffer.length < size) buffer = Buffer.allocUnsafeSlow(size + (size >> 2));
    const file = openSync(path, 'r');
    try {
      return buffer.subarray(0, readSync(file, buffer, 0, size, 0));
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw notOpened(path, cause);
  }
}

const largestKept = 32 * 2 ** 20;
