import { describe, expect, it } from 'vitest';
import {
  formatCount,
  formatNumber,
  formatParameters,
  formatPercentInterval,
  formatRelativeTime,
  formatSeconds,
  formatSecondsLeft,
} from '../../../renderer/components/quantities.ts';

const spaced = (text: string) => text.replaceAll('\u202f', ' ');
const now = Date.parse('2026-06-15T12:00:00Z');
const ago = (seconds: number) => new Date(now - seconds * 1000).toISOString();

describe('quantities', () => {
  it('carry their unit', () => {
    expect(spaced(formatParameters(7_412_345))).toBe('7.4 M');
    expect(spaced(formatCount(1_234_567))).toBe('1 234 567');
    expect(spaced(formatSeconds(0.4))).toBe('0.40 s');
    expect(spaced(formatSeconds(59.99))).toBe('1 min 0 s');
    expect(spaced(formatSeconds(94))).toBe('1 min 34 s');
    expect(spaced(formatSeconds(7500))).toBe('2 h 5 min');
    expect(spaced(formatSecondsLeft(40.4))).toBe('about 40 s left');
  });

  it('show intervals and what is not a number', () => {
    expect(spaced(formatPercentInterval({ value: 0.625, low: 0.458, high: 0.773 }))).toBe(
      '62.5 % (95 % CI 45.8 to 77.3 %)',
    );
    expect(formatNumber(-1.5, 2)).toBe('−1.50');
    expect(formatNumber(Number.POSITIVE_INFINITY, 1)).toBe('∞');
    expect(formatNumber(Number.NaN, 1)).toBe('–');
  });

  it('tell time from now', () => {
    expect(formatRelativeTime(ago(10), now)).toBe('just now');
    expect(spaced(formatRelativeTime(ago(240), now))).toBe('4 min ago');
    expect(formatRelativeTime(ago(30 * 3600), now)).toBe('yesterday');
    expect(formatRelativeTime(null, now)).toBe('–');
  });
});
