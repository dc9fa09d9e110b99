/**
 * Eigenvalues and eigenvectors of a real symmetric matrix (row-major, size × size): reduction to tridiagonal form by
 * Householder reflections, then QL steps with implicit shift (Golub and Van Loan, Matrix Computations, 8.3). Row k of
 * `vectors` belongs to value k; the order is not sorted. Throws RangeError when the steps do not converge (NaN in the matrix).
 */
export function symmetricEigen(matrix: Float64Array, size: number): { values: Float64Array; vectors: Float64Array } {
  const { diagonal, beside, reflectors } = tridiagonalise(matrix, size);
  const vectors = accumulate(reflectors, size);
  diagonalise(diagonal, beside, vectors);
  return { values: diagonal, vectors };
}

export function symmetricEigenvalues(matrix: Float64Array, size: number): Float64Array {
  const { diagonal, beside } = tridiagonalise(matrix, size);
  diagonalise(diagonal, beside, null);
  return diagonal;
}

/** H = I − scale · v vᵀ, where v begins at row k + 1 for reflector k. */
interface Reflector {
  v: Float64Array;
  scale: number;
}

function tridiagonalise(matrix: Float64Array, size: number) {
  const a = matrix.slice();
  const diagonal = new Float64Array(size);
  const beside = new Float64Array(size);
  const reflectors: Reflector[] = [];
  for (let k = 0; k < size - 1; k++) {
    diagonal[k] = a[k * size + k]!;
    const start = k + 1;
    // Only the lower triangle is kept up to date.
    const v = Float64Array.from({ length: size - start }, (_, i) => a[(start + i) * size + k]!);
    const norm = Math.sqrt(v.reduce((sum, value) => sum + value * value, 0));
    const target = v[0]! > 0 ? -norm : norm;
    beside[k] = target;
    v[0]! -= target;
    const square = v.reduce((sum, value) => sum + value * value, 0);
    const scale = square === 0 ? 0 : 2 / square;
    reflectors.push({ v, scale });
    reflect(a, { size, start, v, scale });
  }
  diagonal[size - 1] = a[size * size - 1]!;
  return { diagonal, beside, reflectors };
}

/**
 * A ← H A H on the block from `start`: A − v wᵀ − w vᵀ with p = scale·A v and w = p − (scale/2)(pᵀv) v. Reads and writes the lower
 * triangle alone, which halves the memory that passes by.
 */
function reflect(a: Float64Array, { size, start, v, scale }: { size: number; start: number } & Reflector): void {
  const { length } = v;
  const w = new Float64Array(length);
  for (let i = 0; i < length; i++) {
    const row = (start + i) * size + start;
    const own = v[i]!;
    let sum = a[row + i]! * own;
    for (let j = 0; j < i; j++) {
      const value = a[row + j]!;
      sum += value * v[j]!;
      w[j]! += value * own;
    }
    w[i]! += sum;
  }
  let overlap = 0;
  for (let i = 0; i < length; i++) {
    w[i]! *= scale;
    overlap += w[i]! * v[i]!;
  }
  for (let i = 0; i < length; i++) w[i]! -= 0.5 * scale * overlap * v[i]!;
  for (let i = 0; i < length; i++) {
    const row = (start + i) * size + start;
    const [x, y] = [v[i]!, w[i]!];
    for (let j = 0; j <= i; j++) a[row + j]! -= x * w[j]! + y * v[j]!;
  }
}

/** The transpose of the product of all reflectors. */
function accumulate(reflectors: Reflector[], size: number): Float64Array {
  const product = new Float64Array(size * size);
  for (let i = 0; i < size; i++) product[i * size + i] = 1;
  for (let k = reflectors.length - 1; k >= 0; k--) {
    const { v, scale } = reflectors[k]!;
    for (let i = k + 1; i < size; i++) {
      const row = i * size + k + 1;
      let sum = 0;
      for (let j = 0; j < v.length; j++) sum += product[row + j]! * v[j]!;
      for (let j = 0; j < v.length; j++) product[row + j]! -= scale * sum * v[j]!;
    }
  }
  return product;
}

const mostSteps = 60;

/** Turns the diagonal into the eigenvalues; `vectors`, where given, into the eigenvectors, row by row. */
function diagonalise(diagonal: Float64Array, beside: Float64Array, vectors: Float64Array | null): void {
  const size = diagonal.length;
  for (let first = 0; first < size; first++)
    for (let step = 0; ; step++) {
      let last = first;
      while (last < size - 1 && !isNegligible(beside[last]!, diagonal[last]!, diagonal[last + 1]!)) last++;
      if (last === first) break;
      if (step === mostSteps)
        throw new RangeError('The eigenvalues did not converge; the matrix holds a value that is not a number.');
      qlStep({ diagonal, beside, vectors, first, last });
    }
}

const isNegligible = (beside: number, one: number, other: number) =>
  Math.abs(beside) <= Number.EPSILON * (Math.abs(one) + Math.abs(other));

/** One implicit QL step on the unreduced block first … last, with Wilkinson's shift. */
function qlStep(block: {
  diagonal: Float64Array;
  beside: Float64Array;
  vectors: Float64Array | null;
  first: number;
  last: number;
}): void {
  const { diagonal, beside, vectors, first, last } = block;
  const half = (diagonal[first + 1]! - diagonal[first]!) / (2 * beside[first]!);
  const radius = Math.sqrt(half * half + 1);
  let bulge = diagonal[last]! - diagonal[first]! + beside[first]! / (half + (half < 0 ? -radius : radius));
  let sine = 1;
  let cosine = 1;
  let carried = 0;
  for (let i = last - 1; i >= first; i--) {
    const upper = sine * beside[i]!;
    const lower = cosine * beside[i]!;
    const length = Math.sqrt(upper * upper + bulge * bulge);
    beside[i + 1] = length;
    if (length === 0) {
      diagonal[i + 1]! -= carried;
      beside[last] = 0;
      return;
    }
    sine = upper / length;
    cosine = bulge / length;
    const shifted = diagonal[i + 1]! - carried;
    const turn = (diagonal[i]! - shifted) * sine + 2 * cosine * lower;
    carried = sine * turn;
    diagonal[i + 1] = shifted + carried;
    bulge = cosine * turn - lower;
    if (vectors !== null) rotateRows(vectors, { size: diagonal.length, row: i, sine, cosine });
  }
  diagonal[first]! -= carried;
  beside[first] = bulge;
  beside[last] = 0;
}

function rotateRows(
  vectors: Float64Array,
  { size, row, sine, cosine }: { size: number; row: number; sine: number; cosine: number },
): void {
  for (let k = row * size; k < (row + 1) * size; k++) {
    const a = vectors[k]!;
    const b = vectors[k + size]!;
    vectors[k] = cosine * a - sine * b;
    vectors[k + size] = sine * a + cosine * b;
  }
}
