export { readPolygons } from '../imaging/slide/tiling/polygons.ts';
