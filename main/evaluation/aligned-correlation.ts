/** An image made ready for comparison: its fine structure at a half, a quarter and an eighth of its size. */
export interface Prepared {
  /** Coarse to fine, each twice as wide as the one before. */
  levels: Level[];
  /** The coarsest level with mean 0 and length 1: as it is, and mirrored left to right and top to bottom. */
  thumbnails: Float32Array[];
}

interface Level {
  pixels: Float32Array;
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
  const whole = { pixels: Float32Array.from(pixels), width, height };
  const smooth = boxed(boxed(whole, 1), 1);
  const radius = Math.max(2, Math.round(width / 20));
  const slow = boxed(boxed(whole, radius), radius);
  const fine = { ...whole, pixels: smooth.pixels.map((value, i) => value - slow.pixels[i]!) };
  const levels = [halved(fine)];
  for (let level = 1; level < levelCount; level++) levels.unshift(halved(levels[0]!));
  const coarse = levels[0]!;
  return { levels, thumbnails: [coarse, mirroredAcross(coarse), mirroredDown(coarse)].map(({ pixels: p }) => unit(p)) };
}

/** Pairs of candidate and mirroring that are looked at in detail. */
const refinedPairs = 6;

/**
 * Which candidate matches best, and the Pearson correlation over four mirrorings and small shifts, from −1 to 1, only where
 * both images lie over each other. All pairs are compared at an eighth of the size, the best few from coarse to fine: a
 * copy matches at every size. Index −1 where there is no candidate.
 */
export function bestAligned(image: Prepared, candidates: readonly Prepared[]): { index: number; score: number } {
  const turned = mirrorings.map((mirror) => image.levels.map(mirror));
  const pairs = candidates.flatMap(({ levels }, index) =>
    turned.map((own) => {
      const [x, y, score] = bestShift(own[0]!, levels[0]!, { x: 0, y: 0, reach: coarsestShift });
      return { index, own, levels, x, y, score };
    }),
  );
  pairs.sort((a, b) => b.score - a.score);
  let best = { index: -1, score: -1 };
  for (const { index, own, levels, ...coarse } of pairs.slice(0, refinedPairs)) {
    let { x, y, score } = coarse;
    for (let level = 1; level < levelCount; level++)
      [x, y, score] = bestShift(own[level]!, levels[level]!, { x: 2 * x, y: 2 * y, reach: 1 });
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

/** Of a's pixel (i, j) with b's pixel (i + x, j + y). */
function correlation(a: Level, b: Level, x: number, y: number): number {
  const { width, height } = a;
  const [left, right] = [Math.max(0, -x), Math.min(width, width - x)];
  const [top, bottom] = [Math.max(0, -y), Math.min(height, height - y)];
  let [sa, sb, saa, sbb, sab] = [0, 0, 0, 0, 0];
  for (let j = top; j < bottom; j++) {
    const rowA = j * width;
    const rowB = (j + y) * width + x;
    for (let i = left; i < right; i++) {
      const u = a.pixels[rowA + i]!;
      const v = b.pixels[rowB + i]!;
      sa += u;
      sb += v;
      saa += u * u;
      sbb += v * v;
      sab += u * v;
    }
  }
  const n = (right - left) * (bottom - top);
  const scale = (saa - (sa * sa) / n) * (sbb - (sb * sb) / n);
  return scale <= 0 ? 0 : (sab - (sa * sb) / n) / Math.sqrt(scale);
}

const mirrorings: ((level: Level) => Level)[] = [
  (level) => level,
  mirroredAcross,
  mirroredDown,
  (level) => mirroredDown(mirroredAcross(level)),
];

function mirroredAcross(level: Level): Level {
  const { pixels, width } = level;
  return { ...level, pixels: pixels.map((_, i) => pixels[i - (i % width) + width - 1 - (i % width)]!) };
}

function mirroredDown(level: Level): Level {
  const { pixels, width, height } = level;
  return {
    ...level,
    pixels: pixels.map((_, i) => pixels[(height - 1 - Math.floor(i / width)) * width + (i % width)]!),
  };
}

function halved({ pixels, width, height }: Level): Level {
  const size = { width: width >> 1, height: height >> 1 };
  const result = new Float32Array(size.width * size.height);
  for (let y = 0; y < size.height; y++)
    for (let x = 0; x < size.width; x++) {
      const at = 2 * y * width + 2 * x;
      result[y * size.width + x] = (pixels[at]! + pixels[at + 1]! + pixels[at + width]! + pixels[at + width + 1]!) / 4;
    }
  return { pixels: result, ...size };
}

/** Mean over (2 · radius + 1)², the border repeated; by running sums. */
function boxed({ pixels, width, height }: Level, radius: number): Level {
  const rows = new Float32Array(pixels.length);
  for (let y = 0; y < height; y++) running(pixels, rows, { start: y * width, step: 1, count: width, radius });
  const both = new Float32Array(pixels.length);
  for (let x = 0; x < width; x++) running(rows, both, { start: x, step: width, count: height, radius });
  return { pixels: both, width, height };
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

function unit(pixels: Float32Array): Float32Array {
  const mean = pixels.reduce((sum, value) => sum + value, 0) / pixels.length;
  const centred = pixels.map((value) => value - mean);
  const length = Math.sqrt(centred.reduce((sum, value) => sum + value * value, 0)) || 1;
  return centred.map((value) => value / length);
}
