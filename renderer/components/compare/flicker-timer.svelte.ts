import type { ComparisonState } from '../../state/comparison.svelte.ts';

/**
 * Which image flicker shows. Where the system asks for reduced motion nothing alternates by itself: each press of
 * Space shows the other image once.
 */
export class FlickerTimer {
  side = $state<'left' | 'right'>('left');
  readonly reducedMotion = matchMedia('(prefers-reduced-motion: reduce)').matches;
  readonly #comparison: ComparisonState;

  constructor(comparison: ComparisonState) {
    this.#comparison = comparison;
    $effect(() => {
      const { mode, flickerHz, flickerPaused } = this.#comparison;
      if (mode !== 'flicker' || flickerPaused || this.reducedMotion) return;
      const timer = setInterval(() => this.#swap(), 500 / flickerHz);
      return () => clearInterval(timer);
    });
  }

  /** Space: pauses or goes on; while nothing moves by itself it shows the other image. */
  toggle(): void {
    if (this.reducedMotion) this.#swap();
    else this.#comparison.flickerPaused = !this.#comparison.flickerPaused;
  }

  #swap(): void {
    this.side = this.side === 'left' ? 'right' : 'left';
  }
}
