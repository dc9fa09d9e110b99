import type { Rectangle } from './region-blocks.ts';
import type { Corner } from './tiles.ts';

interface Size {
  width: number;
  height: number;
}

/**
 * Neighbouring windows share this part of their side. A decoder's norms see one window, so that two differ a little in brightness where
 * they overlap: the longer they fade into each other, the less it shows.
 */
const overlap = 0.5;

/**
 * Upper left corners of the decoder's windows that reach into `inner`, row by row. They lie on one grid of the whole region, so that a
 * place is decoded from the same windows whichever block asks for it.
 */
export function windowsOver(inner: Rectangle, whole: Size, window: Size): Corner[] {
  const columns = origins({ from: inner.x, length: inner.width, limit: whole.width, side: window.width });
  const rows = origins({ from: inner.y, length: inner.height, limit: whole.height, side: window.height });
  return rows.flatMap((y) => columns.map((x) => ({ x, y })));
}

/** What all those windows see. */
export function windowsSight(inner: Rectangle, whole: Size, window: Size): Rectangle {
  const corners = windowsOver(inner, whole, window);
  const [first, last] = [corners[0] ?? inner, corners.at(-1) ?? inner];
  return {
    ...{ x: first.x, y: first.y },
    width: last.x + window.width - first.x,
    height: last.y + window.height - first.y,
  };
}

/** Throws RangeError where a window is larger than the whole. */
function origins({
  from,
  length,
  limit,
  side,
}: {
  from: number;
  length: number;
  limit: number;
  side: number;
}): number[] {
  if (side > limit) throw new RangeError(`A window of ${side} is larger than the side of ${limit}.`);
  const step = Math.max(1, Math.floor(side * (1 - overlap)));
  const last = limit - side;
  const found: number[] = [];
  for (let at = Math.max(0, Math.ceil((from - side + 1) / step)) * step; at < last && at < from + length; at += step)
    found.push(at);
  // The last window ends with the region.
  if (last < from + length && limit > from) found.push(last);
  return found;
}
