import { describe, expect, it } from 'vitest';
import { startReadingClock } from '../../../renderer/state/reading-clock.ts';

function clockAt() {
  let nowMs = 1000;
  const clock = startReadingClock(() => nowMs);
  return { clock, pass: (ms: number) => (nowMs += ms) };
}

describe('the reading clock', () => {
  it('counts nothing before the image is shown', () => {
    const { clock, pass } = clockAt();
    pass(500);
    expect(clock.elapsedMs()).toBe(0);
    clock.resume();
    pass(700);
    expect(clock.elapsedMs()).toBe(700);
  });

  it('leaves out every pause', () => {
    const { clock, pass } = clockAt();
    clock.resume();
    pass(300);
    clock.pause();
    pass(60_000);
    clock.resume();
    pass(200);
    clock.pause();
    clock.pause();
    pass(60_000);
    expect(clock.elapsedMs()).toBe(500);
    expect(clock.running).toBe(false);
  });

  it('goes on from the time already spent when an answer is changed', () => {
    let nowMs = 0;
    const clock = startReadingClock(() => nowMs, 4200);
    clock.resume();
    nowMs = 800;
    clock.resume();
    expect(clock.elapsedMs()).toBe(5000);
  });
});
