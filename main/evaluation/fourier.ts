/**
 * |DFT|² of an image, width × height, with frequency (0, 0) first. The mean is taken off and a Hann window laid on first, so
 * that borders that do not meet make no cross. Any size: powers of two by radix 2, others by the chirp transform (Bluestein 1970).
 */
export function powerSpectrum(
  pixels: ArrayLike<number>,
  { width, height, windowed = true }: { width: number; height: number; windowed?: boolean },
): Float64Array {
  let mean = 0;
  for (let i = 0; i < pixels.length; i++) mean += pixels[i]! / pixels.length;
  const across = windowed ? hann(width) : new Float64Array(width).fill(1);
  const down = windowed ? hann(height) : new Float64Array(height).fill(1);
  const real = new Float64Array(width * height);
  const imaginary = new Float64Array(width * height);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++) real[y * width + x] = (pixels[y * width + x]! - mean) * across[x]! * down[y]!;
  const alongRows = transformOf(width);
  for (let y = 0; y < height; y++)
    alongRows(real.subarray(y * width, (y + 1) * width), imaginary.subarray(y * width, (y + 1) * width));
  const alongColumns = transformOf(height);
  const [re, im] = [new Float64Array(height), new Float64Array(height)];
  const power = new Float64Array(width * height);
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) {
      re[y] = real[y * width + x]!;
      im[y] = imaginary[y * width + x]!;
    }
    alongColumns(re, im);
    for (let y = 0; y < height; y++) power[y * width + x] = re[y]! ** 2 + im[y]! ** 2;
  }
  return power;
}

type Transform = (real: Float64Array, imaginary: Float64Array) => void;

const transforms = new Map<number, Transform>();

/** Forward, in place, unscaled. */
function transformOf(size: number): Transform {
  const known = transforms.get(size);
  if (known !== undefined) return known;
  const made = (size & (size - 1)) === 0 ? radix2(size) : chirp(size);
  transforms.set(size, made);
  return made;
}

function radix2(size: number): Transform {
  const cosines = Float64Array.from({ length: size / 2 }, (_, k) => Math.cos((2 * Math.PI * k) / size));
  const sines = Float64Array.from({ length: size / 2 }, (_, k) => -Math.sin((2 * Math.PI * k) / size));
  return (re, im) => {
    for (let i = 1, j = 0; i < size; i++) {
      let bit = size >> 1;
      for (; j & bit; bit >>= 1) j ^= bit;
      j ^= bit;
      if (i < j) {
        [re[i], re[j]] = [re[j]!, re[i]!];
        [im[i], im[j]] = [im[j]!, im[i]!];
      }
    }
    for (let length = 2; length <= size; length *= 2) {
      const half = length / 2;
      const stride = size / length;
      for (let start = 0; start < size; start += length)
        for (let k = 0; k < half; k++) {
          const [c, s] = [cosines[k * stride]!, sines[k * stride]!];
          const [a, b] = [start + k, start + k + half];
          const r = re[b]! * c - im[b]! * s;
          const i = re[b]! * s + im[b]! * c;
          re[b] = re[a]! - r;
          im[b] = im[a]! - i;
          re[a]! += r;
          im[a]! += i;
        }
    }
  };
}

/** A DFT of any length as a convolution with a chirp, done by radix 2. */
function chirp(size: number): Transform {
  const padded = 2 ** Math.ceil(Math.log2(2 * size - 1));
  const inner = radix2(padded);
  // k² mod 2·size keeps the angle exact for large k.
  const angle = Float64Array.from({ length: size }, (_, k) => (Math.PI * ((k * k) % (2 * size))) / size);
  const [kernelRe, kernelIm] = [new Float64Array(padded), new Float64Array(padded)];
  for (let k = 0; k < size; k++) {
    kernelRe[k] = kernelRe[(padded - k) % padded] = Math.cos(angle[k]!);
    kernelIm[k] = kernelIm[(padded - k) % padded] = Math.sin(angle[k]!);
  }
  inner(kernelRe, kernelIm);
  const [re, im] = [new Float64Array(padded), new Float64Array(padded)];
  return (real, imaginary) => {
    re.fill(0);
    im.fill(0);
    for (let k = 0; k < size; k++) {
      const [c, s] = [Math.cos(angle[k]!), -Math.sin(angle[k]!)];
      re[k] = real[k]! * c - imaginary[k]! * s;
      im[k] = real[k]! * s + imaginary[k]! * c;
    }
    inner(re, im);
    // The inverse transform is the forward one of the conjugate, conjugated, over its length.
    for (let k = 0; k < padded; k++) {
      const r = re[k]! * kernelRe[k]! - im[k]! * kernelIm[k]!;
      im[k] = -(re[k]! * kernelIm[k]! + im[k]! * kernelRe[k]!);
      re[k] = r;
    }
    inner(re, im);
    for (let k = 0; k < size; k++) {
      const [r, i] = [re[k]! / padded, -im[k]! / padded];
      const [c, s] = [Math.cos(angle[k]!), -Math.sin(angle[k]!)];
      real[k] = r * c - i * s;
      imaginary[k] = r * s + i * c;
    }
  };
}

/** Periodic, as for spectra. */
function hann(size: number): Float64Array {
  return Float64Array.from({ length: size }, (_, k) => 0.5 - 0.5 * Math.cos((2 * Math.PI * k) / size));
}
