/** Pixels; the table's style gives every row this height, so that places and positions are one. */
export const rowHeight = 34;
const beyond = 12;
/** Rows come and go by so many at once: between two of these moments scrolling costs the page nothing. */
const together = 2;

/** The places of the rows that have to be there, `last` excluded: those in view and some beyond. All but counts in pixels. */
export function rowsAround(view: { scrollTop: number; height: number; total: number }): {
  first: number;
  last: number;
} {
  const { scrollTop, height, total } = view;
  // No further than the last screenful: where a filter leaves fewer runs, the space above must not hold the old place.
  const top = Math.min(Math.floor(scrollTop / rowHeight), total - Math.ceil(height / rowHeight));
  const bottom = Math.ceil((scrollTop + height) / rowHeight);
  return {
    first: Math.max(0, Math.floor((top - beyond) / together) * together),
    last: Math.min(total, Math.ceil((bottom + beyond) / together) * together),
  };
}
