import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { Volume } from '../../preload/domain.ts';
import { findSeries } from '../imaging/find.ts';
import type { IndexedSeries } from '../imaging/indexed-series.ts';
import { loadVolume } from '../imaging/load.ts';
import { skippedFile } from '../imaging/skipped.ts';
import { defaultWindow, extractChannel, extractSlice } from '../imaging/slice.ts';
import type { FileFacts } from './evaluate-facts.ts';
import type { ImageFolder } from './evaluate-images.ts';
import { type DecodedImage, type SetGrid, setImage, type SetImage } from './set-image.ts';

interface SeriesOptions {
  /** Names are given from here. */
  folder: string;
  grid: SetGrid;
  factsOf(inside: string): FileFacts;
}

/** Each slice of the DICOM and NIfTI series among the files. */
export async function seriesImages(
  files: string[],
  { onImage, ...options }: SeriesOptions & { onImage: (done: number) => void },
): Promise<ImageFolder> {
  const unpackFolder = await mkdtemp(path.join(os.tmpdir(), 'verisim-'));
  const images: SetImage[] = [];
  try {
    const { series, skipped } = await findSeries(files, { unpackFolder });
    for (const one of series) {
      try {
        for (const image of await slicesOf(one, options)) images.push(image);
      } catch (error) {
        skipped.push(skippedFile(one.files[0]?.path ?? options.folder, error));
      }
      onImage(images.length);
    }
    return { images, skipped };
  } finally {
    await rm(unpackFolder, { recursive: true, force: true });
  }
}

export async function slicesOf(series: IndexedSeries, { folder, grid, factsOf }: SeriesOptions): Promise<SetImage[]> {
  const volume = await loadVolume(series);
  const inside = path.relative(folder, series.files[0]?.path ?? '');
  const facts = factsOf(inside);
  const count = volume.dimensions[2];
  return Array.from({ length: count }, (_, index) => {
    const described = {
      name: count === 1 ? inside : `${inside}, slice ${index + 1}`,
      synthetic: volume.synthetic,
      modelId: '',
      patient: facts.patient || series.summary.patientId,
      label: facts.label || facts.folder,
      slide: facts.slide,
    };
    return setImage(decodedSlice(volume, index), described, grid);
  });
}

/** Grey as it is shown, colour as it is stored, which is in 8 bits. */
function decodedSlice(volume: Volume, index: number): DecodedImage {
  if (volume.samplesPerVoxel === 3) {
    const channels = [0, 1, 2].map((channel) => extractChannel(volume, index, channel));
    const planes = channels.map(({ pixels }) => pixels.map((value) => value / 255));
    return { ...channels[0]!, planes };
  }
  const window = defaultWindow(volume);
  const slice = extractSlice(volume, index);
  const low = window.centre - window.width / 2;
  const pixels = slice.pixels.map((value) => {
    const unit = Math.min(1, Math.max(0, (value - low) / window.width));
    return volume.inverted ? 1 - unit : unit;
  });
  return { ...slice, planes: [pixels] };
}
