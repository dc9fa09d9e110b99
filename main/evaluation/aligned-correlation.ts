import { spectralShape } from './spectral-shape.ts';

/** An image made ready for comparison: its fine structure at a half, a quarter and an eighth of its size. */
export interface Prepared {
  /** Coarse to fine, each twice as wide as the one before. */
  levels: Level[];
  /** Of the fine structure at a quarter of its size, as it is and mirrored. */
  shape: Float32Array;
  turnedShape: Float32Array;
  /** The fine structure at full size, made anew: kept for every image of a large set it would take too much memory. */
  fine(): Level;
}

interface Level {
  pixels: Float32Array;
  /** 1 where the image is not clipped to black or white; what is clipped says nothing. */
  known: Uint8Array;
  width: number;
  height: number;
}

const levelCount = 3;
/** Shifts are tried up to this many pixels of the coarsest level: 16 of the image. */
const coarsestShift = 2;

/**
 * Takes off brightness, contrast and slow change (the mean over about a sixteenth of the width), which windowing changes
 * and different patients share, and the finest grain, which noise changes. Both sides at least 64.
 */
export function prepare(pixels: ArrayLike<number>, { width, height }: { width: number; height: number }): Prepared {
  const fine = (): Level =>
    fineStructure({ pixels: new Float32Array(pixels), known: notClipped(pixels), width, height });
  const levels = [halved(fine())];
  for (let level = 1; level < levelCount; level++) levels.unshift(halved(levels[0]!));
  const { shape, turned } = spectralShape(levels[1]!);
  return { levels, shape, turnedShape: turned, fine };
}

/** This near to 0 or 1, in units of the range, counts as clipped. */
const clippedWithin = 0.002;

function notClipped(pixels: ArrayLike<number>): Uint8Array {
  const known = new Uint8Array(pixels.length);
  for (let i = 0; i < known.length; i++)
    known[i] = pixels[i]! > clippedWithin && pixels[i]! < 1 - clippedWithin ? 1 : 0;
  return known;
}

function fineStructure(whole: Level): Level {
  const smooth = boxed(boxed(whole, 1), 1);
  const radius = Math.max(2, Math.round(whole.width / 20));
  const slow = boxed(boxed(whole, radius), radius);
  return { ...whole, pixels: smooth.pixels.map((value, i) => value - slow.pixels[i]!) };
}

/** Pairs of candidate and mirroring that are looked at in detail. */
const refinedPairs = 6;

/**
 * Which candidate matches best, and the Pearson correlation over four mirrorings and small shifts, from −1 to 1, only where
 * both images lie over each other. All pairs are compared at an eighth and a quarter of the size (a shift by half a pixel of the eighth
 * hides a copy there), the best few at half of it, at last shifted by single pixels. Index −1 where there is no candidate.
 */
export function bestAligned(image: Prepared, candidates: readonly Prepared[]): { index: number; score: number } {
  const turned = mirrorings.map((mirror) => image.levels.map(mirror));
  const pairs = candidates.flatMap(({ levels }, index) =>
    turned.map((own, turn) => {
      const coarse = bestShift(own[0]!, levels[0]!, { x: 0, y: 0, reach: coarsestShift });
      const [x, y, score] = bestShift(own[1]!, levels[1]!, { x: 2 * coarse[0], y: 2 * coarse[1], reach: 1 });
      return { index, own, turn, levels, x, y, score };
    }),
  );
  pairs.sort((a, b) => b.score - a.score);
  const fine = pairs.length === 0 ? null : image.fine();
  const odd = mirrorings.map((mirror) => lazily(() => oddShifts(mirror(fine!))));
  let best = { index: -1, score: -1 };
  for (const { index, own, turn, levels, ...coarse } of pairs.slice(0, refinedPairs)) {
    let { x, y, score } = coarse;
    for (let level = 2; level < levelCount; level++)
      [x, y, score] = bestShift(own[level]!, levels[level]!, { x: 2 * x, y: 2 * y, reach: 1 });
    for (const { level, across, down } of odd[turn]!())
      for (let i = 0; i <= across; i++)
        for (let j = 0; j <= down; j++) score = Math.max(score, correlation(level, levels.at(-1)!, x + i, y + j));
    if (best.index === -1 || score > best.score) best = { index, score };
  }
  return best;
}

function bestShift(
  a: Level,
  b: Level,
  around: { x: number; y: number; reach: number },
): [x: number, y: number, score: number] {
  let best: [number, number, number] = [around.x, around.y, -1];
  for (let y = around.y - around.reach; y <= around.y + around.reach; y++)
    for (let x = around.x - around.reach; x <= around.x + around.reach; x++) {
      const score = correlation(a, b, x, y);
      if (score > best[2]) best = [x, y, score];
    }
  return best;
}

/** Where less of the overlap than this is not clipped, all of it counts. */
const leastKnown = 0.1;

/** Of a's pixel (i, j) with b's pixel (i + x, j + y), where a is not clipped. */
function correlation(a: Level, b: Level, x: number, y: number): number {
  return correlationOver(a, b, { x, y, clipped: false }) ?? correlationOver(a, b, { x, y, clipped: true }) ?? 0;
}

/** With or without clipped pixels; null where too few are left. */
function correlationOver(
  a: Level,
  b: Level,
  { x, y, clipped }: { x: number; y: number; clipped: boolean },
): number | null {
  const { width, height, pixels: own, known } = a;
  const other = b.pixels;
  const [left, right] = [Math.max(0, -x), Math.min(width, width - x)];
  const [top, bottom] = [Math.max(0, -y), Math.min(height, height - y)];
  let [n, sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0, 0];
  for (let j = top; j < bottom; j++) {
    const rowA = j * width;
    const rowB = (j + y) * width + x;
    for (let i = left; i < right; i++) {
      // A factor instead of a branch, which the processor would guess wrong: a third of the time.
      const counts = clipped ? 1 : known[rowA + i]!;
      const u = own[rowA + i]! * counts;
      const v = other[rowB + i]! * counts;
      n += counts;
      sa += u;
      sb += v;
      saa += u * u;
      sbb += v * v;
      sab += u * v;
    }
  }
  if (!clipped && n < leastKnown * (right - left) * (bottom - top)) return null;
  const scale = (saa - (sa * sa) / n) * (sbb - (sb * sb) / n);
  return scale <= 0 ? 0 : (sab - (sa * sb) / n) / Math.sqrt(scale);
}

const mirrorings: ((level: Level) => Level)[] = [
  (level) => level,
  (level) => moved(level, backwards, straight),
  (level) => moved(level, straight, backwards),
  (level) => moved(level, backwards, backwards),
];

/** Which of so many columns or rows comes to each place. */
type Places = (length: number) => Int32Array;

function straight(length: number): Int32Array {
  return Int32Array.from({ length }, (_, i) => i);
}

function backwards(length: number): Int32Array {
  return straight(length).reverse();
}

function moved(level: Level, across: Places, down: Places): Level {
  const { width, height } = level;
  const [columns, rows] = [across(width), down(height)];
  const pixels = new Float32Array(level.pixels.length);
  const known = new Uint8Array(pixels.length);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) {
      const from = rows[y]! * width + columns[x]!;
      pixels[y * width + x] = level.pixels[from]!;
      known[y * width + x] = level.known[from]!;
    }
  return { ...level, pixels, known };
}

/** The finest level of an image that begins a pixel later, across, down or both: halves of it lie between those of the image itself. */
function oddShifts(fine: Level): { level: Level; across: number; down: number }[] {
  return [
    [1, 0],
    [0, 1],
    [1, 1],
  ].map(([across = 0, down = 0]) => ({ level: halved(later(fine, across, down)), across, down }));
}

/** The border is repeated. */
function later(level: Level, across: number, down: number): Level {
  const by =
    (shift: number): Places =>
    (length) =>
      straight(length).map((i) => Math.min(length - 1, i + shift));
  return moved(level, by(across), by(down));
}

function lazily<Value>(make: () => Value): () => Value {
  let made: Value | undefined;
  return () => (made ??= make());
}

function halved({ pixels, known, width, height }: Level): Level {
  const size = { width: width >> 1, height: height >> 1 };
  const result = new Float32Array(size.width * size.height);
  const knownHalf = new Uint8Array(size.width * size.height);
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      const at = 2 * y * width + 2 * x;
      result[y * size.width + x] = (pixels[at]! + pixels[at + 1]! + pixels[at + width]! + pixels[at + width + 1]!) / 4;
      const of4 = known[at]! + known[at + 1]! + known[at + width]! + known[at + width + 1]!;
      knownHalf[y * size.width + x] = of4 >= 2 ? 1 : 0;
    }
  return { pixels: result, known: knownHalf, ...size };
}

/** Mean over (2 · radius + 1)², the border repeated; by running sums. */
function boxed({ pixels, width, height, known }: Level, radius: number): Level {
  const rows = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) running(pixels, rows, { start: y * width, step: 1, count: width, radius });
  const both = new Float32Array(pixels.length);
  for (let x = 0; x < width; x++) running(rows, both, { start: x, step: width, count: height, radius });
  return { pixels: both, known, width, height };
}

function running(
  from: Float32Array,
  to: Float32Array,
  { start, step, count, radius }: { start: number; step: number; count: number; radius: number },
): void {
  const at = (k: number): number => from[start + Math.min(Math.max(k, 0), count - 1) * step]!;
  let sum = 0;
  for (let k = -radius; k <= radius; k++) sum += at(k);
  for (let k = 0; k < count; k++) {
    to[start + k * step] = sum / (2 * radius + 1);
    sum += at(k + radius + 1) - at(k - radius);
  }
}
