import { VerisimError } from '../../../../preload/errors.ts';

type Point = readonly [number, number];
/** Rings: the outer one first, then holes. */
export type Polygon = readonly (readonly Point[])[];

/** By the even–odd rule, so that holes are outside. */
export function isInside(polygon: Polygon, [x, y]: Point): boolean {
  let inside = false;
  for (const ring of polygon) {
    for (let i = 0, j = ring.length - 1; i < ring.length; j = i++) {
      const [[x0, y0], [x1, y1]] = [ring[i] ?? [0, 0], ring[j] ?? [0, 0]];
      if (y0 > y !== y1 > y && x < ((x1 - x0) * (y - y0)) / (y1 - y0) + x0) inside = !inside;
    }
  }
  return inside;
}

/** Polygons and multipolygons of GeoJSON as QuPath writes it: a feature, an array or a collection of them. Throws InvalidInput. */
export function readPolygons(json: string, path: string): Polygon[] {
  try {
    return polygonsOf(JSON.parse(json));
  } catch (cause) {
    throw new VerisimError('InvalidInput', `"${path}" is no GeoJSON.`, {
      path,
      expected: 'GeoJSON',
      found: String(cause),
      cause,
    });
  }
}

function polygonsOf(value: unknown): Polygon[] {
  if (Array.isArray(value)) return value.flatMap(polygonsOf);
  if (typeof value !== 'object' || value === null) return [];
  const { type, features, geometry, geometries, coordinates } = value as Record<string, unknown>;
  if (type === 'FeatureCollection') return polygonsOf(features);
  if (type === 'GeometryCollection') return polygonsOf(geometries);
  if (type === 'Feature') return polygonsOf(geometry);
  if (type === 'Polygon' && isPolygon(coordinates)) return [coordinates];
  if (type === 'MultiPolygon' && Array.isArray(coordinates)) return coordinates.filter(isPolygon);
  return [];
}

function isPolygon(value: unknown): value is Polygon {
  const isPoint = (point: unknown): boolean =>
    Array.isArray(point) && point.length >= 2 && point.every(Number.isFinite);
  return Array.isArray(value) && value.every((ring) => Array.isArray(ring) && ring.every(isPoint));
}
