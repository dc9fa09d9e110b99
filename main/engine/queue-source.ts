import { createHash } from 'node:crypto';
import type { GenerationRequest, RunDetail, Volume } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { readHeader } from '../imaging/dicom/header.ts';
import type { SyntheticSource } from '../imaging/export/synthetic-dicom.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import { fitToGrid } from '../imaging/resample.ts';
import { defaultWindow, extractChannel, extractSlice } from '../imaging/slice.ts';
import type { SliceImage } from '../imaging/slice.ts';
import { gridSpacing, planeOfGrid } from './grid-plane.ts';
import { checkMask, maskOnGrid, readMask } from './masks.ts';
import type { ModelPack } from './packs.ts';
import type { QueueDependencies } from './queue-run.ts';

/** What image to image starts from. */
export interface RunSource {
  series: IndexedSeries;
  /** The slice of the series behind image `index`. */
  sliceIndex(index: number): number;
  /** The slice on the model's grid, in stored units, channels first. */
  image(index: number): Promise<Float32Array>;
  /** Inpainting: the pixels of the model's grid to make anew are not 0; undefined where all are. */
  unknownPixels: ((index: number) => Uint8Array) | undefined;
  /** Millimetres per pixel of the model's grid over that slice. */
  spacingMm(index: number): readonly [number, number];
  /** The DICOM image it came from and where the grid lies; null for other formats. */
  origin(index: number): Promise<SyntheticSource | null>;
}

/**
 * Decodes the source series once. Its voxels must be those of the first start of the run. Throws FileNotReadable (or
 * another tag of reading) when the files are gone, HashMismatch when they are other files now, ModelDoesNotFit.
 */
export async function createSource(options: {
  run: RunDetail;
  request: GenerationRequest;
  pack: ModelPack;
  dependencies: QueueDependencies;
  signal: AbortSignal;
}): Promise<RunSource> {
  const { run, request, pack, dependencies, signal } = options;
  const { seriesId = '', sliceIndices = [] } = request.source ?? {};
  const series = dependencies.log.series.get(seriesId);
  const volume = await dependencies.readVolume(series, signal);
  checkSame({ run, series, volume, dependencies });
  const { width, height, channels } = pack.manifest.image;
  checkColour({ series, volume, pack });
  const { storedMin, storedMax } = pack.manifest.intensity;
  const window = defaultWindow(volume);
  const sliceIndex = (index: number): number => sliceIndices[index % sliceIndices.length] ?? 0;
  const slice = (index: number): SliceImage => extractSlice(volume, sliceIndex(index));
  const mask = request.inpaint === undefined ? null : await readMask(dependencies.folder, request.inpaint.maskId);
  if (mask !== null) checkMask(mask, { ...sizeOf(slice(0)), slices: volume.dimensions[2] });
  return {
    series,
    sliceIndex,
    unknownPixels:
      mask === null
        ? undefined
        : (index) => maskOnGrid(mask, { sliceIndex: sliceIndex(index), slice: slice(index), width, height }),
    image: (index) => {
      const grid = { width, height, storedMin, storedMax };
      if (channels === 1) return Promise.resolve(fitToGrid(slice(index), { ...grid, window }));
      const planes = [0, 1, 2].map((channel) => extractChannel(volume, sliceIndex(index), channel));
      return Promise.resolve(concatenated(planes.map((plane) => fitToGrid(plane, { ...grid, window: colourWindow }))));
    },
    spacingMm: (index) => gridSpacing(slice(index), { width, height }),
    origin: (index) => originOf(series, { volume, sliceIndex: sliceIndex(index), width, height }),
  };
}

function sizeOf({ width, height }: SliceImage): { columns: number; rows: number } {
  return { columns: width, rows: height };
}

/** All of the 8 bits of a colour sample. */
const colourWindow = { centre: 127.5, width: 255 };

/** A grey model takes the luminance of colour; there is nothing a colour model could take from grey. */
function checkColour(options: { series: IndexedSeries; volume: Volume; pack: ModelPack }): void {
  const { series, volume, pack } = options;
  if (pack.manifest.image.channels === 1 || volume.samplesPerVoxel === 3) return;
  throw new VerisimError(
    'ModelDoesNotFit',
    `The model ${pack.manifest.id} makes colour images, and the series ${series.summary.description || series.summary.id} is grey. Choose a colour series, a model of grey images, or generate from noise.`,
    { path: series.files[0]?.path ?? '', expected: 'a colour series', found: 'a grey series' },
  );
}

function concatenated(planes: Float32Array[]): Float32Array {
  const all = new Float32Array(planes.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const plane of planes) {
    all.set(plane, at);
    at += plane.length;
  }
  return all;
}

async function originOf(
  series: IndexedSeries,
  grid: { volume: Volume; sliceIndex: number; width: number; height: number },
): Promise<SyntheticSource | null> {
  if (series.summary.format !== 'dicom') return null;
  const single = series.files.every(({ frameCount }) => frameCount === 1);
  const file = series.files[single ? grid.sliceIndex : 0];
  if (file === undefined || (!single && series.files.length > 1)) return null;
  const { sopClassUid, sopInstanceUid, frameOfReferenceUid } = await readHeader(file.path);
  return { sopClassUid, sopInstanceUid, frameOfReferenceUid, plane: planeOfGrid(grid) };
}

function checkSame(options: {
  run: RunDetail;
  series: IndexedSeries;
  volume: Volume;
  dependencies: QueueDependencies;
}): void {
  const { run, series, volume, dependencies } = options;
  const path = series.files[0]?.path ?? '';
  const found = hashOf(volume);
  const expected = run.inputs.find((input) => input.name === 'source')?.sha256;
  if (expected === undefined) dependencies.log.runs.addInput(run.id, { name: 'source', sha256: found, path });
  else if (expected !== found) {
    throw new VerisimError(
      'HashMismatch',
      `The source series ${series.summary.description || series.summary.id} (${path}) is not the one the run began with. Put the files back, or start a new generation from the present ones.`,
      { path, expected, found },
    );
  }
}

/** SHA-256 of the grid and the rescaled voxels. */
function hashOf(volume: Volume): string {
  const { dimensions, spacingMm, scalarType, voxels } = volume;
  const hash = createHash('sha256').update(JSON.stringify({ dimensions, spacingMm, scalarType }));
  return hash.update(new Uint8Array(voxels.buffer, voxels.byteOffset, voxels.byteLength)).digest('hex');
}
