import { expect, it } from 'vitest';
import {
  emptyMask,
  markedPixels,
  type MaskRaster,
  packMask,
  paintRectangle,
  paintStroke,
} from '../../../renderer/state/mask-raster.ts';

const drawn = ({ columns, rows, values }: MaskRaster): string[] =>
  Array.from({ length: rows }, (_, row) => values.subarray(row * columns, (row + 1) * columns).join(''));

it('marks the pixels whose centres lie in a rectangle, within the slice', () => {
  const mask = emptyMask(5, 3);
  paintRectangle(mask, { left: 1, top: 1, width: 2, height: 9 }, 1);
  expect(drawn(mask)).toEqual(['00000', '01100', '01100']);
  paintRectangle(mask, { left: 2, top: 0, width: 1, height: 3 }, 0);
  expect(drawn(mask)).toEqual(['00000', '01000', '01000']);
});

it('marks a disc where the pen rests and a band where it moves, with no gaps on the way', () => {
  const dot = emptyMask(5, 5);
  paintStroke(dot, { from: [2.5, 2.5], to: [2.5, 2.5], radius: 1.2, value: 1 });
  expect(drawn(dot)).toEqual(['00000', '00100', '01110', '00100', '00000']);
  const line = emptyMask(8, 3);
  paintStroke(line, { from: [0.5, 1.5], to: [7.5, 1.5], radius: 0.4, value: 1 });
  expect(drawn(line)).toEqual(['00000000', '11111111', '00000000']);
  expect(markedPixels(line)).toBe(8);
});

it('is sent a bit a pixel, the first pixel the highest bit', () => {
  const mask = emptyMask(5, 2);
  paintRectangle(mask, { left: 0, top: 0, width: 1, height: 1 }, 1);
  paintRectangle(mask, { left: 3, top: 1, width: 1, height: 1 }, 1);
  expect([...Buffer.from(packMask(mask), 'base64')]).toEqual([0b1000_0000, 0b1000_0000]);
});
