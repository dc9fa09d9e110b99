import type { Volume } from '../../preload/domain.ts';
import type { ReaderAnswer } from '../../preload/review.ts';
import { extractChannel, extractSlice } from '../imaging/slice.ts';
import type { Picture } from '../imaging/slide/slide.ts';
import type { Workspace } from './dependencies.ts';
import { fitSlices, type Grid } from './fit-slices.ts';
import { type ReviewSet, type SetContext, wrongClass } from './review-set.ts';

/** The slices of a series. Throws UnknownSeries, InvalidInput for the other class, and what reading a series throws. */
export async function openSeriesSet(
  workspace: Workspace,
  seriesId: string,
  { truth, signal }: SetContext,
): Promise<ReviewSet> {
  const series = workspace.log.series.get(seriesId);
  const { summary } = series;
  const name = summary.description || summary.modality;
  const found: ReaderAnswer = summary.synthetic ? 'synthetic' : 'real';
  if (found !== truth) throw wrongClass(`The series ${name} is ${found}`, truth, found);
  const volume = await workspace.volumes.read(series, { signal });
  const isColour = volume.samplesPerVoxel === 3;
  const { width, height } = extractSlice(volume, 0);
  const shown = async (grid: Grid): Promise<number[]> =>
    isColour ? [...Array(volume.dimensions[2]).keys()] : filledSlices(await fitSlices(volume, grid, signal));
  return {
    name,
    truth,
    isColour,
    sizes: [{ width, height, micronsPerPixel: null }],
    isUnmarked: false,
    candidates: async (grid) =>
      (await shown(grid)).map((sliceIndex) => ({
        id: `slice:${seriesId}:${sliceIndex}`,
        patient: `${summary.patientId || summary.studyId || seriesId}`,
        group: truth === 'real' ? 'real' : name,
      })),
    async image(id, grid) {
      const sliceIndex = Number(id.slice(id.lastIndexOf(':') + 1));
      const title = `${name}, slice ${sliceIndex + 1}`;
      if (isColour) return { title, picture: pictureOf(volume, sliceIndex), micronsPerPixel: null };
      return { title, pixels: (await fitSlices(volume, grid, signal))[sliceIndex] ?? new Float32Array() };
    },
  };
}

function pictureOf(volume: Volume, sliceIndex: number): Picture {
  const channels = [0, 1, 2].map((channel) => extractChannel(volume, sliceIndex, channel));
  const { width, height } = channels[0]!;
  const rgb = Uint8Array.from({ length: 3 * width * height }, (_, i) => channels[i % 3]!.pixels[Math.floor(i / 3)]!);
  return { width, height, rgb };
}

/** Bright enough to be tissue, as a share of the window. */
const tissueLevel = 0.1;

/**
 * Slices that show at least half as much tissue as the fullest one: the air above and below a body would give the real
 * images away.
 */
function filledSlices(images: Float32Array[]): number[] {
  const shares = images.map((pixels) => pixels.filter((value) => value > tissueLevel).length / pixels.length);
  const fullest = Math.max(...shares);
  return shares.flatMap((share, sliceIndex) => (share > 0 && share >= fullest / 2 ? [sliceIndex] : []));
}
