/** How a row continues beyond its ends; the names are those of PyWavelets. */
export type ExtensionMode =
  | 'zero'
  | 'constant'
  | 'symmetric'
  | 'antisymmetric'
  | 'reflect'
  | 'antireflect'
  | 'periodic'
  | 'periodization'
  | 'smooth';

/**
 * The value at any place of a row of at least one value. Symmetric repeats the end value (half-sample symmetry), reflect
 * does not (whole-sample); the anti forms turn about zero or about the end value; smooth goes on along a line.
 * Periodization is periodic after a row of odd length is made even by its last value.
 */
export function valueAt(row: Float64Array, place: number, mode: ExtensionMode): number {
  const length = row.length;
  if (place >= 0 && place < length) return row[place] ?? 0;
  const first = row[0] ?? 0;
  const last = row[length - 1] ?? 0;
  const beyond = place < 0 ? -place : place - (length - 1);
  switch (mode) {
    case 'zero':
      return 0;
    case 'constant':
      return place < 0 ? first : last;
    case 'periodic':
      return row[modulo(place, length)] ?? 0;
    case 'periodization': {
      const inside = modulo(place, length + (length % 2));
      return row[Math.min(inside, length - 1)] ?? 0;
    }
    case 'symmetric':
    case 'antisymmetric': {
      const inside = modulo(place, 2 * length);
      const mirrored = inside >= length;
      const value = row[mirrored ? 2 * length - 1 - inside : inside] ?? 0;
      return mirrored && mode === 'antisymmetric' ? -value : value;
    }
    case 'reflect': {
      const inside = length === 1 ? 0 : modulo(place, 2 * length - 2);
      return row[inside < length ? inside : 2 * length - 2 - inside] ?? 0;
    }
    case 'antireflect': {
      if (length === 1) return first;
      const rest = place < 0 ? -place : 2 * (length - 1) - place;
      return 2 * (place < 0 ? first : last) - valueAt(row, rest, mode);
    }
    case 'smooth': {
      const slope = place < 0 ? first - (row[1] ?? first) : last - (row[length - 2] ?? last);
      return (place < 0 ? first : last) + beyond * slope;
    }
  }
}

function modulo(value: number, base: number): number {
  return ((value % base) + base) % base;
}
