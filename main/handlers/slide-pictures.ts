import path from 'node:path';
import type { SlideSummary, TissueSettings } from '../../preload/slides.ts';
import { VerisimError } from '../../preload/errors.ts';
import { writeFileAtomic } from '../imaging/atomic-write.ts';
import { makePyramid } from '../imaging/slide/make-pyramid.ts';
import { openSlide } from '../imaging/slide/open.ts';
import { readOverview } from '../imaging/slide/overview.ts';
import { encodePicture } from '../imaging/slide/picture-file.ts';
import { readRegion } from '../imaging/slide/region.ts';
import type { Picture, Slide } from '../imaging/slide/slide.ts';
import { summariseSlide, summaryOf } from '../imaging/slide/summary.ts';
import { maskPng } from '../imaging/slide/tiling/tile-slide.ts';
import { tissueFeatures } from '../imaging/slide/tissue/features.ts';
import { findTissue } from '../imaging/slide/tissue/mask.ts';

/** Throws what opening a slide throws. */
export function describeSlides(files: string[]): Promise<SlideSummary[]> {
  return Promise.all(files.map(summariseSlide));
}

/** A region as OpenSlide is asked for it: its corner on level 0, its size on the level. PNG or JPEG by the name of the file. */
export function saveRegion(
  file: string,
  { level, x, y, width, height }: { level: number; x: number; y: number; width: number; height: number },
  out: string,
): Promise<{ file: string }> {
  return save(file, out, (slide) => {
    const found = slide.levels[level];
    if (found === undefined) {
      throw new VerisimError(
        'InvalidInput',
        `"${file}" has levels 0 to ${slide.levels.length - 1}; there is no ${level}.`,
        {
          path: file,
          expected: `0 to ${slide.levels.length - 1}`,
          found: String(level),
        },
      );
    }
    const { downsample } = found;
    return readRegion(slide, { level, x: Math.round(x / downsample), y: Math.round(y / downsample), width, height });
  });
}

/** Label, macro or thumbnail. Throws UnknownImage. */
export function saveAssociated(file: string, name: string, out: string): Promise<{ file: string }> {
  return save(file, out, (slide) => slide.readAssociated(name));
}

/** White where tissue is. */
export async function saveMask(
  file: string,
  settings: TissueSettings,
  out: string,
): Promise<{ file: string; saturation: number; tissue: number }> {
  return withSlide(file, async (slide) => {
    const overview = await readOverview(slide);
    const scale = { downsample: overview.downsample, micronsPerPixel: slide.micronsPerPixel?.x ?? null };
    const mask = findTissue(tissueFeatures(overview), settings, scale);
    await writeFileAtomic(out, await maskPng(mask));
    const tissue = mask.values.reduce((sum, value) => sum + value, 0) / mask.values.length;
    return { file: out, saturation: mask.saturation, tissue };
  });
}

/** A flat picture as a slide. */
export async function savePyramid(source: string, out: string, micronsPerPixel: number | null): Promise<SlideSummary> {
  await makePyramid(source, out, { micronsPerPixel });
  return withSlide(out, (slide) => Promise.resolve(summaryOf(slide)));
}

function save(file: string, out: string, read: (slide: Slide) => Promise<Picture>): Promise<{ file: string }> {
  return withSlide(file, async (slide) => {
    const format = /\.jpe?g$/i.test(path.extname(out)) ? 'jpeg' : 'png';
    await writeFileAtomic(out, await encodePicture(await read(slide), { format, synthetic: slide.synthetic }));
    return { file: out };
  });
}

async function withSlide<Result>(file: string, use: (slide: Slide) => Promise<Result>): Promise<Result> {
  const slide = await openSlide(file);
  try {
    return await use(slide);
  } finally {
    await slide.close();
  }
}
