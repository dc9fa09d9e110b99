export type PlanesLayout = 'above' | 'beside';

interface Size {
  width: number;
  height: number;
}

/** Share of the space that the large plane gets. */
const largeShare = { above: 5 / 9, beside: 3 / 5 };

/** Where the large plane goes, above the two others or at their left: wherever it is shown larger. */
export function layoutFor(space: Size, plane: Size): PlanesLayout {
  const fit = (width: number, height: number) => Math.min(width / plane.width, height / plane.height);
  const above = fit(space.width, space.height * largeShare.above);
  const beside = fit(space.width * largeShare.beside, space.height);
  return beside > above ? 'beside' : 'above';
}
