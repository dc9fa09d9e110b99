import type { FileHandle } from 'node:fs/promises';
import { damaged, type SlideInstance } from './instance.ts';

/** Where the coded bytes of each frame lie in the file: one piece each, or several fragments. */
export type FramePieces = { at: number; length: number }[];

const itemHead = 8;
const blockBytes = 1 << 20;

/** Of native pixels by arithmetic; else by the extended table, or along the heads of the fragments. Throws SlideInvalid. */
export async function framePlaces(file: FileHandle, instance: SlideInstance): Promise<(frame: number) => FramePieces> {
  const { format, pixelsAt, encapsulated, extended, path } = instance;
  if (!encapsulated) {
    const length = (format.rows * format.columns * format.samplesPerPixel * format.bitsAllocated) / 8;
    return (frame) => [{ at: pixelsAt + frame * length, length }];
  }
  const { size } = await file.stat();
  const read = blockReader(file, size);
  const table = await read(pixelsAt);
  if (table === null || !table.isItem) throw damaged(path, 'an offset table', 'other bytes');
  const firstFragment = pixelsAt + itemHead + table.length;
  if (extended !== null && extended.offsets.length >= format.frameCount) {
    const { offsets, lengths } = extended;
    return (frame) => [{ at: firstFragment + (offsets[frame] ?? 0) + itemHead, length: lengths[frame] ?? 0 }];
  }
  const fragments: { offset: number; at: number; length: number }[] = [];
  for (let at = firstFragment; at + itemHead <= size;) {
    const head = await read(at);
    if (head === null || !head.isItem) break;
    fragments.push({ offset: at - firstFragment, at: at + itemHead, length: head.length });
    at += itemHead + head.length;
  }
  if (fragments.length === format.frameCount) return (frame) => fragments.slice(frame, frame + 1);
  const starts = await basicOffsets(file, pixelsAt + itemHead, table.length);
  if (starts.length < format.frameCount)
    throw damaged(path, `${format.frameCount} frames`, `${fragments.length} fragments`);
  return (frame) => {
    const [from, to] = [starts[frame] ?? Infinity, starts[frame + 1] ?? Infinity];
    return fragments.filter(({ offset }) => offset >= from && offset < to);
  };
}

/** Reads item heads through blocks, as a slide has a hundred thousand of them. */
function blockReader(file: FileHandle, size: number) {
  const block = Buffer.alloc(blockBytes);
  let [start, end] = [0, 0];
  return async (at: number): Promise<{ isItem: boolean; length: number } | null> => {
    if (at + itemHead > size) return null;
    if (at < start || at + itemHead > end) {
      const { bytesRead } = await file.read(block, 0, Math.min(blockBytes, size - at), at);
      [start, end] = [at, at + bytesRead];
    }
    const here = at - start;
    const isItem = block.readUInt16LE(here) === 0xfffe && block.readUInt16LE(here + 2) === 0xe000;
    return { isItem, length: block.readUInt32LE(here + 4) };
  };
}

async function basicOffsets(file: FileHandle, at: number, length: number): Promise<number[]> {
  const bytes = Buffer.alloc(Math.min(length, 1 << 24));
  await file.read(bytes, 0, bytes.length, at);
  return Array.from({ length: Math.floor(bytes.length / 4) }, (_, i) => bytes.readUInt32LE(4 * i));
}
