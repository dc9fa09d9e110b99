import { mkdir, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { writeError } from '../../atomic-write.ts';
import { coarsestLevel } from '../resample.ts';
import { levelAt, type Slide } from '../slide.ts';
import type { Place } from './plan.ts';

/** Rows that HDF5 stores together. */
const chunkRows = 1024;

/**
 * Upper left corners of patches as CLAM keeps them in `patches/SLIDE.h5` (Lu et al. 2021, wsi_core/WholeSlideImage.py): a data set `coords`,
 * [patches, 2] of 64-bit x and y on level 0, with the level to read and the size there as attributes. CLAM reads whole pixels of a level:
 * where patches were resampled, the size is the nearest one. Equal input gives equal bytes. Throws OutputNotWritable, DiskFull.
 */
export async function writeClamCoordinates(
  file: string,
  slide: Pick<Slide, 'levels' | 'path'>,
  { name, places, size }: { name: string; places: readonly Pick<Place, 'x' | 'y' | 'side'>[]; size: number },
): Promise<void> {
  const hdf5 = await import('h5wasm/node');
  await hdf5.ready;
  const [first] = places;
  const wanted = (first?.side ?? size) / size;
  const { index, downsample } = coarsestLevel(slide, wanted);
  const { width, height } = levelAt(slide, index);
  const corners = BigInt64Array.from(places.flatMap(({ x, y }) => [BigInt(Math.round(x)), BigInt(Math.round(y))]));
  const temporary = `${file}.part`;
  try {
    await mkdir(path.dirname(file), { recursive: true });
    whileClockStands(() => {
      const target = new hdf5.File(temporary, 'w');
      const coords = target.create_dataset({
        name: 'coords',
        data: corners,
        shape: [places.length, 2],
        maxshape: [null, 2],
        chunks: [chunkRows, 2],
        dtype: '<q',
      });
      coords.create_attribute(
        'patch_size',
        BigInt64Array.of(BigInt(Math.round((wanted * size) / downsample))),
        [],
        '<q',
      );
      coords.create_attribute('patch_level', BigInt64Array.of(BigInt(index)), [], '<q');
      coords.create_attribute('downsample', [downsample, downsample], [2], '<d');
      coords.create_attribute('downsampled_level_dim', BigInt64Array.of(BigInt(width), BigInt(height)), [2], '<q');
      coords.create_attribute('level_dim', BigInt64Array.of(BigInt(width), BigInt(height)), [2], '<q');
      coords.create_attribute('name', name);
      coords.create_attribute('save_path', 'patches');
      target.close();
    });
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw writeError(file, error);
  }
}

/** HDF5 notes when an object was made, which would make equal files differ; its clock is the one of JavaScript. */
function whileClockStands(work: () => void): void {
  const { now } = Date;
  Date.now = () => 0;
  try {
    work();
  } finally {
    Date.now = now;
  }
}
