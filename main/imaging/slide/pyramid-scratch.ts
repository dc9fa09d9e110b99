import { type FileHandle, open, rm } from 'node:fs/promises';
import type { PyramidLevel } from './write-pyramid.ts';

/**
 * What a pyramid that is being written needs beside its tiles, in two files, so that memory does not follow from its width and a killed
 * job can go on: the half-made tiles of the levels above (one row a level) and the place of every tile that is written.
 */
export interface PyramidScratch {
  /** A tile that waits for its other quarters, as it was put last. */
  readWaiting(level: number, column: number, rgb: Uint8Array): Promise<void>;
  writeWaiting(level: number, column: number, rgb: Uint8Array): Promise<void>;
  note(level: number, place: number, written: { offset: number; byteCount: number }): Promise<void>;
  /** Fills in the places that an earlier process noted. */
  restore(): Promise<void>;
  sync(): Promise<void>;
  close(): Promise<void>;
}

const recordBytes = 16;

export async function openScratch(
  file: string,
  levels: readonly PyramidLevel[],
  { tileBytes, resumes }: { tileBytes: number; resumes: boolean },
): Promise<PyramidScratch> {
  const mode = resumes ? 'r+' : 'w+';
  const waiting = await open(waitingName(file), mode);
  const index = await open(indexName(file), mode);
  const starts = (count: (level: PyramidLevel) => number): number[] => {
    let sum = 0;
    return levels.map((level) => (sum += count(level)) - count(level));
  };
  const firstWaiting = starts(({ columns }) => columns);
  const firstPlace = starts(({ columns, rows }) => columns * rows);
  const waitingAt = (level: number, column: number): number => ((firstWaiting[level] ?? 0) + column) * tileBytes;
  return {
    async readWaiting(level, column, rgb) {
      await waiting.read(rgb, 0, tileBytes, waitingAt(level, column));
    },
    async writeWaiting(level, column, rgb) {
      await waiting.write(rgb, 0, tileBytes, waitingAt(level, column));
    },
    async note(level, place, { offset, byteCount }) {
      const record = new Float64Array([offset, byteCount]);
      await index.write(
        new Uint8Array(record.buffer),
        0,
        recordBytes,
        ((firstPlace[level] ?? 0) + place) * recordBytes,
      );
    },
    async restore() {
      for (const [level, { offsets, byteCounts }] of levels.entries()) {
        const records = new Float64Array(2 * offsets.length);
        await readAll(index, new Uint8Array(records.buffer), (firstPlace[level] ?? 0) * recordBytes);
        for (let place = 0; place < offsets.length; place++) {
          offsets[place] = records[2 * place] ?? 0;
          byteCounts[place] = records[2 * place + 1] ?? 0;
        }
      }
    },
    async sync() {
      await waiting.datasync();
      await index.datasync();
    },
    async close() {
      await waiting.close();
      await index.close();
    },
  };
}

export async function removeScratch(file: string): Promise<void> {
  await rm(waitingName(file), { force: true });
  await rm(indexName(file), { force: true });
}

async function readAll(handle: FileHandle, bytes: Uint8Array, at: number): Promise<void> {
  for (let done = 0; done < bytes.length;) {
    const { bytesRead } = await handle.read(bytes, done, bytes.length - done, at + done);
    if (bytesRead === 0) return;
    done += bytesRead;
  }
}

function waitingName(file: string): string {
  return `${file}.part.waiting`;
}

function indexName(file: string): string {
  return `${file}.part.index`;
}
