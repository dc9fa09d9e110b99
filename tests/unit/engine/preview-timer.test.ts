import { expect, it } from 'vitest';
import { previewTimer } from '../../../main/engine/preview-timer.ts';

/** The steps after which a preview is made, each step and each preview taking so many milliseconds. */
function shownSteps({ steps, stepMs, previewMs = 0 }: { steps: number; stepMs: number; previewMs?: number }): number[] {
  let nowMs = 0;
  const timer = previewTimer(steps, () => nowMs);
  return Array.from({ length: steps }, (_, i) => i + 1).filter((done) => {
    nowMs += stepMs;
    if (!timer.isDue(done)) return false;
    nowMs += previewMs;
    timer.shown(previewMs / 1000);
    return true;
  });
}

it('an image is shown about eight times while it is made, and the finished one is left to its own', () => {
  expect(shownSteps({ steps: 40, stepMs: 300 })).toEqual([5, 10, 15, 20, 25, 30, 35]);
  expect(shownSteps({ steps: 1000, stepMs: 30 })).toHaveLength(7);
  expect(shownSteps({ steps: 1, stepMs: 5000 })).toEqual([]);
});

it('nothing is shown more often than four times a second', () => {
  expect(shownSteps({ steps: 20, stepMs: 20 })).toEqual([15]);
  expect(shownSteps({ steps: 20, stepMs: 5 })).toEqual([]);
});

it('previews of a dear decoder take a fifth of the time at most', () => {
  const shown = shownSteps({ steps: 50, stepMs: 100, previewMs: 500 });
  expect(shown.length * 500).toBeLessThanOrEqual((50 * 100 + shown.length * 500) / 5 + 500);
});
