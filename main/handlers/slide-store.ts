import { stat } from 'node:fs/promises';
import type { SlideSummary } from '../../preload/slides.ts';
import { VerisimError } from '../../preload/errors.ts';
import { openSlide } from '../imaging/slide/open.ts';
import { type Overview, readOverview } from '../imaging/slide/overview.ts';
import type { Slide } from '../imaging/slide/slide.ts';
import { type TissueFeatures, tissueFeatures } from '../imaging/slide/tissue/features.ts';
import type { SettingsLog } from '../log/settings.ts';

/** A slide that is open, and what is computed of it once. */
export interface OpenedSlide {
  slide: Slide;
  overview(): Promise<Overview>;
  features(): Promise<TissueFeatures>;
}

/** The slides that were opened, newest first, and a few of them open at a time. */
export interface SlideStore {
  list(): SlideSummary[];
  remember(slides: readonly SlideSummary[]): void;
  forget(slideId: string): Promise<void>;
  /** Throws UnknownSlide. */
  find(slideId: string): SlideSummary;
  /** Throws UnknownSlide, and what opening a slide throws. */
  open(slideId: string): Promise<OpenedSlide>;
  close(): Promise<void>;
}

const openAtOnce = 4;
const settingName = 'slides';

export function createSlideStore(settings: SettingsLog): SlideStore {
  const opened = new Map<string, { changedMs: number; slide: Promise<OpenedSlide> }>();
  const list = (): SlideSummary[] => {
    const value = settings.value(settingName) as { slides: SlideSummary[] } | null;
    return value?.slides ?? [];
  };
  const save = (slides: SlideSummary[]): void => settings.set(settingName, { slides });
  const find = (slideId: string): SlideSummary => {
    const found = list().find(({ id }) => id === slideId);
    if (found !== undefined) return found;
    throw new VerisimError('UnknownSlide', `There is no slide ${slideId}. Open it first.`, { found: slideId });
  };
  const close = async (slideId: string): Promise<void> => {
    const found = opened.get(slideId);
    opened.delete(slideId);
    const slide = await found?.slide.catch(() => null);
    await slide?.slide.close();
  };
  return {
    list,
    find,
    remember(slides) {
      const known = list().filter(({ id }) => !slides.some((one) => one.id === id));
      if (slides.length > 0) save([...slides, ...known]);
    },
    async forget(slideId) {
      find(slideId);
      save(list().filter(({ id }) => id !== slideId));
      await close(slideId);
    },
    async open(slideId) {
      const { path } = find(slideId);
      const changedMs = (await stat(path).catch(() => null))?.mtimeMs ?? 0;
      const before = opened.get(slideId);
      if (before !== undefined && before.changedMs === changedMs) {
        opened.delete(slideId);
        opened.set(slideId, before);
        return before.slide;
      }
      await close(slideId);
      const slide = openSlide(path).then(withOverview);
      opened.set(slideId, { changedMs, slide });
      slide.catch(() => opened.delete(slideId));
      const [oldest] = opened.keys();
      if (opened.size > openAtOnce && oldest !== undefined) void close(oldest);
      return slide;
    },
    async close() {
      for (const slideId of [...opened.keys()]) await close(slideId);
    },
  };
}

function withOverview(slide: Slide): OpenedSlide {
  let overview: Promise<Overview> | null = null;
  let features: Promise<TissueFeatures> | null = null;
  const read = (): Promise<Overview> => (overview ??= readOverview(slide));
  return { slide, overview: read, features: () => (features ??= read().then(tissueFeatures)) };
}
