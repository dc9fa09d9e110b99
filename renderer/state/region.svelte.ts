import type { ModelSummary } from '../../preload/domain.ts';
import type { RegionSource } from '../../preload/slides.ts';
import { networkCallsPerImage } from './generation-form.ts';
import { windowsOfRegion } from './region-windows.ts';
import { SamplingState } from './sampling.svelte.ts';

export type RegionOrigin = 'noise' | 'coarse' | 'variant' | 'detail';

interface Size {
  width: number;
  height: number;
}

/** A synthetic region as it is asked for on the Slides screen. */
export class RegionState extends SamplingState {
  /** In pixels; a region made of an outline has the size of that. */
  side = $state(512);
  origin = $state<RegionOrigin>('noise');
  coarseScale = $state<2 | 4>(4);
  strength = $state(0.5);

  constructor() {
    super();
    // One seed for every start of the application: asked for again, a region that was stopped goes on.
    this.seed = 1;
  }

  sizeOf(part: Size | null): Size {
    if (part === null) return { width: this.side, height: this.side };
    return { width: Math.max(16, part.width), height: Math.max(16, part.height) };
  }

  /** Evaluations of the network for one window, and how many windows there are, those of the coarse picture included. */
  workOf(
    model: ModelSummary,
    { source, origin }: { source: Omit<RegionSource, 'slideId'> | null; origin: RegionOrigin },
  ): { calls: number; windows: number } {
    const { sampler, steps, classId, guidance, coarseScale: scale } = this;
    const { width, height } = this.sizeOf(source);
    const small = { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
    const first = origin === 'coarse' ? windowsOfRegion(small, model.image) : 0;
    const strength = origin === 'variant' ? (source?.strength ?? 1) : null;
    const calls = networkCallsPerImage({ sampler, steps, classId, guidance, strength, inpaint: null });
    return { calls, windows: first + windowsOfRegion({ width, height }, model.image) };
  }
}
