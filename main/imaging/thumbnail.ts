import type { Volume } from '../../preload/domain.ts';
import { VerisimError } from '../../preload/errors.ts';
import { loadVolume } from './load.ts';
import type { IndexedSeries } from './indexed-series.ts';
import { encodePng8 } from './png.ts';
import { fitToGrid } from './resample.ts';
import { defaultWindow, extractChannel, extractSlice } from './slice.ts';

/**
 * PNG of the middle slice, size × size, in display convention and the first window. Of a DICOM series only the file that
 * holds the middle slice is decoded. Throws what `loadVolume` throws; InvalidInput for a size below 1.
 */
export async function renderThumbnail(series: IndexedSeries, size: number): Promise<Uint8Array> {
  if (!Number.isInteger(size) || size < 1) {
    throw new VerisimError('InvalidInput', `A thumbnail cannot be ${size} pixels wide.`, {
      expected: 'a whole number from 1',
      found: String(size),
    });
  }
  const volume = await loadMiddle(series);
  const middle = Math.floor((volume.dimensions[2] - 1) / 2);
  if (volume.samplesPerVoxel === 3) return renderColour(volume, middle, size);
  const window = defaultWindow(volume);
  const values = fitToGrid(extractSlice(volume, middle), {
    width: size,
    height: size,
    window,
    storedMin: 0,
    storedMax: 255,
  });
  const grey = new Uint8Array(values.length);
  for (let i = 0; i < grey.length; i++) {
    const value = values[i] ?? 0;
    grey[i] = Math.round(volume.inverted ? 255 - value : value);
  }
  return encodePng8({ width: size, height: size, channels: 1, values: grey });
}

/** Files are sorted along the normal: the middle file holds the middle slice, or is the whole volume. */
function loadMiddle(series: IndexedSeries): Promise<Volume> {
  if (series.summary.format !== 'dicom') return loadVolume(series);
  const slicesFirst = series.files.slice(0, Math.max(1, Math.ceil(series.files.length / series.summary.frames)));
  const middle = slicesFirst[Math.floor((slicesFirst.length - 1) / 2)];
  if (middle === undefined) return loadVolume(series);
  if (middle.frameCount === 1) return loadVolume({ ...series, files: [middle] });
  const frames = middle.frames ?? Array.from({ length: middle.frameCount }, (_, i) => i);
  const frame = frames[Math.floor((frames.length - 1) / 2)] ?? 0;
  return loadVolume({ ...series, files: [{ ...middle, frameCount: 1, frames: [frame] }] });
}

function renderColour(volume: Volume, slice: number, size: number): Uint8Array {
  const rgb = new Uint8Array(size * size * 3);
  for (let channel = 0; channel < 3; channel++) {
    const values = fitToGrid(extractChannel(volume, slice, channel), {
      width: size,
      height: size,
      window: { centre: 127.5, width: 255 },
      storedMin: 0,
      storedMax: 255,
    });
    for (let i = 0; i < values.length; i++) rgb[3 * i + channel] = Math.round(values[i] ?? 0);
  }
  return encodePng8({ width: size, height: size, channels: 3, values: rgb });
}
