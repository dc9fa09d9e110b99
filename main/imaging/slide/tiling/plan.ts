import type { TilingSettings } from '../../../../preload/slides.ts';
import { VerisimError } from '../../../../preload/errors.ts';
import type { Slide } from '../slide.ts';
import type { TissueFraction } from '../tissue/fraction.ts';
import { isInside } from './polygons.ts';

/** One place of the grid. `x`, `y` and `side` in fractions of pixels of level 0. */
export interface Place {
  index: number;
  column: number;
  row: number;
  x: number;
  y: number;
  side: number;
  tissue: number;
}

export interface TilingPlan {
  places: Place[];
  /** Places of the grid without enough tissue or outside the regions. */
  background: number;
  columns: number;
  rows: number;
  /** In pixels of level 0. */
  side: number;
  step: number;
}

/** Patches of a block are made one after another, so that the source tiles they share are decoded once. */
const blockSide = 12;
const mostPlaces = 20_000_000;

/** Pixels of level 0 along one pixel of a patch. Throws InvalidInput where the slide has no resolution and one is asked for. */
export function patchScale(
  { micronsPerPixel, path }: Pick<Slide, 'micronsPerPixel' | 'path'>,
  wanted: number | null,
): number {
  if (wanted === null) return 1;
  if (micronsPerPixel !== null) return wanted / micronsPerPixel.x;
  throw new VerisimError(
    'InvalidInput',
    `"${path}" does not say how many µm a pixel is, so that ${wanted} µm per pixel cannot be made. Tile it without --mpp, at its own pixels.`,
    { path, expected: 'a slide with its resolution', found: 'none' },
  );
}

/** The grid from the upper left corner; only whole patches. Throws InvalidInput. */
export function planTiling(
  slide: Pick<Slide, 'levels' | 'micronsPerPixel' | 'path'>,
  settings: TilingSettings,
  fraction: TissueFraction,
): TilingPlan {
  const [{ width, height } = { width: 0, height: 0 }] = slide.levels;
  const scale = patchScale(slide, settings.micronsPerPixel);
  if (settings.overlap >= settings.size) {
    throw new VerisimError(
      'InvalidInput',
      `An overlap of ${settings.overlap} leaves nothing of a patch of ${settings.size} pixels.`,
      {
        expected: `an overlap below ${settings.size}`,
        found: String(settings.overlap),
      },
    );
  }
  const [side, step] = [settings.size * scale, (settings.size - settings.overlap) * scale];
  // A patch that ends a millionth of a pixel beyond the slide does so by rounding.
  const count = (length: number): number => (length + 1e-6 < side ? 0 : Math.floor((length - side + 1e-6) / step) + 1);
  const [columns, rows] = [count(width), count(height)];
  if (columns * rows > mostPlaces) {
    throw new VerisimError(
      'TooLarge',
      `${columns} × ${rows} patches are more than ${mostPlaces}. Choose larger patches or fewer µm of overlap.`,
      {
        expected: `at most ${mostPlaces} patches`,
        found: String(columns * rows),
      },
    );
  }
  const places: Place[] = [];
  let background = 0;
  for (let row = 0; row < rows; row++) {
    for (let column = 0; column < columns; column++) {
      const [x, y] = [column * step, row * step];
      const tissue = fraction({ x, y, width: side, height: side });
      const wanted =
        settings.regions.length === 0 || settings.regions.some((one) => isInside(one, [x + side / 2, y + side / 2]));
      if (wanted && tissue >= settings.tissueFraction)
        places.push({ index: row * columns + column, column, row, x, y, side, tissue });
      else background++;
    }
  }
  return { places, background, columns, rows, side, step };
}

/** The same places, block by block. */
export function inBlocks(places: readonly Place[]): Place[] {
  const block = ({ column, row }: Place): number => Math.floor(row / blockSide) * 1e6 + Math.floor(column / blockSide);
  return places.toSorted((a, b) => block(a) - block(b) || a.index - b.index);
}

/** As QuPath names tiles: where they lie on level 0, in whole pixels. */
export function tileName(
  slide: string,
  { x, y, side }: Pick<Place, 'x' | 'y' | 'side'>,
  { size, format }: TilingSettings,
): string {
  const [left, top, width] = [Math.round(x), Math.round(y), Math.round(side)];
  const downsample = Number((side / size).toFixed(4));
  return `${slide} (d=${downsample},x=${left},y=${top},w=${width},h=${width}).${format === 'jpeg' ? 'jpg' : 'png'}`;
}
