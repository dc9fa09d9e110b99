import { readFile } from 'node:fs/promises';
import { VerisimError } from '../../preload/errors.ts';
import { defaultTiling, type TilingSettings } from '../../preload/slides.ts';
import { readPolygons } from '../handlers/slide-regions.ts';
import { numberOption, required, wordOption } from './command.ts';

export const tileOptions = {
  size: { type: 'string' },
  mpp: { type: 'string' },
  magnification: { type: 'string' },
  um: { type: 'string' },
  overlap: { type: 'string', default: '0' },
  tissue: { type: 'string', default: '0.5' },
  saturation: { type: 'string' },
  texture: { type: 'string', default: '255' },
  'smallest-piece': { type: 'string', default: '40000' },
  'largest-hole': { type: 'string', default: '40000' },
  'keep-ink': { type: 'boolean', default: false },
  'least-focus': { type: 'string', default: '0' },
  normalise: { type: 'string', default: 'none' },
  regions: { type: 'string' },
  format: { type: 'string', default: 'png' },
  out: { type: 'string' },
  'dry-run': { type: 'boolean', default: false },
} as const;

export const tileOptionLines = `  --size PX           side of a patch in its own pixels: exactly that many
  --mpp F             µm per pixel of the patches, resampled exactly; that of the slide by default
  --magnification M   instead of --mpp: 10 = 1 µm, 20 = 0.5 µm, 40 = 0.25 µm per pixel
  --um F              instead of --mpp: side of a patch in µm
  --overlap PX        pixels that neighbours share; 0 by default
  --tissue SHARE      least share of tissue, 0 to 1; 0.5 by default, 0 takes everything
  --saturation S      of HSV (0–255) above which a pixel is tissue; by Otsu's method by default
  --texture T         standard deviation of brightness above which a pale pixel is tissue too; 255 (never) by default
  --smallest-piece A  in µm², smaller ones are no tissue; --largest-hole A: smaller ones are filled; 40000 each
  --keep-ink          pen marks may be tissue
  --least-focus V     variance of the Laplacian below which a patch is left out as blurred; 0 (none) by default
  --normalise METHOD  none, macenko or reinhard
  --regions FILE      GeoJSON (as QuPath writes it): only patches whose middle lies in its polygons
  --format png|jpeg
  --dry-run           only says how many patches and bytes there would be
  --out DIR           patches as QuPath names them, tiles.csv, tiles.geojson, mask.png; several slides get folders of their own`;

interface TileValues {
  size?: string | undefined;
  mpp?: string | undefined;
  magnification?: string | undefined;
  um?: string | undefined;
  overlap: string;
  tissue: string;
  saturation?: string | undefined;
  texture: string;
  'smallest-piece': string;
  'largest-hole': string;
  'keep-ink': boolean;
  'least-focus': string;
  normalise: string;
  regions?: string | undefined;
  format: string;
}

/** Throws WrongUse, InvalidInput. */
export async function readTiling(values: TileValues): Promise<TilingSettings> {
  const real = (text: string, option: string, min: number, max: number): number =>
    numberOption(text, { option, min, max, whole: false });
  const size = numberOption(required(values.size, 'size'), { option: 'size', min: 8, max: 8192 });
  return {
    size,
    micronsPerPixel: resolutionOf(values, size),
    overlap: numberOption(values.overlap, { option: 'overlap', min: 0, max: size - 1 }),
    tissueFraction: real(values.tissue, 'tissue', 0, 1),
    tissue: {
      saturation: values.saturation === undefined ? null : real(values.saturation, 'saturation', 0, 255),
      texture: real(values.texture, 'texture', 0, 255),
      smallestPieceUm2: real(values['smallest-piece'], 'smallest-piece', 0, 1e12),
      largestHoleUm2: real(values['largest-hole'], 'largest-hole', 0, 1e12),
      withoutInk: !values['keep-ink'],
      strokes: [],
    },
    leastFocus: real(values['least-focus'], 'least-focus', 0, 1e9),
    normalisation: wordOption(values.normalise, 'normalise', ['none', 'macenko', 'reinhard'] as const),
    format: wordOption(values.format, 'format', ['png', 'jpeg'] as const),
    regions: values.regions === undefined ? defaultTiling.regions : await readRegions(values.regions),
  };
}

function resolutionOf({ mpp, magnification, um }: TileValues, size: number): number | null {
  const given = [mpp, magnification, um].filter((value) => value !== undefined);
  if (given.length > 1) throw new VerisimError('WrongUse', 'Give one of --mpp, --magnification and --um.');
  if (mpp !== undefined) return numberOption(mpp, { option: 'mpp', min: 0.01, max: 1000, whole: false });
  if (magnification !== undefined) {
    return 10 / numberOption(magnification, { option: 'magnification', min: 0.1, max: 400, whole: false });
  }
  return um === undefined ? null : numberOption(um, { option: 'um', min: 1, max: 1e6, whole: false }) / size;
}

async function readRegions(file: string): Promise<TilingSettings['regions']> {
  const text = await readFile(file, 'utf8').catch((cause: unknown) =>
    Promise.reject(new VerisimError('FileNotReadable', `"${file}" cannot be read.`, { path: file, cause })),
  );
  return readPolygons(text, file);
}
