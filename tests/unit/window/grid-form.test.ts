import { describe, expect, it } from 'vitest';
import { combinationsOf, numbersOf } from '../../../renderer/state/grid-form.ts';

const whole = { min: 1, max: 1000, whole: true };

describe('the values of a grid', () => {
  it.each([
    ['20', [20]],
    ['10, 20,50', [10, 20, 50]],
    ['1..4', [1, 2, 3, 4]],
    ['10..50/20, 7', [10, 30, 50, 7]],
    ['5, 5, 4..6', [5, 4, 6]],
    ['', null],
    ['10,', null],
    ['0', null],
    ['1001', null],
    ['2.5', null],
    ['9..1', null],
    ['1..9/0', null],
    ['1..1e9', null],
    ['many', null],
  ])('%s', (text, numbers) => {
    expect(numbersOf(text, whole)).toEqual(numbers);
  });

  it('of fractions are the decimal ones', () => {
    expect(numbersOf('0..0.5/0.1', { min: 0, max: 1, whole: false })).toEqual([0, 0.1, 0.2, 0.3, 0.4, 0.5]);
  });

  it('make as many runs as there are combinations; an empty list leaves its parameter as it is', () => {
    expect(combinationsOf([[1, 2], [], ['a', 'b', 'c']])).toBe(6);
  });
});
