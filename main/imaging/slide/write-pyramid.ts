import { type FileHandle, mkdir, open, rename } from 'node:fs/promises';
import path from 'node:path';
import sharp from 'sharp';
import { writeError } from '../atomic-write.ts';
import { openScratch, removeScratch } from './pyramid-scratch.ts';
import { directoryBytes, type TiffEntry } from './tiff-entries.ts';

/** Tiles row after row of tiles, or block by block of such rows; the levels above are made on the way. */
export interface PyramidWriter {
  /**
   * RGB of one tile of level 0, interleaved, `tileSide` squared; what lies beyond the picture is white. The lower right one of four that share
   * a tile of the level above comes last. Throws OutputNotWritable, DiskFull.
   */
  addTile(column: number, row: number, rgb: Uint8Array): Promise<void>;
  /** Brings all that was added to the disk; the answer, given to `createPyramid`, lets another process go on from here. */
  checkpoint(): Promise<number>;
  /** Writes the directories and gives the file its name. */
  finish(): Promise<void>;
  /** Ends without finishing; what is there stays for a later `createPyramid`. */
  leave(): Promise<void>;
}

export interface PyramidOptions {
  file: string;
  width: number;
  height: number;
  micronsPerPixel: number | null;
  description: string;
  /** An XMP packet, for the mark of synthetic content. */
  xmp: string;
  /** What `checkpoint` answered in an earlier process that wrote the same file. */
  resumeAt?: number | null;
}

export const tileSide = 256;
/**
 * At 95 the edges of JPEG's squares, on which the borders of tiles lie, had 2 % more gradient energy than other lines; at 97 they have
 * what they had before coding, for a third more bytes.
 */
const jpegQuality = 97;
const smallestSide = 256;
const tileBytes = tileSide * tileSide * 3;

export interface PyramidLevel {
  width: number;
  height: number;
  columns: number;
  rows: number;
  offsets: number[];
  byteCounts: number[];
}

/**
 * A BigTIFF pyramid with JPEG tiles, written in one go. The file has another name until it is whole. Equal tiles in equal order give equal
 * bytes, however often the work was left and gone on with. Throws OutputNotWritable, DiskFull.
 */
export async function createPyramid(options: PyramidOptions): Promise<PyramidWriter> {
  const { file, resumeAt = null } = options;
  const temporary = `${file}.part`;
  const levels = levelsOf(options.width, options.height);
  const { handle, scratch } = await guarded(file, async () => {
    await mkdir(path.dirname(file), { recursive: true });
    const opened = await open(temporary, resumeAt === null ? 'w' : 'r+');
    return { handle: opened, scratch: await openScratch(file, levels, { tileBytes, resumes: resumeAt !== null }) };
  });
  let end = resumeAt ?? 16;
  if (resumeAt !== null) {
    await guarded(file, async () => {
      await handle.truncate(end);
      await scratch.restore();
    });
  }

  async function put(index: number, at: { column: number; row: number }, rgb: Uint8Array): Promise<void> {
    const level = levels[index];
    if (level === undefined) return;
    const image = sharp(rgb, { raw: { width: tileSide, height: tileSide, channels: 3 } });
    const bytes = await image.jpeg({ quality: jpegQuality, chromaSubsampling: '4:4:4' }).toBuffer();
    const place = at.row * level.columns + at.column;
    level.offsets[place] = end;
    level.byteCounts[place] = bytes.length;
    await append(handle, bytes, end);
    await scratch.note(index, place, { offset: end, byteCount: bytes.length });
    end += bytes.length;
    await raise(index + 1, at, halved(rgb));
  }

  /** A quarter of a tile of the level above; the first one begins it, the last one that lies in the picture completes it. */
  async function raise(index: number, below: { column: number; row: number }, quarter: Uint8Array): Promise<void> {
    const under = levels[index - 1];
    if (levels[index] === undefined || under === undefined) return;
    const at = { column: below.column >> 1, row: below.row >> 1 };
    const [right, lower] = [below.column & 1, below.row & 1];
    const tile = new Uint8Array(tileBytes).fill(255);
    if (right + lower > 0) await scratch.readWaiting(index, at.column, tile);
    const half = tileSide / 2;
    for (let y = 0; y < half; y++)
      tile.set(quarter.subarray(y * half * 3, (y + 1) * half * 3), ((lower * half + y) * tileSide + right * half) * 3);
    const isLast = (right === 1 || below.column === under.columns - 1) && (lower === 1 || below.row === under.rows - 1);
    if (isLast) await put(index, at, tile);
    else await scratch.writeWaiting(index, at.column, tile);
  }

  return {
    addTile: (column, row, rgb) => guarded(file, () => put(0, { column, row }, rgb)),
    checkpoint: () =>
      guarded(file, async () => {
        await handle.datasync();
        await scratch.sync();
        return end;
      }),
    finish: () =>
      guarded(file, async () => {
        const first = end + (end % 8 === 0 ? 0 : 8 - (end % 8));
        const directories = levels.map((level, index) => entriesOf(level, { index, ...options }));
        await append(handle, directoryBytes(directories, first), first);
        const header = Buffer.alloc(16);
        header.write('II', 0, 'latin1');
        header.writeUInt16LE(43, 2);
        header.writeUInt16LE(8, 4);
        header.writeBigUInt64LE(BigInt(first), 8);
        await append(handle, header, 0);
        await handle.sync();
        await handle.close();
        await scratch.close();
        await rename(temporary, file);
        await removeScratch(file);
      }),
    async leave() {
      await handle.close().catch(() => undefined);
      await scratch.close().catch(() => undefined);
    },
  };
}

function levelsOf(width: number, height: number): PyramidLevel[] {
  const levels: PyramidLevel[] = [];
  for (let [w, h] = [width, height]; ; [w, h] = [Math.ceil(w / 2), Math.ceil(h / 2)]) {
    const [columns, rows] = [Math.ceil(w / tileSide), Math.ceil(h / tileSide)];
    const none = new Array<number>(columns * rows).fill(0);
    levels.push({ width: w, height: h, columns, rows, offsets: none, byteCounts: none.slice() });
    if (Math.max(w, h) <= smallestSide) return levels;
  }
}

/** Mean of 2 × 2 pixels. */
function halved(rgb: Uint8Array): Uint8Array {
  const half = tileSide / 2;
  const out = new Uint8Array(half * half * 3);
  for (let y = 0; y < half; y++) {
    for (let x = 0; x < half; x++) {
      const from = (2 * y * tileSide + 2 * x) * 3;
      for (let c = 0; c < 3; c++) {
        const below = from + tileSide * 3;
        out[(y * half + x) * 3 + c] =
          (rgb[from + c]! + rgb[from + 3 + c]! + rgb[below + c]! + rgb[below + 3 + c]! + 2) >> 2;
      }
    }
  }
  return out;
}

function entriesOf(
  level: PyramidLevel,
  { index, micronsPerPixel, description, xmp }: PyramidOptions & { index: number },
): TiffEntry[] {
  const scale = 2 ** index;
  const resolution: TiffEntry[] =
    micronsPerPixel === null
      ? []
      : [
          { tag: 282, type: 'rational', values: [10_000 / (micronsPerPixel * scale)] },
          { tag: 283, type: 'rational', values: [10_000 / (micronsPerPixel * scale)] },
          { tag: 296, type: 'short', values: [3] },
        ];
  return [
    { tag: 254, type: 'long', values: [index === 0 ? 0 : 1] },
    { tag: 256, type: 'long', values: [level.width] },
    { tag: 257, type: 'long', values: [level.height] },
    { tag: 258, type: 'short', values: [8, 8, 8] },
    { tag: 259, type: 'short', values: [7] },
    { tag: 262, type: 'short', values: [6] },
    { tag: 270, type: 'ascii', text: description },
    { tag: 277, type: 'short', values: [3] },
    ...resolution,
    { tag: 284, type: 'short', values: [1] },
    { tag: 305, type: 'ascii', text: 'Verisim' },
    { tag: 322, type: 'long', values: [tileSide] },
    { tag: 323, type: 'long', values: [tileSide] },
    { tag: 324, type: 'long8', values: level.offsets },
    { tag: 325, type: 'long8', values: level.byteCounts },
    // Full chroma, which readers would otherwise take for halved.
    { tag: 530, type: 'short', values: [1, 1] },
    { tag: 700, type: 'byte', text: xmp },
  ];
}

async function append(handle: FileHandle, bytes: Buffer, at: number): Promise<void> {
  await handle.write(bytes, 0, bytes.length, at);
}

async function guarded<Result>(file: string, work: () => Promise<Result>): Promise<Result> {
  return work().catch((error: unknown) => Promise.reject(writeError(file, error)));
}
